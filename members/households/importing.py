"""Putting people into the households that an imported list names, many in a few statements.

Only what a row newly states of a family counts: whoever was moved by hand since stays where they are
when the same list comes once more.
"""

from __future__ import annotations

import time
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone, translation

from core.history import not_recorded, record_changed, record_created, record_removed
from core.models import HistoryEntry
from members.models import Household, HouseholdMembership, Member
from tenants.context import current_church
from tenants.tasks import enqueue

from .naming import household_name, normalized_role

PEOPLE_IN_BATCH = 500
Change = tuple[Member, Mapping[str, Any]]


@dataclass
class _Placing:
    """What one batch comes to, gathered before anything is written."""

    joining: list[HouseholdMembership] = field(default_factory=list)
    leaving: list[HouseholdMembership] = field(default_factory=list)
    # Each with the values that it had.
    changed: list[tuple[HouseholdMembership, dict[str, Any]]] = field(default_factory=list)


@transaction.atomic
def place_imported(
    *, new: Collection[Member], changed: Collection[Change] = (), batch: uuid.UUID | None = None
) -> None:
    """Places the people of whom an import states a household or a role anew.

    ``changed`` are people, locked, each with the fields that differ and what they were. A household
    is known by its ``external_key`` and made where there is none; it is called after its head and
    gets the address of its first person who has one. Another key than before moves the person out of
    the household of the former one; another role is just noted. ``batch`` names the import in the
    history. The number of statements does not grow with that of the people.
    """
    stating = [member for member in new if member.household_key]
    moving = [(member, before) for member, before in changed if "household_key" in before]
    stating += [member for member, _before in moving if member.household_key]
    noting = [member for member, before in changed if "household_role" in before and member.household_key]
    if not stating and not noting and not moving:
        return
    former_keys = {member.pk: str(before["household_key"]) for member, before in moving}
    households = _households(stating, batch=batch)
    known = _memberships([*stating, *noting, *(member for member, _before in moving)])
    placing = _Placing()
    for member in noting:
        _note_role(member, known[member.pk], placing)
    for member, _before in moving:
        _leave(member, former_keys[member.pk], known[member.pk], placing)
    for member in stating:
        _join(member, households[member.household_key], known[member.pk], placing)
    _save(placing, batch=batch)


def _households(people: Sequence[Member], *, batch: uuid.UUID | None) -> dict[str, Household]:
    """The households that the people name, by key, locked; those that were not there are made."""
    by_key: dict[str, list[Member]] = defaultdict(list)
    for member in people:
        by_key[member.household_key].append(member)
    # The condition of the partial index is written out, or PostgreSQL would not use it.
    present = Household.objects.exclude(external_key="").filter(external_key__in=sorted(by_key))
    found = {h.external_key: h for h in present.select_for_update().order_by("pk")}
    made = [_household(key, members) for key, members in by_key.items() if key not in found]
    Household.objects.bulk_create(made)
    record_created(made, batch=batch)
    return found | {household.external_key: household for household in made}


def _household(key: str, people: Sequence[Member]) -> Household:
    named = [(normalized_role(member.household_role), member.last_name) for member in people]
    return Household(
        external_key=key,
        name=household_name(named) or key,
        address=next((member.address for member in people if member.address), {}),
        mailing_address=next((member.mailing_address for member in people if member.mailing_address), {}),
    )


def _memberships(people: Iterable[Member]) -> dict[uuid.UUID, list[HouseholdMembership]]:
    """In which households each of the people is, the oldest first."""
    found: dict[uuid.UUID, list[HouseholdMembership]] = defaultdict(list)
    known = [member.pk for member in people if not member._state.adding]
    memberships = HouseholdMembership.objects.filter(member_id__in=known)
    for membership in memberships.select_related("household", "member").order_by("created_at", "id"):
        found[membership.member_id].append(membership)
    return found


def _note_role(member: Member, memberships: list[HouseholdMembership], placing: _Placing) -> None:
    role = normalized_role(member.household_role)
    for membership in memberships:
        if membership.household.external_key == member.household_key and membership.role != role:
            placing.changed.append((membership, {"role": membership.role}))
            membership.role = role


def _leave(
    member: Member, former_key: str, memberships: list[HouseholdMembership], placing: _Placing
) -> None:
    if not former_key:
        return
    for membership in memberships[:]:
        if membership.household.external_key == former_key:
            memberships.remove(membership)
            placing.leaving.append(membership)
            # Where they go to becomes their main one; without that, the oldest of the others.
            if membership.is_primary and memberships and not member.household_key:
                _make_primary(memberships[0], placing)


def _make_primary(membership: HouseholdMembership, placing: _Placing) -> None:
    placing.changed.append((membership, {"is_primary": False}))
    membership.is_primary = True


def _join(
    member: Member, household: Household, memberships: list[HouseholdMembership], placing: _Placing
) -> None:
    has_main = any(membership.is_primary for membership in memberships)
    present = next((m for m in memberships if m.household_id == household.pk), None)
    if present is None:
        role = normalized_role(member.household_role)
        placing.joining.append(
            HouseholdMembership(household=household, member=member, role=role, is_primary=not has_main)
        )
        return
    _note_role(member, memberships, placing)
    if not has_main:
        _make_primary(present, placing)


def _save(placing: _Placing, *, batch: uuid.UUID | None) -> None:
    if placing.leaving:
        with not_recorded():
            ids = [membership.pk for membership in placing.leaving]
            HouseholdMembership.objects.filter(pk__in=ids).delete()
        record_removed(placing.leaving, batch=batch)
    if placing.changed:
        now = timezone.now()
        for membership, _before in placing.changed:
            membership.updated_at = now
        HouseholdMembership.objects.bulk_update(
            [membership for membership, _before in placing.changed], ["role", "is_primary", "updated_at"]
        )
        record_changed(placing.changed, batch=batch)
    HouseholdMembership.objects.bulk_create(placing.joining)
    record_created(placing.joining, batch=batch)


# People of imports from before there were households, and of whom another program states one.


def unplaced() -> QuerySet[Member]:
    """People who state a household and have never been in one.

    Whoever left one was taken out of it by somebody, and stays out.
    """
    memberships = HouseholdMembership.objects.filter(member=OuterRef("pk"))
    former = HistoryEntry.objects.filter(about=OuterRef("pk"), kind=HouseholdMembership._meta.label_lower)
    return Member.objects.exclude(household_key="").filter(~Exists(memberships), ~Exists(former))


def place_everybody(*, seconds: float) -> bool:
    """Puts those who state a household and have never been in one into it, for about ``seconds``.

    Says whether any are left.
    """
    deadline = time.monotonic() + seconds
    with translation.override(current_church().language):
        while _place_batch():
            if time.monotonic() >= deadline:
                return unplaced().exists()
    return False


@transaction.atomic
def _place_batch() -> bool:
    # Whole families, because a household is called after its head.
    first = unplaced().order_by("household_key").values_list("household_key", flat=True)[:PEOPLE_IN_BATCH]
    keys = set(first)
    people = list(unplaced().filter(household_key__in=keys).select_for_update().order_by("pk"))
    place_imported(new=people)
    return bool(people)


def place_soon(**_event: Any) -> None:
    """Queues the work where there is some; receives each day's ``church_swept``."""
    # Deferred: the job's module imports this one.
    from members.tasks import place_people

    if unplaced().exists():
        enqueue(place_people)
