"""The doors to everything about a person: telling it, and erasing it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.models import User
from core import context
from core.history import not_recorded, record_event
from core.models import HistoryEntry
from members import signals
from members.history.deleted import ERASURE, MERGED, PERSON, deletion_of
from members.models import ConfidentialReading, Member, MemberMerge

from . import registry
from .erasing import FIRST_NAME, LAST_NAME

# Administrators alone have it; everything about a person is more than what is confidential.
NEEDED = "settings:write"
LONGEST_REASON = 200


@transaction.atomic
def personal_data_of(*, member: Member, user: User) -> dict[str, Any]:
    """Everything about a person, from every room; that it was read is written down.

    ``{"id", "compiled_at", "sections": [{"key", "title", "labels", "rows"}]}``, a row being column ->
    value and ``labels`` column -> what it is called. Raises PermissionDenied.
    """
    if not user.has_permission(NEEDED):
        raise PermissionDenied
    ConfidentialReading.objects.create(
        reader=user,
        reader_name=str(user)[:200],
        member=member,
        subject=ConfidentialReading.Subject.HISTORY,
        object_id=member.pk,
        origin=context.origin.get(),
    )
    return {
        "id": member.pk,
        "compiled_at": timezone.now(),
        "sections": [_told(part, member) for part in registry.sections.values()],
    }


def _told(part: registry.Section, member: Member) -> dict[str, Any]:
    rows = list(part.reader(member))
    known = {
        name: field.verbose_name
        for model in reversed(part.models)
        for field in model._meta.concrete_fields
        for name in (field.name, field.attname)
    }
    labels = {**known, **part.labels}
    columns = dict.fromkeys(name for row in rows for name in row)
    return {
        "key": part.key,
        "title": str(part.title),
        "labels": {name: str(capfirst(labels.get(name, name))) for name in columns},
        "rows": rows,
    }


@transaction.atomic
def erase_member(*, member_id: UUID, user: User, reason: str) -> None:
    """Takes everything personal out of the church's records, also of somebody who was deleted.

    A row without a name stays, for totals to agree. It cannot be undone. That it was done, by whom and
    why, is in the history; ``reason`` must tell nothing personal. Raises PermissionDenied,
    ValidationError (``reason``), and Member.DoesNotExist where there is nobody to erase.
    """
    if not user.has_permission(NEEDED):
        raise PermissionDenied
    reason = " ".join(reason.split())
    if not 0 < len(reason) <= LONGEST_REASON or "\x00" in reason:
        text = _("Say why, in 1 to %(most)d characters.")
        raise ValidationError({"reason": text % {"most": LONGEST_REASON}})
    erasure = _erasure_of(member_id)
    with not_recorded():
        for treatment in registry.treatments.values():
            if treatment.erase is not None:
                treatment.erase(erasure)
    signals.member_erased.send(sender=Member, member_ids=erasure.member_ids)
    person = Member(pk=member_id, first_name=FIRST_NAME, last_name=LAST_NAME)
    record_event(person, ERASURE, reason)


def _erasure_of(member_id: UUID) -> registry.Erasure:
    """Raises Member.DoesNotExist unless the person is there, or was deleted and not erased."""
    member = Member.objects.select_for_update().filter(pk=member_id).first()
    if member is None and deletion_of(member_id) is None:
        raise Member.DoesNotExist
    ids = _with_absorbed(member_id)
    rows = Member.everybody.filter(pk__in=ids).values("first_name", "last_name", "email")
    known: list[dict[str, Any]] = [dict(row) for row in rows]
    deletions = HistoryEntry.objects.filter(
        about__in=ids, kind=PERSON, action=HistoryEntry.Action.DELETE
    ).values_list("changes", flat=True)
    known += [{name: pair[0] for name, pair in changes.items()} for changes in deletions]
    return registry.Erasure(
        member_ids=ids,
        emails=frozenset(email for row in known if (email := row.get("email"))),
        names=frozenset(
            (row["first_name"], row["last_name"]) for row in known if {"first_name", "last_name"} <= set(row)
        ),
    )


def _with_absorbed(member_id: UUID) -> frozenset[UUID]:
    """The person, and whoever went into them, one after another, and did not come back.

    A merge is deleted with the person who stayed; then the history knows who went in.
    """
    found = {member_id}
    newest: set[UUID] = found
    while newest:
        merges = MemberMerge.objects.filter(survivor__in=newest, undone_at=None)
        absorbed = set(merges.values_list("absorbed_id", flat=True)) | _absorbed_by_history(newest)
        newest = absorbed - found
        found = found | newest
    # Who is there (after a merge was undone) is a person of their own.
    there = Member.objects.filter(pk__in=found - {member_id}).values_list("pk", flat=True)
    return frozenset(found - set(there))


def _absorbed_by_history(member_ids: set[UUID]) -> set[UUID]:
    """People whose deletion belongs to a merge of which the history of ``member_ids`` tells."""
    told = HistoryEntry.objects.filter(about__in=member_ids, changes__has_key=MERGED).exclude(batch=None)
    batches = list(told.values_list("batch", flat=True))
    deletions = HistoryEntry.objects.filter(batch__in=batches, kind=PERSON, action=HistoryEntry.Action.DELETE)
    return set(deletions.values_list("object_pk", flat=True))
