"""Everything that refers to one person is made to refer to another, and noted for an undo."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, models, router, transaction
from django.db.models import Q
from django.db.models.deletion import Collector

from core.history import not_recorded, record_changed, record_removed, tracked_models
from members.models import ConfidentialDetails, HouseholdMembership, Member, NotDuplicates

from .references import Reference, references
from .snapshot import Snapshot, value_of

# Whoever merges may not see what is known in confidence, so nothing of it is lost: what stands between the
# two where both have something to say.
BETWEEN_DETAILS = {"national_id": " / ", "health": "\n\n", "safeguarding": "\n\n"}


class StillReferredToError(Exception):
    """Something refers to a person who was to go: a reference that this room does not know."""


def everything_in_the_way(instance: models.Model) -> tuple[Collector, list[models.Model]]:
    """What deleting ``instance`` would delete besides; the collector knows what it would empty."""
    collector = Collector(using=router.db_for_write(type(instance), instance=instance), origin=instance)
    collector.collect([instance])
    groups: list[Any] = [*collector.data.values(), *collector.fast_deletes]
    found = [row for group in groups for row in group]
    return collector, [row for row in found if row != instance]


def _emptied(collector: Collector) -> Iterable[tuple[Any, list[models.Model]]]:
    """Foreign keys that a deletion would set to nothing (or to a default), with their rows."""
    updates: Any = collector.field_updates
    for (field, _value), groups in updates.items():
        rows = [row for group in groups for row in group]
        if rows:
            yield field, rows


def delete_alone(member: Member) -> None:
    """Deletes a person to whom nothing refers any more. Raises StillReferredToError."""
    collector, besides = everything_in_the_way(member)
    left = {row._meta.label for row in besides} | {
        field.model._meta.label for field, _ in _emptied(collector)
    }
    if left:
        raise StillReferredToError(", ".join(sorted(left)))
    collector.delete()


class Moving:
    """Moves what refers to ``absorbed`` to ``survivor``; what cannot have both is dropped, and kept in
    ``snapshot``. ``batch`` ties the entries of the history together.
    """

    def __init__(self, *, survivor: Member, absorbed: Member, snapshot: Snapshot, batch: uuid.UUID) -> None:
        self.survivor = survivor
        self.absorbed = absorbed
        self.snapshot = snapshot
        self.batch = batch

    def everything(self) -> None:
        """First the tables with rules of their own, then what is left of every table."""
        self._households()
        self._pairs_said_to_be_two()
        self._details()
        for reference in references():
            self._reference(reference)

    def _reference(self, reference: Reference) -> None:
        rows = list(reference.rows_about(self.absorbed.pk))
        if rows and not self._moved_at_once(reference, rows):
            for row in rows:
                if not self._moved_at_once(reference, [row]):
                    self._drop(row)

    def _moved_at_once(self, reference: Reference, rows: list[models.Model]) -> bool:
        """Whether all of ``rows`` could be moved; if a constraint forbids one, none is."""
        keys = [row.pk for row in rows]
        manager = reference.model._base_manager
        try:
            with transaction.atomic():
                manager.filter(pk__in=keys).update(**{reference.attname: self.survivor.pk})
        except IntegrityError:
            return False
        self.snapshot.add_change(
            reference.model,
            keys,
            {reference.attname: str(self.survivor.pk)},
            {reference.attname: str(self.absorbed.pk)},
        )
        for row in rows:
            setattr(row, reference.attname, self.survivor.pk)
        self._record((row, {reference.name: self.absorbed}) for row in rows)
        return True

    def _record(self, changes: Iterable[tuple[models.Model, dict[str, Any]]]) -> None:
        told = [(row, before) for row, before in changes if type(row) in tracked_models()]
        record_changed(told, batch=self.batch)

    def _drop(self, row: models.Model) -> None:
        """Deletes a row with all that hangs on it, and notes the whole for an undo."""
        collector, besides = everything_in_the_way(row)
        for dropped in (row, *besides):
            self.snapshot.add_dropped(dropped)
        for field, emptied in _emptied(collector):
            for other in emptied:
                before = {field.attname: value_of(other, field)}
                self.snapshot.add_change(field.model, [other.pk], {field.attname: None}, before)
        gone = [dropped for dropped in (row, *besides) if type(dropped) in tracked_models()]
        record_removed(gone, batch=self.batch)
        with not_recorded():
            collector.delete()

    def _households(self) -> None:
        """A main household stays the only one: the survivor's, where there is one."""
        own = HouseholdMembership.objects.filter(member=self.survivor)
        lived_in = set(own.values_list("household_id", flat=True))
        theirs = list(HouseholdMembership.objects.filter(member=self.absorbed).select_related("household"))
        for row in theirs:
            if row.household_id in lived_in:
                self._drop(row)
            elif row.is_primary and lived_in:
                row.is_primary, row.member = False, self.survivor
                with not_recorded():
                    row.save(update_fields=["is_primary", "member", "updated_at"])
                guard = {"member_id": str(self.survivor.pk)}
                before = {"member_id": str(self.absorbed.pk), "is_primary": True}
                self.snapshot.add_change(HouseholdMembership, [row.pk], guard, before)
                self._record([(row, {"member": self.absorbed, "is_primary": True})])

    def _pairs_said_to_be_two(self) -> None:
        """A pair names the smaller id first, each pair once, and nobody twice."""
        for row in NotDuplicates.objects.filter(Q(first=self.absorbed) | Q(second=self.absorbed)):
            other = row.second_id if row.first_id == self.absorbed.pk else row.first_id
            first, second = sorted((other, self.survivor.pk))
            known = NotDuplicates.objects.filter(first_id=first, second_id=second)
            if other == self.survivor.pk or known.exists():
                self._drop(row)
                continue
            before = {"first_id": str(row.first_id), "second_id": str(row.second_id)}
            guard = {"first_id": str(first), "second_id": str(second)}
            NotDuplicates.objects.filter(pk=row.pk).update(first_id=first, second_id=second)
            self.snapshot.add_change(NotDuplicates, [row.pk], guard, before)

    def _details(self) -> None:
        """Confidential details of both become one, the survivor's first."""
        own = ConfidentialDetails.objects.filter(member=self.survivor).first()
        theirs = ConfidentialDetails.objects.filter(member=self.absorbed).first()
        if own is None or theirs is None:
            return
        for name, between in BETWEEN_DETAILS.items():
            had, other = getattr(own, name), getattr(theirs, name)
            if not other or other == had:
                continue
            setattr(own, name, f"{had}{between}{other}" if had else other)
            self.snapshot.add_change(ConfidentialDetails, [own.pk], {name: getattr(own, name)}, {name: had})
            self._record([(own, {name: had})])
        with not_recorded():
            own.save()
        self._drop(theirs)


def keep_one_main_household(member_ids: Iterable[uuid.UUID]) -> None:
    """Gives whoever lives somewhere and has no main household one: where they have lived the longest."""
    for member_id in member_ids:
        lived_in = list(HouseholdMembership.objects.filter(member_id=member_id).order_by("created_at", "id"))
        if lived_in and not any(row.is_primary for row in lived_in):
            lived_in[0].is_primary = True
            lived_in[0].save(update_fields=["is_primary", "updated_at"])
