"""The people whom the rows of a batch may mean: those of the church, and those of the rows before."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Q
from django.db.models.functions import Lower, Right

from members.models import Member

from .matching import MOST_CANDIDATES, Identity, identity_of

KEY_COLUMNS = {
    "email": "lower_email",
    "day": "day",
    "household": "household_key",
    "fingerprint": "import_fingerprint",
}


def identity_of_member(member: Member) -> Identity:
    return identity_of(lambda name: getattr(member, name))


class _Index:
    """People under each of the keys by which they may be found."""

    def __init__(self) -> None:
        self._by_key: dict[int, list[Member]] = {}

    def add(self, member: Member) -> None:
        for key in identity_of_member(member).found_under():
            people = self._by_key.setdefault(hash(key), [])
            if len(people) <= MOST_CANDIDATES and not any(known is member for known in people):
                people.append(member)

    def find(self, identity: Identity) -> Iterator[Member]:
        for key in identity.found_under():
            yield from self._by_key.get(hash(key), [])


class Register:
    """Finds people by what a row says of them, with a few queries for a batch.

    With ``remembers`` the people that were added and changed stay known in the batches that
    follow: a trial run saves nothing, so the database cannot give them back.
    """

    def __init__(self, *, remembers: bool) -> None:
        self._remembers = remembers
        self._remembered = _Index()
        self._remembered_ids: set[uuid.UUID] = set()
        self._batch = _Index()

    def open(self, identities: Iterable[Identity]) -> None:
        """Begins a batch: fetches everybody who may be meant by one of ``identities``."""
        self._batch = _Index()
        for member in _fetch(identities):
            if member.pk not in self._remembered_ids:
                self._batch.add(member)

    def put(self, member: Member) -> None:
        """Takes in somebody who was added, or whose values have changed."""
        if self._remembers:
            self._remembered_ids.add(member.pk)
            self._remembered.add(member)
        else:
            self._batch.add(member)

    def candidates(self, identity: Identity) -> list[tuple[Identity, Member]]:
        found: dict[uuid.UUID, Member] = {}
        for index in (self._remembered, self._batch):
            for member in index.find(identity):
                # Somebody who has changed since stands in the batch with old values.
                if index is self._remembered or member.pk not in self._remembered_ids:
                    found.setdefault(member.pk, member)
        return [(identity_of_member(member), member) for member in found.values()]


def _fetch(identities: Iterable[Identity]) -> list[Member]:
    names: set[str] = set()
    wanted: dict[str, set[str]] = {}
    for identity in identities:
        for kind, name, value in identity.found_under():
            wanted.setdefault(kind, set()).add(value)
            if name:
                names.add(name)
    people: dict[Any, Member] = {}
    if keys := wanted.pop("key", None):
        # The condition of the partial index is written out, or PostgreSQL would not use it.
        found = Member.objects.exclude(external_key="").filter(external_key__in=sorted(keys))
        people.update((member.pk, member) for member in found)
    if wanted:
        evidence = Q()
        for kind, values in wanted.items():
            evidence |= Q(**{f"{KEY_COLUMNS[kind]}__in": sorted(values)})
        found = (
            Member.objects.alias(lower_email=Lower("email"), day=Right("birth_date", 5))
            .filter(folded_name__in=sorted(names))
            .filter(evidence)
        )
        people.update((member.pk, member) for member in found)
    return list(people.values())
