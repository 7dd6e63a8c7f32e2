"""Comparing two people, merging them, and the merges that can be undone."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.admin import may
from members.addresses import PARTS as ADDRESS_PARTS
from members.importing.fields import field_label
from members.merging import domain
from members.merging.api import MERGING
from members.merging.choices import ABSORBED, BOTH, SURVIVOR, FieldChoice, is_empty
from members.merging.undoing import NotUndoableError, undo_merge
from members.models import Member, MemberMerge
from members.phone import readable_phone
from tenants.context import current_church

from .birthdays import birthday_text
from .duplicates import contact, key_of, merge_url
from .people_pages import page_url, people_pages, shown
from .person_page import Verb, person_page, person_url
from .presentation import status_name

FOUND_SHOWN = 20
MERGES_SHOWN = 20
PREFIX = "choice-"
CHOICES = {SURVIVOR, ABSORBED}
PHONES = ("phone", "home_phone", "work_phone")


@person_page.verb(position=80)
def merge_with(request: HttpRequest, person: Member) -> Verb | None:
    """Leads to the search for the other one."""
    if not may(request, MERGING):
        return None
    return Verb(gettext("Merge with…"), page_url("person_merge", person.pk), "merge")


def shown_value(name: str, value: Any) -> str:
    """A value of a person's field as people read it."""
    if is_empty(value):
        return ""
    if isinstance(value, dict):
        parts = [str(value[part]) for part in ADDRESS_PARTS if value.get(part)]
        return ", ".join([*parts, *(str(text) for part, text in value.items() if part not in ADDRESS_PARTS)])
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if name in PHONES:
        return readable_phone(value, current_church().country)
    if name == "birth_date":
        return birthday_text(value)
    return status_name(value) if name == "membership_status" else str(value)


def _row(field: FieldChoice) -> dict[str, Any]:
    """One field with what can be chosen."""
    sides = {SURVIVOR: field.survivor, ABSORBED: field.absorbed}
    options = [
        {
            "choice": side,
            "text": shown_value(field.field, value),
            "is_chosen": field.choice == side,
            "whose": _("stays") if side == SURVIVOR else _("goes"),
        }
        for side, value in sides.items()
    ]
    if field.field == "tags":
        both = {
            "text": shown_value("tags", field.value),
            "is_chosen": field.choice == BOTH,
            "whose": _("both"),
        }
        options.append({"choice": BOTH, **both})
    return {"name": f"{PREFIX}{field.field}", "label": field_label(field.field), "options": options}


@people_pages.page(
    "<uuid:person_id>/merge/", "person_merge", permission=MERGING, methods=["GET", "HEAD", "POST"]
)
def merge(request: HttpRequest, person: Member) -> HttpResponse:
    """The search for the other one; with ``with`` in the address both side by side, and the merge itself."""
    if "with" not in request.GET:
        return _search(request, person)
    other = get_object_or_404(Member, pk=key_of(request.GET["with"]))
    choices: dict[str, Any] = {
        name.removeprefix(PREFIX): value
        for name, value in request.POST.items()
        if name.startswith(PREFIX) and value in CHOICES | ({BOTH} if name == f"{PREFIX}tags" else set())
    }
    user: Any = request.user
    try:
        if request.method == "POST":
            domain.merge_members(survivor=person, absorbed=other, choices=choices, user=user)
            text = gettext("%(absorbed)s was merged into %(survivor)s.")
            messages.success(request, text % {"absorbed": other, "survivor": person})
            return HttpResponseRedirect(page_url("people_merges"))
        preview = domain.preview_merge(survivor=person, absorbed=other, user=user)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        same = person.pk == other.pk
        return HttpResponseRedirect(page_url("person_merge", person.pk) if same else merge_url(person, other))
    return shown(
        request,
        "members/merge_page.html",
        gettext("Merge people"),
        person=person,
        other=other,
        rows=[_row(field) for field in preview.fields if field.differs],
        equal=[
            {"label": field_label(field.field), "text": shown_value(field.field, field.value)}
            for field in preview.fields
            if not field.differs and not is_empty(field.value)
        ],
        swap_url=merge_url(other, person),
        back_url=person_url(person),
    )


def _search(request: HttpRequest, person: Member) -> HttpResponse:
    typed = request.GET.get("q", "")
    # Nothing typed yet: those of the same last name come to mind first.
    found = Member.objects.matching(typed or person.last_name).exclude(pk=person.pk)[:FOUND_SHOWN]
    return shown(
        request,
        "members/merge_search.html",
        gettext("Merge with…"),
        person=person,
        typed=typed,
        found=[{**contact(other), "url": merge_url(person, other)} for other in found],
        back_url=person_url(person),
    )


@people_pages.page("merges/", "people_merges", permission=MERGING)
def merges(request: HttpRequest) -> HttpResponse:
    """Who was merged with whom, the latest first."""
    page = Paginator(domain.listed_merges(), MERGES_SHOWN).get_page(request.GET.get("page"))
    return shown(
        request,
        "members/merges_page.html",
        gettext("Merges"),
        merges=[{"merge": done, "until": domain.can_be_undone_until(done)} for done in page],
        page=page,
        tab_url=page_url("people_merges"),
    )


@people_pages.page("merges/<uuid:merge_id>/undo/", "people_merge_undo", permission=MERGING, methods=["POST"])
def undo(request: HttpRequest, merge_id: uuid.UUID) -> HttpResponse:
    """Makes two people of one again."""
    user: Any = request.user
    done = get_object_or_404(MemberMerge.objects.defer("snapshot"), pk=merge_id)
    try:
        back = undo_merge(merge=done, user=user)
    except (NotUndoableError, ValidationError) as refusal:
        messages.error(request, " ".join(getattr(refusal, "messages", [str(refusal)])))
        return HttpResponseRedirect(page_url("people_merges"))
    messages.success(request, gettext("%(name)s is back.") % {"name": back})
    return HttpResponseRedirect(person_url(back))
