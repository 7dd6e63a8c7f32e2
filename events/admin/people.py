"""Who comes to one date: the groups that its page shows, and the verbs on each."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from events.models import EventRegistration
from events.occurrences import Occurrence
from events.registrations import domain
from events.registrations.places import rows_of
from members.models import Member
from members.search import words as folded_words

Status = EventRegistration.Status
# What each verb makes of a registration.
STATUS_OF_VERB = {
    "check-in": Status.ATTENDED,
    "undo": Status.REGISTERED,
    "place": Status.REGISTERED,
    "cancel": Status.CANCELLED,
    "again": Status.REGISTERED,
}


def groups(occurrence: Occurrence) -> list[dict[str, Any]]:
    """Everybody by status, in the order of registering. One query."""
    rows = list(rows_of(occurrence).select_related("member").order_by("number"))
    titles = {
        Status.REGISTERED: _("Registered"),
        Status.WAITLISTED: _("Wait list"),
        Status.ATTENDED: _("Were there"),
        Status.CANCELLED: _("Cancelled"),
    }
    return [
        {"status": str(status), "title": title, "rows": [row for row in rows if row.status == status]}
        for status, title in titles.items()
    ]


def check_in_rows(occurrence: Occurrence, words: str) -> list[EventRegistration]:
    """Who is expected or there already, by name; with ``words``, those in whose name all of them are."""
    expected = rows_of(occurrence).holding_places().select_related("member")
    wanted = folded_words(words)
    named = [(" ".join(folded_words(row.person_name)), row) for row in expected]
    found = [(name, row) for name, row in named if all(word in name for word in wanted)]
    found.sort(key=lambda pair: (pair[1].status == Status.ATTENDED, pair[0], pair[1].number))
    return [row for _name, row in found]


def act(posted: Mapping[str, Any], occurrence: Occurrence) -> str:
    """Calls the door of the verb that was posted; answers what to say of it.

    Raises ValidationError and ObjectDoesNotExist.
    """
    verb = posted.get("verb", "")
    if verb in {"register", "attend"}:
        return _added(posted, occurrence, attends=verb == "attend")
    registration = rows_of(occurrence).get(pk=_uuid(posted.get("registration_id")))
    name = {"name": registration.person_name}
    if verb == "remove":
        domain.remove_registration(registration=registration)
        return _("The registration of %(name)s was deleted.") % name
    if verb not in STATUS_OF_VERB:
        raise ValidationError(_("Choose what to do."))
    changed = domain.change_registration(registration=registration, status=STATUS_OF_VERB[verb])
    texts = {
        Status.ATTENDED: _("%(name)s is here."),
        Status.REGISTERED: _("%(name)s has a place."),
        Status.WAITLISTED: _("%(name)s is on the wait list."),
        Status.CANCELLED: _("%(name)s does not come."),
    }
    return texts[Status(changed.status)] % name


def _added(posted: Mapping[str, Any], occurrence: Occurrence, *, attends: bool) -> str:
    who: dict[str, Any] = {"name": posted.get("name", ""), "email": posted.get("email", "")}
    if posted.get("member_id"):
        who = {"member": Member.objects.get(pk=_uuid(posted["member_id"]))}
    door = domain.record_attendance if attends else domain.register
    made = door(event=occurrence.event, occurrence_start=occurrence.recurrence_id, **who)
    texts = {
        Status.REGISTERED: _("%(name)s has a place."),
        Status.WAITLISTED: _("All places are taken: %(name)s is on the wait list."),
        Status.ATTENDED: _("%(name)s is here."),
    }
    return texts[Status(made.status)] % {"name": made.person_name}


def _uuid(text: str | None) -> uuid.UUID:
    """The id that a form sent; for anything else the one that nobody has (RFC 9562, 5.9)."""
    try:
        return uuid.UUID(text or "")
    except ValueError:
        return uuid.UUID(int=0)
