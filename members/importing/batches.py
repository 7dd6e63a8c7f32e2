"""One batch of rows: who is meant, what changes, and saving it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from members import domain
from members.models import Member, MemberImportRow

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


class Batch:
    """Decides about rows in the order of the file, keeping what is to be saved until the end."""

    def __init__(
        self, plan: Plan, register: Register, *, dry_run: bool, import_id: uuid.UUID | None = None
    ) -> None:
        self.plan = plan
        self.register = register
        self.dry_run = dry_run
        self.import_id = import_id
        self.outcomes: list[Outcome] = []
        self.new: list[Member] = []
        # Everything that is stated of people who exist, in the order of the file.
        self.stated: dict[uuid.UUID, list[dict[str, Any]]] = {}

    def work(self, statements: Sequence[Statement]) -> list[Outcome]:
        """Works the rows and, unless this is a trial, saves. Raises GoneError."""
        entries = [self._entry(statement) for statement in statements]
        self.register.open(entry.identity() for entry in entries if isinstance(entry, Entry))
        for entry in entries:
            if isinstance(entry, Entry):
                self._decide(entry)
            elif entry.row not in self.plan.later:
                self.outcomes.append(Outcome(entry.row, Fate.FAILED, errors=entry.errors))
        if not self.dry_run:
            domain.save_imported(new=self.new, changed=self._locked(), batch=self.import_id)
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
                fate = Fate.CREATED
            else:
                fate = Fate.UPDATED if row in entry.adding else Fate.UNCHANGED
            self.outcomes.append(Outcome(row, fate, self._shown_id(member)))

    def _update(self, entry: Entry, member: Member) -> None:
        changed = changes(lambda name: getattr(member, name), entry.values)
        for name, value in changed.items():
            setattr(member, name, value)
        if changed:
            self.register.put(member)
            if not member._state.adding:
                self.stated.setdefault(member.pk, []).append(entry.values)
        for row in entry.rows:
            fields = sorted(name for name in changed if entry.source(name) == row)
            fate = Fate.UPDATED if fields else Fate.UNCHANGED
            self.outcomes.append(Outcome(row, fate, self._shown_id(member), fields))

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
            for values in self.stated[member.pk]:
                for name, value in changes(partial(getattr, member), values).items():
                    before.setdefault(name, getattr(member, name))
                    setattr(member, name, value)
            result.append((member, before))
        return result
