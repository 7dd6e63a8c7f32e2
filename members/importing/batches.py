"""One batch of rows: who is meant, what changes, and saving it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from members import domain
from members.models import Member, MemberImport, MemberImportRow

from .matching import AmbiguousError, meant_by
from .plan import Entry, Plan
from .register import Register
from .rows import Errors, Statement, changes, errors_of

Fate = MemberImportRow.Fate


class GoneError(Exception):
    """Somebody who was to be changed was deleted in the meantime; the batch has to be done again."""


@dataclass
class Outcome:
    """What becomes of one row."""

    row: int
    fate: Fate
    member_id: uuid.UUID | None = None
    changed: list[str] = field(default_factory=list)
    errors: Errors = field(default_factory=list)
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)


class Batch:
    """Decides about rows in the order of the file, keeping what is to be saved until the end."""

    def __init__(
        self, plan: Plan, register: Register, *, dry_run: bool, member_import: MemberImport | None = None
    ) -> None:
        self.plan = plan
        self.register = register
        self.dry_run = dry_run
        self.member_import = member_import
        self.outcomes: list[Outcome] = []
        self.new: list[Member] = []
        # Everything that is stated of people who exist, in the order of the file.
        self.stated: dict[uuid.UUID, list[Entry]] = {}
        self.by_row: dict[int, Outcome] = {}

    def work(self, statements: Sequence[Statement]) -> list[Outcome]:
        """Works the rows and, unless this is a trial, saves. Raises GoneError."""
        entries = [self._entry(statement) for statement in statements]
        self.register.open(entry.identity() for entry in entries if isinstance(entry, Entry))
        for entry in entries:
            if isinstance(entry, Entry):
                self._decide(entry)
            elif entry.row not in self.plan.later:
                self.outcomes.append(Outcome(entry.row, Fate.FAILED, errors=entry.errors))
        self.by_row = {outcome.row: outcome for outcome in self.outcomes}
        if not self.dry_run:
            changed = self._locked()
            domain.save_imported(
                new=self.new,
                changed=changed,
                batch=self.member_import.pk if self.member_import else None,
                start_sequences=self.member_import is not None and self.member_import.start_sequences,
            )
            self._note_what_was_saved(changed)
        return self.outcomes

    def _entry(self, statement: Statement) -> Entry | Statement:
        if statement.row in self.plan.later or statement.errors:
            return statement
        return self.plan.entries.get(statement.row) or Entry.of(statement)

    def _decide(self, entry: Entry) -> None:
        identity = entry.identity()
        try:
            member = meant_by(
                identity, self.register.candidates(identity), crowded=self.plan.is_crowded(identity)
            )
            if member is None:
                self._create(entry)
            else:
                self._update(entry, member)
        except AmbiguousError as error:
            text = ngettext(
                "This row matches %(people)d person.", "This row matches %(people)d people.", error.people
            )
            self._fail(entry, [{"field": "", "message": text % {"people": error.people}}])
        except ValidationError as error:
            self._fail(entry, errors_of(error))

    def _create(self, entry: Entry) -> None:
        missing = [name for name in ("first_name", "last_name") if not entry.values.get(name)]
        if missing:
            raise ValidationError({name: _("This is required.") for name in missing})
        # Only a row without any evidence is known again by its fingerprint.
        member = Member(**entry.values, import_fingerprint=entry.fingerprint)
        self.new.append(member)
        self.register.put(member)
        for row in entry.rows:
            if row == entry.rows[0]:
                self.outcomes.append(
                    Outcome(row, Fate.CREATED, self._shown_id(member), after=known_of(member))
                )
            else:
                fate = Fate.UPDATED if row in entry.adding else Fate.UNCHANGED
                self.outcomes.append(Outcome(row, fate, self._shown_id(member)))

    def _update(self, entry: Entry, member: Member) -> None:
        changed = changes(lambda name: getattr(member, name), entry.values)
        before = {name: plain(getattr(member, name)) for name in changed}
        for name, value in changed.items():
            setattr(member, name, value)
        if changed:
            self.register.put(member)
            if not member._state.adding:
                self.stated.setdefault(member.pk, []).append(entry)
        for row in entry.rows:
            fields = sorted(name for name in changed if entry.source(name) == row)
            fate = Fate.UPDATED if fields else Fate.UNCHANGED
            self.outcomes.append(
                Outcome(
                    row,
                    fate,
                    self._shown_id(member),
                    fields,
                    before={name: before[name] for name in fields},
                    after={name: plain(changed[name]) for name in fields},
                )
            )

    def _fail(self, entry: Entry, errors: Errors) -> None:
        self.outcomes += [Outcome(row, Fate.FAILED, errors=errors) for row in entry.rows]

    def _shown_id(self, member: Member) -> uuid.UUID | None:
        return None if self.dry_run and member._state.adding else member.pk

    def _locked(self) -> list[tuple[Member, dict[str, Any]]]:
        """The people to change, locked, with the changes made; and what the changed fields were."""
        if not self.stated:
            return []
        locked = Member.objects.select_for_update().filter(pk__in=list(self.stated)).order_by("pk")
        people = list(locked)
        if len(people) != len(self.stated):
            raise GoneError
        result = []
        for member in people:
            before: dict[str, Any] = {}
            for entry in self.stated[member.pk]:
                # Once more, on the row as it is now: somebody may have changed it a moment ago.
                for name, value in changes(partial(getattr, member), entry.values).items():
                    before.setdefault(name, getattr(member, name))
                    if outcome := self.by_row.get(entry.source(name)):
                        outcome.before[name] = plain(getattr(member, name))
                        outcome.after[name] = plain(value)
                    setattr(member, name, value)
            result.append((member, before))
        return result

    def _note_what_was_saved(self, changed: list[tuple[Member, dict[str, Any]]]) -> None:
        """What a door made of the values besides (a household's address) counts as written too."""
        people = {member.pk: member for member in self.new}
        for outcome in self.outcomes:
            if outcome.fate == Fate.CREATED and outcome.member_id in people:
                outcome.after = known_of(people[outcome.member_id])
        for member, before in changed:
            for name in before:
                rows = [entry.source(name) for entry in self.stated[member.pk]]
                for row in reversed(rows):
                    if name in self.by_row[row].after:
                        self.by_row[row].after[name] = plain(getattr(member, name))
                        break


def plain(value: Any) -> Any:
    """``value`` of a field in JSON's types."""
    return value.isoformat() if isinstance(value, date) else value


def known_of(member: Member) -> dict[str, Any]:
    """Every field of which something is known, in JSON's types."""
    return {name: plain(value) for name in sorted(domain.EDITABLE) if (value := getattr(member, name))}
