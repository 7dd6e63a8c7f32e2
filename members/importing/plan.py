"""A first look through the whole file: which of its rows mean the same person.

What a file says of a person twice must be put together before anything is saved. Saved row by row,
two rows that contradict each other would change the person back and forth at every import.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from django.core.exceptions import ValidationError

from members.models import CustomField

from .dates import read_date
from .matching import MOST_CANDIDATES, AmbiguousError, Identity, identity_of, meant_by
from .rows import OWN_ID, Statement, Texts, changes, digest_of, fingerprint_of, statement_of

NumberedTexts = tuple[int, Texts]


@dataclass(eq=False)
class Entry:
    """One person of the file: the rows that mean them, and what these state when put together.

    ``sources`` says which row has the last word about a field; ``adding`` are the rows that said
    something the rows before them had not.
    """

    rows: list[int]
    values: dict[str, Any]
    fingerprint: str = ""
    own_id: str = ""
    sources: dict[str, int] = field(default_factory=dict)
    adding: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, statement: Statement) -> Entry:
        return cls([statement.row], dict(statement.values), statement.fingerprint, statement.own_id)

    def add(self, statement: Statement) -> None:
        """Adds another row; what it states comes after what was said before. Raises ValidationError."""
        changed = changes(self.values.get, statement.values)
        self.rows.append(statement.row)
        self.values |= changed
        self.sources |= dict.fromkeys(changed, statement.row)
        if changed:
            self.adding.add(statement.row)

    def source(self, name: str) -> int:
        return self.sources.get(name, self.rows[0])

    def identity(self) -> Identity:
        return identity_of({**self.values, "import_fingerprint": self.fingerprint, "id": self.own_id}.get)


@dataclass
class Plan:
    """``entries`` by their first row, only where several rows mean one person; ``later`` are the
    other rows of those. ``ordinals``: how many rows before this one say just the same, where that
    is all by which it can be known again. ``crowded``: names and households of several entries.
    """

    entries: dict[int, Entry] = field(default_factory=dict)
    later: set[int] = field(default_factory=set)
    ordinals: dict[int, int] = field(default_factory=dict)
    crowded: set[tuple[str, str]] = field(default_factory=set)

    def fingerprint(self, row: int, texts: Texts) -> str:
        return fingerprint_of(digest_of(texts), self.ordinals.get(row, 0))

    def is_crowded(self, identity: Identity) -> bool:
        return (identity.name, identity.household) in self.crowded


def quick_identity(texts: Texts, country: str) -> Identity:
    """The identity of a row whose values are not checked yet."""
    birth_date = texts.get("birth_date", "")
    try:
        values = {**texts, "birth_date": read_date(birth_date, country) if birth_date else ""}
    except ValidationError:
        values = {**texts, "birth_date": ""}
    return identity_of({**values, "id": texts.get(OWN_ID, "").lower()}.get)


def make_plan(
    rows: Callable[[], Iterable[NumberedTexts]],
    *,
    country: str,
    own_fields: Collection[CustomField] = (),
) -> Plan:
    """Looks through ``rows()``, twice when some of them may mean the same person."""
    plan = Plan()
    # Hashes, not the keys themselves: 100,000 rows have 300,000 of them. Two keys that share one
    # only cause a closer look.
    hashes: dict[int, tuple[int, ...]] = {}
    repeated: Counter[str] = Counter()
    for row, texts in rows():
        identity = quick_identity(texts, country)
        if keys := identity.found_under():
            hashes[row] = tuple({hash(key) for key in keys})
        if not identity.has_evidence:
            digest = digest_of(texts)
            if repeated[digest]:
                plan.ordinals[row] = repeated[digest]
            repeated[digest] += 1
    seen = Counter(chain.from_iterable(hashes.values()))
    suspects = {row for row, its_hashes in hashes.items() if any(seen[one] > 1 for one in its_hashes)}
    if suspects:
        statements = (
            statement_of(row, texts, country=country, own_fields=own_fields)
            for row, texts in rows()
            if row in suspects
        )
        _group(plan, (statement for statement in statements if not statement.errors))
    return plan


def _group(plan: Plan, statements: Iterable[Statement]) -> None:
    by_key: dict[tuple[str, str, str], list[Entry]] = {}
    entries: list[Entry] = []
    for statement in statements:
        alone = Entry.of(statement)
        identity = alone.identity()
        found = {id(e): e for key in identity.found_under() for e in by_key.get(key, [])}
        try:
            entry = meant_by(identity, ((e.identity(), e) for e in found.values()), crowded=True)
            if entry is not None:
                entry.add(statement)
        except (AmbiguousError, ValidationError):
            # It stays by itself; the comparison with the people who are known will say the same.
            entry = None
        if entry is None:
            entry = alone
            entries.append(entry)
        for key in entry.identity().found_under():
            sharing = by_key.setdefault(key, [])
            if len(sharing) <= MOST_CANDIDATES and entry not in sharing:
                sharing.append(entry)
    households = Counter(
        (identity.name, identity.household)
        for identity in (entry.identity() for entry in entries)
        if identity.household
    )
    plan.crowded = {household for household, count in households.items() if count > 1}
    for entry in entries:
        if len(entry.rows) > 1:
            plan.entries[entry.rows[0]] = entry
            plan.later.update(entry.rows[1:])
