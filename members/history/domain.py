"""The doors that take a change back: one entry of a person's history, or their deletion."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from core.history_reading import Change
from core.history_restoring import make_again, row_of
from core.models import HistoryEntry
from members import domain, signals
from members.models import Household, HouseholdMembership, Member

from .deleted import PERSON, deleted_people
from .visibility import reader_for

# All that went with a person is deleted within one request, and its entries within this time.
DELETED_TOGETHER = timedelta(minutes=1)


class ChangedSinceError(Exception):
    """Fields have changed since the entry that is to be put back; ``labels`` names them."""

    def __init__(self, labels: list[str]) -> None:
        super().__init__(", ".join(labels))
        self.labels = labels


@dataclass(frozen=True)
class Return:
    """One field, or part of one, that would go back from ``now`` to ``then``."""

    change: Change
    now: Any
    then: Any

    @property
    def is_needed(self) -> bool:
        return bool(self.now != self.then)

    @property
    def changed_since(self) -> bool:
        return self.is_needed and bool(self.now != self.change.after)


def can_be_put_back(entry: HistoryEntry) -> bool:
    """Whether the entry tells of a change of a person's own fields."""
    own = entry.kind == PERSON and entry.action == HistoryEntry.Action.UPDATE
    return own and set(entry.changes) <= domain.EDITABLE


def returns_of(*, member: Member, entry: HistoryEntry, user: Any) -> list[Return]:
    """What putting ``entry`` back would change, of the fields that ``user`` sees."""
    found = []
    for change in reader_for(user).changes(entry):
        name, _dot, part = change.field.partition(".")
        known = _as_json(getattr(member, name))
        found.append(Return(change, known.get(part) if part else known, change.before))
    return [back for back in found if back.is_needed]


def _as_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


@transaction.atomic
def put_back(*, member: Member, entry: HistoryEntry, user: Any, even_if_changed: bool = False) -> Member:
    """Gives the fields of ``entry`` the values that they had before it, through ``change_member``.

    Parts of a field that the entry does not name stay. Raises ValidationError, and ChangedSinceError
    where a field has changed since and ``even_if_changed`` is not said.
    """
    if not can_be_put_back(entry) or entry.about != member.pk:
        raise ValidationError(_("Only a change of the person’s own fields can be put back."))
    locked = Member.objects.select_for_update().get(pk=member.pk)
    returns = returns_of(member=locked, entry=entry, user=user)
    if not even_if_changed and (changed := [back.change.label for back in returns if back.changed_since]):
        raise ChangedSinceError(changed)
    values: dict[str, Any] = {}
    for back in returns:
        name, _dot, part = back.change.field.partition(".")
        if not part:
            values[name] = back.then
            continue
        if name == "custom_fields":
            # The door changes the fields that are named; nothing takes one away.
            values.setdefault(name, {})[part] = back.then
            continue
        parts = values.setdefault(name, dict(getattr(locked, name)))
        if back.then is None:
            parts.pop(part, None)
        else:
            parts[part] = back.then
    return domain.change_member(member=locked, **values)


@transaction.atomic
def restore_member(*, entry: HistoryEntry) -> Member:
    """Makes a deleted person again: same id, values, tags and households. Notes and photo cannot come back.

    ``entry`` is the one about the deletion. Raises ValidationError when it is none, when the person is
    there again, went into another or was erased, and when somebody else has their key by now.
    """
    if not deleted_people().filter(pk=entry.pk).exists():
        raise ValidationError(_("This person cannot be restored."))
    member: Member = row_of(entry)
    member.photo = None
    member.refresh_search_document()
    try:
        with transaction.atomic():
            make_again(member, entry=entry)
    except IntegrityError as error:
        if "members_external_key_once" not in str(error):
            raise ValidationError(_("This person is there already.")) from error
        text = _("Another person has the key “%(key)s” by now. Take it from them first.")
        raise ValidationError({"external_key": text % {"key": member.external_key}}) from error
    _restore_households(entry)
    signals.member_restored.send(sender=Member, member=member)
    return member


def deleted_together_with(entry: HistoryEntry) -> list[HistoryEntry]:
    """The person's places in households that were deleted in the same breath, the oldest first."""
    around = (entry.timestamp - DELETED_TOGETHER, entry.timestamp + DELETED_TOGETHER)
    entries = HistoryEntry.objects.filter(
        about=entry.about,
        kind=HouseholdMembership._meta.label_lower,
        action=HistoryEntry.Action.DELETE,
        cid=entry.cid,
        timestamp__range=around,
    )
    return list(entries.order_by("timestamp"))


def _restore_households(entry: HistoryEntry) -> None:
    places = [(row_of(found), found) for found in deleted_together_with(entry)]
    for place, _found in places:
        _restore_household(place.household_id, entry)
    ids = [place.household_id for place, _found in places]
    there = set(Household.objects.select_for_update().filter(pk__in=ids).values_list("pk", flat=True))
    places = [(place, found) for place, found in places if place.household_id in there]
    # One is the main one, also where another took its place while they were being deleted.
    main = next((place for place, _found in places if place.is_primary), places[0][0] if places else None)
    for place, found in places:
        place.is_primary = place is main
        make_again(place, entry=found)


def _restore_household(household_id: Any, entry: HistoryEntry) -> None:
    """Makes a household again that went because the person was the last one in it."""
    if Household.objects.filter(pk=household_id).exists():
        return
    deletion = HistoryEntry.objects.filter(
        about=household_id,
        kind=Household._meta.label_lower,
        action=HistoryEntry.Action.DELETE,
        cid=entry.cid,
        timestamp__range=(entry.timestamp - DELETED_TOGETHER, entry.timestamp + DELETED_TOGETHER),
    ).first()
    if deletion is None:
        return
    household: Household = row_of(deletion)
    if Household.objects.exclude(external_key="").filter(external_key=household.external_key).exists():
        household.external_key = ""
    make_again(household, entry=deletion)
