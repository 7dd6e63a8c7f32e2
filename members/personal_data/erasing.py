"""What an erasure does with each table of this room.

An uploaded file that waits for its import, or for somebody to look at its trial, stays as it is until
then: it may hold the person, and nothing in it can be found. Free text about somebody else that names the
person cannot be found either.
"""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from core.history import wipe
from core.logs import HIDDEN
from core.models import HistoryEntry, IdempotencyKey
from files.domain import remove_file
from files.models import StoredFile
from members.models import (
    ConfidentialDetails,
    ConfidentialReading,
    Household,
    HouseholdMembership,
    Member,
    MemberImportRow,
    MemberMerge,
    MemberNote,
    NotDuplicates,
)
from members.photos import drop_photos_of_merges
from members.querysets import ERASED

from .registry import Erasure, Fate, on_erasure

# Fixed, and the same in every language: programs see it where totals are made of rows.
FIRST_NAME, LAST_NAME = "Erased", "person"
KEPT_COLUMNS = {"id", "created_at"}


def wipe_person(erasure: Erasure) -> None:
    """Every column that is not known to be harmless gets its empty value, those to come included."""
    values = {
        field.attname: field.get_default()
        for field in Member._meta.concrete_fields
        if field.name not in KEPT_COLUMNS
    }
    values |= {
        "first_name": FIRST_NAME,
        "last_name": LAST_NAME,
        "membership_status": ERASED,
        "updated_at": timezone.now(),
    }
    Member.everybody.filter(pk__in=erasure.member_ids).update(**values)


def delete_notes(erasure: Erasure) -> None:
    MemberNote.objects.filter(member__in=erasure.member_ids).delete()


def delete_details(erasure: Erasure) -> None:
    ConfidentialDetails.objects.filter(member__in=erasure.member_ids).delete()


def leave_households(erasure: Erasure) -> None:
    """A household in which nobody is left goes too, with its history: it was the person's address.

    Also one that they had left before, and one that is gone already.
    """
    places = HouseholdMembership.objects.filter(member__in=erasure.member_ids)
    ids = set(places.values_list("household_id", flat=True)) | _former_households(erasure)
    households = Household.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    there = {household.pk for household in households}
    places.delete()
    inhabited = set(
        HouseholdMembership.objects.filter(household__in=there).values_list("household_id", flat=True)
    )
    Household.objects.filter(pk__in=there - inhabited).delete()
    wipe(HistoryEntry.objects.filter(about__in=ids - inhabited))


def _former_households(erasure: Erasure) -> set[UUID]:
    left = HistoryEntry.objects.filter(
        about__in=erasure.member_ids,
        kind=HouseholdMembership._meta.label_lower,
        action=HistoryEntry.Action.DELETE,
    )
    told = [changes.get("household") for changes in left.values_list("changes", flat=True)]
    return {UUID(pair[0]) for pair in told if pair and pair[0] != HIDDEN}


def delete_photos(erasure: Erasure) -> None:
    for person in (
        Member.everybody.filter(pk__in=erasure.member_ids).exclude(photo=None).select_related("photo")
    ):
        if person.photo is not None:
            remove_file(file=person.photo)


def empty_merges(erasure: Erasure) -> None:
    """Merges of the person can no longer be undone; nor does the history tell what they brought."""
    into_them = MemberMerge.objects.filter(survivor__in=erasure.member_ids)
    into_others = MemberMerge.objects.filter(absorbed_id__in=erasure.member_ids)
    wipe(HistoryEntry.objects.filter(batch__in=list(into_others.values_list("pk", flat=True))))
    for merges in (into_them, into_others):
        drop_photos_of_merges(merges)
        merges.update(snapshot="", absorbed_name=f"{FIRST_NAME} {LAST_NAME}")


def delete_not_duplicates(erasure: Erasure) -> None:
    ids = erasure.member_ids
    NotDuplicates.objects.filter(Q(first__in=ids) | Q(second__in=ids)).delete()


def wipe_import_rows(erasure: Erasure) -> None:
    """Their rows; and of rows that made nobody, those that name their email address or both names."""
    unknown = Q()
    for email in erasure.emails:
        unknown |= Q(cells__contains=[email]) | Q(after__contains={"email": email})
    for first, last in erasure.names:
        unknown |= Q(cells__contains=[first, last])
        unknown |= Q(after__contains={"first_name": first, "last_name": last})
    theirs = Q(member_id__in=erasure.member_ids)
    if unknown:
        theirs |= Q(member_id=None) & unknown
    MemberImportRow.objects.filter(theirs).update(before={}, after={}, cells=[], errors=[])


def wipe_history(erasure: Erasure) -> None:
    wipe(HistoryEntry.objects.filter(about__in=erasure.member_ids))


def forget_answers(_erasure: Erasure) -> None:
    """Answers of the last 24 hours lie encrypted and cannot be looked through, so all of them go."""
    IdempotencyKey.objects.all().delete()


def declare() -> None:
    """Called once when the program starts; the person's own row last, since others look at it."""
    on_erasure(MemberNote, Fate.DELETED, delete_notes)
    on_erasure(StoredFile, Fate.DELETED, delete_photos)
    on_erasure(ConfidentialDetails, Fate.DELETED, delete_details)
    on_erasure(ConfidentialReading, Fate.KEPT)
    on_erasure(HouseholdMembership, Fate.DELETED, leave_households)
    # A family's; it goes with the last who was in it.
    on_erasure(Household, Fate.KEPT)
    on_erasure(MemberMerge, Fate.WIPED, empty_merges)
    on_erasure(NotDuplicates, Fate.DELETED, delete_not_duplicates)
    on_erasure(MemberImportRow, Fate.WIPED, wipe_import_rows)
    on_erasure(IdempotencyKey, Fate.DELETED, forget_answers)
    on_erasure(HistoryEntry, Fate.WIPED, wipe_history)
    on_erasure(Member, Fate.WIPED, wipe_person)
