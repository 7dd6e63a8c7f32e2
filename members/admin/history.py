"""The history on a person's page, and taking things back: one change, or a deletion."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.history_reading import name_values, value_names
from core.history_words import days_of, value_text
from members.history import domain
from members.history.deleted import deleted_people
from members.history.visibility import entries_for, reader_for
from members.models import HouseholdMembership, Member, SavedList

from .list_rules import MATCHES
from .people_pages import page_url, people_pages, shown
from .person_page import person_page, person_url
from .presentation import ROLE_NAMES, STATUS_NAMES

ENTRIES_ON_PAGE = 30
POSTED = ("GET", "HEAD", "POST")

name_values(Member, "membership_status", STATUS_NAMES)
name_values(Member, "household_role", ROLE_NAMES)
name_values(HouseholdMembership, "role", ROLE_NAMES)
name_values(SavedList, "rule.match", dict(MATCHES))


@person_page.tab("history", _("History"), "members/history_tab.html", position=90, permission="members:write")
def history(request: HttpRequest, person: Member) -> dict[str, Any]:
    """Who changed what, when and from where, with a way back for each change."""
    paginator = Paginator(entries_for(request.user, person.pk), ENTRIES_ON_PAGE)
    page = paginator.get_page(request.GET.get("page"))
    back = {entry.pk for entry in page if domain.can_be_put_back(entry)}
    return {
        "days": days_of(page, reader_for(request.user)),
        "page": page,
        "tab_url": person_url(person, "history"),
        "can_be_put_back": back,
    }


def _say(request: HttpRequest, refusal: ValidationError) -> None:
    for text in refusal.messages:
        messages.error(request, text)


@people_pages.page(
    "<uuid:person_id>/history/<uuid:entry_id>/put-back/",
    "person_put_back",
    permission="members:write",
    methods=POSTED,
)
def put_back(request: HttpRequest, person: Member, entry_id: uuid.UUID) -> HttpResponse:
    """Asks, naming what has changed since, and puts the fields of one entry back."""
    entry = get_object_or_404(entries_for(request.user, person.pk), pk=entry_id)
    if not domain.can_be_put_back(entry):
        raise Http404
    seen = person.updated_at.isoformat()
    if request.method == "POST" and request.POST.get("seen") != seen:
        messages.warning(request, gettext("Somebody has changed this person in the meantime. Look again."))
    elif request.method == "POST":
        try:
            domain.put_back(member=person, entry=entry, user=request.user, even_if_changed=True)
        except ValidationError as refusal:
            _say(request, refusal)
        else:
            messages.success(request, gettext("The change was put back."))
            return redirect(person_url(person, "history"))
    returns = [
        {
            "label": back.change.label,
            "now": value_text(back.now, value_names(entry.kind, back.change.field)),
            "then": value_text(back.then, value_names(entry.kind, back.change.field)),
            "changed_since": back.changed_since,
        }
        for back in domain.returns_of(member=person, entry=entry, user=request.user)
    ]
    return shown(
        request,
        "members/put_back.html",
        gettext("Put a change of %(name)s back") % {"name": person},
        person=person,
        returns=returns,
        seen=seen,
        back_url=person_url(person, "history"),
    )


@people_pages.page("deleted/", "people_deleted", permission="members:delete")
def deleted(request: HttpRequest) -> HttpResponse:
    """Who was deleted and can be restored."""
    page = Paginator(deleted_people(), ENTRIES_ON_PAGE).get_page(request.GET.get("page"))
    return shown(
        request,
        "members/deleted_people.html",
        gettext("Deleted people"),
        page=page,
        tab_url=page_url("people_deleted"),
        may_erase=request.user.has_permission("settings:write"),  # type: ignore[union-attr]  # signed in
    )


@people_pages.page(
    "deleted/<uuid:entry_id>/restore/", "person_restore", permission="members:delete", methods=POSTED
)
def restore(request: HttpRequest, entry_id: uuid.UUID) -> HttpResponse:
    """Says what comes back and what cannot, and restores."""
    entry = get_object_or_404(deleted_people(), pk=entry_id)
    if request.method == "POST":
        try:
            person = domain.restore_member(entry=entry)
        except ValidationError as refusal:
            _say(request, refusal)
        else:
            messages.success(request, gettext("%(name)s is there again.") % {"name": person})
            return redirect(person_url(person))
    return shown(
        request,
        "members/restore.html",
        gettext("Restore %(name)s") % {"name": entry.object_repr},
        entry=entry,
        back_url=page_url("people_deleted"),
    )
