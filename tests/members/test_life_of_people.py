"""People made, changed, merged, imported and erased in any order: nothing is lost, nothing dangles.

A plain model beside the program says what each person's values must be. Every value is written once, so
that it can be looked for in every table.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import hypothesis.strategies as st
import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction
from hypothesis import HealthCheck, Phase
from hypothesis import settings as hypothesis_settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from core.models import HistoryEntry
from members.confidential.domain import add_note
from members.custom_fields.domain import create_custom_field
from members.domain import change_member, create_member
from members.importing.domain import start_import
from members.importing.running import work_unfinished
from members.importing.undo import ask_for_undo, work_undos
from members.merging.domain import merge_members
from members.merging.undoing import undo_merge
from members.models import Member, MemberImport, MemberImportRow, MemberMerge
from members.personal_data.domain import erase_member
from tenants.context import enter_church

pytestmark = pytest.mark.slow

# Columns whose values the model follows; the last lies in the church's own fields.
COLUMNS = ("nickname", "middle_name", "gender")
OWN = "hobby"
FIELDS = (*COLUMNS, OWN)
EXAMPLES, STEPS = 12, 14

somebody = st.integers(0, 1_000)


@dataclass
class Person:
    """What the model knows of one person. ``written`` is every value that was ever theirs."""

    name: str
    email: str
    values: dict[str, str] = field(default_factory=lambda: dict.fromkeys(FIELDS, ""))
    written: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    # Who made them by an import and what happened since decides whether its undo removes them.
    touched: bool = False


@dataclass
class Merge:
    record: UUID
    survivor: UUID
    absorbed: UUID
    person: Person
    before: dict[str, str]
    after: dict[str, str]


@dataclass
class Import:
    record: UUID
    created: dict[UUID, dict[str, str]] = field(default_factory=dict)
    # person -> field -> (before, after)
    changed: dict[UUID, dict[str, tuple[str, str]]] = field(default_factory=dict)


def values_of(member: Member) -> dict[str, str]:
    return {**{name: getattr(member, name) for name in COLUMNS}, OWN: member.custom_fields.get(OWN, "")}


def church_tables() -> list[type[models.Model]]:
    labels = {config.label for config in apps.get_app_configs() if config.name in settings.TENANT_APPS}
    return [model for label in labels for model in apps.get_app_config(label).get_models()]


def everything() -> str:
    """All rows of all the church's tables as one text, encrypted fields as what they hold."""
    return "\n".join(str(list(model._base_manager.values_list())) for model in church_tables())


class Life(RuleBasedStateMachine):
    """``user`` is an administrator; the church was entered by the test."""

    user: Any = None

    def __init__(self) -> None:
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.people: dict[UUID, Person] = {}
        self.merges: list[Merge] = []
        self.imports: list[Import] = []
        self.erased: dict[UUID, set[str]] = {}
        self.number = 0

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)

    @initialize()
    def prepare(self) -> None:
        create_custom_field(label=OWN.title(), kind="text")
        self.before = set(Member.objects.values_list("pk", flat=True))

    def new_value(self) -> str:
        self.number += 1
        return f"Value{self.number}x"

    def pick(self, chance: int) -> tuple[UUID, Person]:
        keys = list(self.people)
        key = keys[chance % len(keys)]
        return key, self.people[key]

    def new_person(self) -> Person:
        self.number += 1
        return Person(f"Name{self.number}x", f"person{self.number}x@example.org")

    def write(self, person: Person, values: dict[str, str]) -> None:
        person.values |= values
        person.written |= {value for value in values.values() if value}

    # What may happen.

    @rule(names=st.sets(st.sampled_from(FIELDS)))
    def create(self, names: set[str]) -> None:
        person = self.new_person()
        values = {name: self.new_value() for name in sorted(names)}
        own = {OWN: values.pop(OWN)} if OWN in values else {}
        made = create_member(
            first_name=person.name, last_name="Family", email=person.email, custom_fields=own, **values
        )
        self.write(person, {**values, **own})
        self.people[made.pk] = person

    @precondition(lambda self: self.people)
    @rule(chance=somebody, name=st.sampled_from(FIELDS), empties=st.booleans())
    def edit(self, chance: int, name: str, empties: bool) -> None:
        key, person = self.pick(chance)
        value = "" if empties else self.new_value()
        changes = {"custom_fields": {OWN: value or None}} if name == OWN else {name: value}
        if value != person.values[name]:
            person.touched = True
        change_member(member=Member.objects.get(pk=key), **changes)
        self.write(person, {name: value})

    @precondition(lambda self: self.people)
    @rule(chance=somebody)
    def note(self, chance: int) -> None:
        key, person = self.pick(chance)
        text = self.new_value()
        add_note(member=Member.objects.get(pk=key), body=text, author=self.user, is_confidential=True)
        person.notes.append(text)
        person.written.add(text)
        person.touched = True

    @precondition(lambda self: len(self.people) > 1)
    @rule(one=somebody, two=somebody)
    def merge(self, one: int, two: int) -> None:
        survivor, kept = self.pick(one)
        absorbed, gone = self.pick(two)
        if survivor == absorbed:
            return
        record = merge_members(
            survivor=Member.objects.get(pk=survivor), absorbed=Member.objects.get(pk=absorbed), user=self.user
        )
        before = dict(kept.values)
        kept.values = {name: kept.values[name] or gone.values[name] for name in FIELDS}
        after = dict(kept.values)
        kept.notes = kept.notes + gone.notes
        kept.written |= gone.written
        kept.touched = gone.touched = True
        self.merges.append(Merge(record.pk, survivor, absorbed, gone, before, after))
        del self.people[absorbed]

    def undoable(self) -> list[Merge]:
        """Those whose survivor is still there; where people went further, the program may refuse."""
        return [merge for merge in self.merges if merge.survivor in self.people]

    @precondition(lambda self: self.undoable())
    @rule(chance=somebody)
    def part(self, chance: int) -> None:
        merge = self.undoable()[chance % len(self.undoable())]
        kept = self.people[merge.survivor]
        undo_merge(merge=MemberMerge.objects.get(pk=merge.record), user=self.user)
        for name in FIELDS:
            if merge.before[name] != merge.after[name] and kept.values[name] == merge.after[name]:
                kept.values[name] = merge.before[name]
        kept.notes = [text for text in kept.notes if text not in merge.person.notes]
        self.people[merge.absorbed] = merge.person
        self.merges.remove(merge)

    @rule(chances=st.sets(somebody, max_size=3), name=st.sampled_from(COLUMNS), new=st.integers(0, 2))
    def bring_in(self, chances: set[int], name: str, new: int) -> None:
        rows, known = [], {}
        for chance in chances if self.people else ():
            key, person = self.pick(chance)
            if key not in known:
                known[key] = self.new_value()
                rows.append((person.name, person.email, known[key]))
        fresh = [(self.new_person(), self.new_value()) for _ in range(new)]
        rows += [(person.name, person.email, value) for person, value in fresh]
        if not rows:
            return
        lines = [f"first_name,last_name,email,{name}"]
        lines += [f"{first},Family,{email},{value}" for first, email, value in rows]
        started = start_import(content="\n".join(lines).encode(), file_name="people.csv", user=self.user)
        work_unfinished(seconds=60)
        done = MemberImport.objects.get(pk=started.pk)
        assert (done.status, done.created, done.updated) == ("done", len(fresh), len(known)), done.failure
        made = Import(done.pk)
        for key, value in known.items():
            person = self.people[key]
            made.changed[key] = {name: (person.values[name], value)}
            self.write(person, {name: value})
            person.touched = True
        for person, value in fresh:
            self.write(person, {name: value})
            key = Member.objects.get(email=person.email).pk
            self.people[key] = person
            made.created[key] = dict(person.values)
        self.imports.append(made)

    @precondition(lambda self: self.imports)
    @rule(chance=somebody)
    def take_back(self, chance: int) -> None:
        done = self.imports.pop(chance % len(self.imports))
        ask_for_undo(member_import=MemberImport.objects.get(pk=done.record), user=self.user)
        work_undos(seconds=60)
        assert MemberImport.objects.get(pk=done.record).undone_at
        for key, fields in done.changed.items():
            person = self.people.get(key)
            for name, (before, after) in fields.items():
                if person is not None and person.values[name] == after:
                    person.values[name] = before
        for key, values in done.created.items():
            person = self.people.get(key)
            if person is None:
                continue
            if Member.objects.filter(pk=key).exists():
                assert person.touched
            else:
                # Whoever was changed and changed back is as the import made them.
                assert (person.values, person.notes) == (values, [])
                del self.people[key]

    @precondition(lambda self: self.people)
    @rule(chance=somebody)
    def erase(self, chance: int) -> None:
        key, person = self.pick(chance)
        erase_member(member_id=key, user=self.user, reason="asked for it")
        self.erased[key] = set(person.written)
        del self.people[key]
        self.merges = [merge for merge in self.merges if key != merge.survivor]

    # What must hold whatever has happened.

    @invariant()
    def everybody_is_who_the_model_says(self) -> None:
        there = {member.pk: member for member in Member.objects.exclude(pk__in=getattr(self, "before", ()))}
        assert set(there) == set(self.people)
        for key, person in self.people.items():
            assert values_of(there[key]) == person.values
            assert there[key].first_name == person.name
            notes = [note.body for note in there[key].notes.all()]
            assert sorted(notes) == sorted(person.notes)

    @invariant()
    def no_reference_dangles(self) -> None:
        connection.check_constraints()
        present = set(Member._base_manager.values_list("pk", flat=True))
        rows = MemberImportRow.objects.exclude(member_id=None).exclude(undone="removed")
        assert set(rows.values_list("member_id", flat=True)) <= present

    @invariant()
    def nothing_is_lost_but_what_was_erased(self) -> None:
        dump = everything()
        erased = set().union(*self.erased.values())
        living = set().union(*(person.written for person in self.people.values()))
        # What two people who were one for a while both had goes from one and stays with the other.
        assert {value for value in living - erased if value not in dump} == set()
        assert {value for value in erased - living if value in dump} == set()

    @invariant()
    def the_history_ends_where_people_are(self) -> None:
        """Whoever reads somebody's history forward comes to what they are now."""
        for key, person in self.people.items():
            entries = HistoryEntry.objects.filter(about=key, kind="members.member").order_by(
                "timestamp", "id"
            )
            for name in COLUMNS:
                told = [entry.changes[name][1] for entry in entries if name in entry.changes]
                assert ((told[-1] if told else "") or "") == person.values[name], name


def test_the_life_of_people(grace, user):
    with enter_church(grace):
        Life.user = user("anna")
        run_state_machine_as_test(
            Life,
            settings=hypothesis_settings(
                max_examples=EXAMPLES,
                stateful_step_count=STEPS,
                deadline=None,
                derandomize=True,
                suppress_health_check=list(HealthCheck),
                # To make a failing life shorter takes many minutes; its steps are told as they are.
                phases=[Phase.explicit, Phase.generate],
            ),
        )
