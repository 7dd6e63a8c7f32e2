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


class _Index:
    """People under each of the keys by which they may be found."""

    def __init__(self) -> None:
        self._people: dict[uuid.UUID, tuple[Identity, Member]] = {}
        self._by_key: dict[int, list[uuid.UUID]] = {}

    def put(self, member: Member) -> None:
        """Takes somebody in, or up with new values; being found under old ones too does no harm."""
        identity = identity_of(lambda name: getattr(member, name))
        self._people[member.pk] = (identity, member)
        for key in identity.found_under():
            people = self._by_key.setdefault(hash(key), [])
            if len(people) <= MOST_CANDIDATES and member.pk not in people:
                people.append(member.pk)

    def find(self, identity: Identity) -> Iterator[tuple[Identity, Member]]:
        for key in identity.found_under():
            for identifier in self._by_key.get(hash(key), []):
                yield self._people[identifier]

    def __contains__(self, identifier: uuid.UUID) -> bool:
        return identifier in self._people


class Register:
    """Finds people by what a row says of them, with a few queries for a batch.

    With ``remembers`` the people that were added and changed stay known in the batches that
    follow: a trial run saves nothing, so the database cannot give them back.
    """

    def __init__(self, *, remembers: bool) -> None:
        self._remembers = remembers
        self._remembered = _Index()
        self._batch = _Index()

    def open(self, identities: Iterable[Identity]) -> None:
        """Begins a batch: fetches everybody who may be meant by one of ``identities``."""
        self._batch = _Index()
        for member in _fetch(identities):
            if member.pk not in self._remembered:
                self._batch.put(member)

    def put(self, member: Member) -> None:
        """Takes in somebody who was added, or whose values have changed."""
        (self._remembered if self._remembers else self._batch).put(member)

    def candidates(self, identity: Identity) -> list[tuple[Identity, Member]]:
        """Whoever shares a key with ``identity``, each once, those who share the surest first."""
        found: dict[uuid.UUID, tuple[Identity, Member]] = {}
        for index in (self._remembered, self._batch):
            for known, member in index.find(identity):
                # Somebody who has changed since stands in the batch with old values.
                if index is self._remembered or member.pk not in self._remembered:
                    found.setdefault(member.pk, (known, member))
        return list(found.values())


def _fetch(identities: Iterable[Identity]) -> list[Member]:
    names: set[str] = set()
    wanted: dict[str, set[str]] = {}
    for identity in identities:
        for kind, name, value in identity.found_under():
            wanted.setdefault(kind, set()).add(value)
            if name:
                names.add(name)
    people: dict[Any, Member] = {}
    if ids := [identifier for one in wanted.pop("id", ()) if (identifier := _uuid(one))]:
        people.update((member.pk, member) for member in Member.objects.filter(pk__in=ids))
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


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
