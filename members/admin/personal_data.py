"""Everything about a person on a page that can be printed and kept, and erasing them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextInputWidget

from accounts.confirming import confirm_password
from accounts.forms import too_many
from core.admin import may
from core.api.renderers import JSONRenderer
from core.history_words import ORIGINS, value_text
from core.rate_limits import TooManyRequestsError
from members.history.deleted import deleted_people
from members.models import Member, MemberImportRow
from members.personal_data import domain

from .history import POSTED
from .people_pages import page_url, people_pages, shown
from .person_page import Verb, person_page, person_url
from .presentation import ROLE_NAMES, STATUS_NAMES

ACTION_WORDS = {"create": _("Added"), "update": _("Changed"), "delete": _("Deleted")}
VALUE_WORDS: dict[str, Mapping[Any, Any]] = {
    "origin": ORIGINS,
    "action": ACTION_WORDS,
    "fate": dict(MemberImportRow.Fate.choices),
    "membership_status": STATUS_NAMES,
    "household_role": ROLE_NAMES,
    "role": ROLE_NAMES,
}


@person_page.verb(position=90)
def everything_verb(request: HttpRequest, person: Member) -> Verb | None:
    if not may(request, domain.NEEDED):
        return None
    return Verb(gettext("Everything about this person"), page_url("person_everything", person.pk), "article")


@person_page.verb(position=95)
def erase_verb(request: HttpRequest, person: Member) -> Verb | None:
    if not may(request, domain.NEEDED):
        return None
    return Verb(gettext("Erase…"), page_url("person_erase", person.pk), "person_remove")


@people_pages.page("<uuid:person_id>/everything/", "person_everything", permission=domain.NEEDED)
def everything(request: HttpRequest, person: Member) -> HttpResponse:
    """On the page, or as a file with ``?as=json`` or ``?as=html``."""
    user: Any = request.user
    data = domain.personal_data_of(member=person, user=user)
    if request.GET.get("as") == "json":
        return _file(JSONRenderer().render(data), "application/json", "json", person)
    content = {"person": person, "compiled_at": data["compiled_at"], "sections": _readable(data)}
    if request.GET.get("as") == "html":
        page = render_to_string("members/everything_file.html", content)
        return _file(page.encode(), "text/html; charset=utf-8", "html", person)
    title = gettext("Everything about %(name)s") % {"name": person}
    return shown(request, "members/everything.html", title, back_url=person_url(person), **content)


def _readable(data: dict[str, Any]) -> list[dict[str, Any]]:
    """The sections with what is empty left out and values as texts."""
    return [
        {
            "title": section["title"],
            "rows": [
                [
                    (section["labels"][name], text)
                    for name, value in row.items()
                    if (text := _text(name, value))
                ]
                for row in section["rows"]
            ],
        }
        for section in data["sections"]
    ]


def _text(name: str, value: Any) -> Any:
    known = VALUE_WORDS.get(name, {})
    if isinstance(value, str) and value in known:
        return known[value]
    # The template shows times as the church writes them.
    if hasattr(value, "astimezone"):
        return value
    if isinstance(value, list) and value and isinstance(value[0], dict) and "label" in value[0]:
        return "; ".join(
            f"{change['label']}: {value_text(change['before'], {})} → {value_text(change['after'], {})}"
            for change in value
        )
    return value_text(value, {})


def _file(content: bytes, content_type: str, ending: str, person: Member) -> HttpResponse:
    headers = {
        "Content-Disposition": f'attachment; filename="person-{person.pk}.{ending}"',
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(content, content_type=content_type, headers=headers)


class ErasureForm(forms.Form):
    """Why, and the password of who asks."""

    reason = forms.CharField(
        label=_("Why"),
        max_length=domain.LONGEST_REASON,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
        help_text=_("Stays in the history. Write nothing personal, for example “asked for it by letter”."),
    )
    password = forms.CharField(
        label=_("Your password"),
        max_length=1024,
        strip=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "current-password"}),
    )


@people_pages.page("<uuid:person_id>/erase/", "person_erase", permission=domain.NEEDED, methods=POSTED)
def erase(request: HttpRequest, person: Member) -> HttpResponse:
    """Says what will happen, asks for the password, and erases."""
    return _erase(request, member_id=person.pk, name=str(person), back_url=person_url(person))


@people_pages.page(
    "deleted/<uuid:entry_id>/erase/", "deleted_person_erase", permission=domain.NEEDED, methods=POSTED
)
def erase_deleted(request: HttpRequest, entry_id: uuid.UUID) -> HttpResponse:
    """The same for somebody who was deleted, of whom the history still tells."""
    entry = get_object_or_404(deleted_people(), pk=entry_id)
    back_url = page_url("people_deleted")
    return _erase(request, member_id=entry.object_pk, name=entry.object_repr, back_url=back_url)


def _erase(request: HttpRequest, *, member_id: uuid.UUID, name: str, back_url: str) -> HttpResponse:
    user: Any = request.user
    form = ErasureForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            confirm_password(user=user, password=form.cleaned_data["password"])
            domain.erase_member(member_id=member_id, user=user, reason=form.cleaned_data["reason"])
        except TooManyRequestsError as error:
            form.add_error("password", too_many(error))
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, gettext("The person was erased."))
            return redirect("admin:members_member_changelist")
    title = gettext("Erase %(name)s") % {"name": name}
    return shown(request, "members/erase.html", title, form=form, name=name, back_url=back_url)
