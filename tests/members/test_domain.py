"""The doors through which people change: what they store, refuse and tell."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import date

import pytest
from django.core.exceptions import ValidationError

from members import signals
from members.domain import add_tags, change_member, create_member, remove_member, remove_tags
from members.models import Member
from tenants.context import enter_church

NAMES = {"first_name": "Ruth", "last_name": "Moab"}


@pytest.fixture
def inside(grace):
    with enter_church(grace):
        yield grace


def make(**values):
    return create_member(**{**NAMES, **values})


def change(member, **values):
    return change_member(member=member, **values)


@contextmanager
def events(signal):
    heard = []

    def listen(*, sender, signal, **event):
        heard.append(event)

    signal.connect(listen)
    try:
        yield heard
    finally:
        signal.disconnect(listen)


@pytest.mark.parametrize(
    ("field", "given", "kept"),
    [
        ("first_name", "  Ruth \u00a0 Anna\n", "Ruth Anna"),
        ("last_name", "Mu\u0308ller", "Müller"),
        ("middle_name", None, ""),
        ("email", " Ruth@Moab.Example ", "Ruth@Moab.Example"),
        ("phone", "(217) 555-0101", "+12175550101"),
        ("home_phone", None, ""),
        ("birth_date", "1980-12-25", "1980-12-25"),
        ("birth_date", "--02-29", "--02-29"),
        ("birth_date", "", ""),
        ("baptized_date", "2001-04-07", date(2001, 4, 7)),
        ("baptized_date", "", None),
        ("membership_status", " Regular  Attender", "regular attender"),
        ("tags", [" Choir ", "choir", "Welcome  team"], ["Choir", "Welcome team"]),
        ("address", {"city": " Ulm ", "state": ""}, {"city": "Ulm"}),
    ],
)
def test_the_form_in_which_values_are_kept(inside, field, given, kept):
    created = make(**{field: given})
    created.refresh_from_db()
    changed = change(make(), **{field: given})
    changed.refresh_from_db()
    assert getattr(created, field) == getattr(changed, field) == kept


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("first_name", ""),
        ("first_name", "   "),
        ("last_name", None),
        ("first_name", "x" * 101),
        ("first_name", "Ru\x00th"),
        ("email", "ruth"),
        ("email", "ruth@moab"),
        ("email", "x" * 250 + "@moab.example"),
        ("phone", "12"),
        ("work_phone", "555-0101"),
        ("birth_date", "2001-02-29"),
        ("birth_date", "25.12.1980"),
        ("birth_date", "0000-12-25"),
        ("baptized_date", "--04-07"),
        ("membership_status", ""),
        ("membership_status", "x" * 21),
        ("membership_status", "\u0130" * 11),
        ("tags", ["x" * 51]),
        ("tags", [""]),
        ("tags", [f"tag {number}" for number in range(101)]),
        ("address", {"city": "x" * 256}),
        ("address", {"city": "a\x00b"}),
        ("external_key", "x" * 256),
        ("household_key", "x" * 101),
        ("wings", "2"),
        ("import_fingerprint", "x"),
        ("search_document", "x"),
        ("id", "7"),
    ],
)
def test_what_no_door_lets_through(inside, field, value):
    member = make()
    for door in (lambda: make(**{field: value}), lambda: change(member, **{field: value})):
        with pytest.raises(ValidationError) as refused:
            door()
        assert list(refused.value.message_dict) == [field]
    assert Member.objects.filter(last_name="Moab").count() == 1


def test_all_errors_are_said_at_once(inside):
    with pytest.raises(ValidationError) as refused:
        create_member(email="x", phone="y", birth_date="z")
    assert set(refused.value.message_dict) == {"email", "phone", "birth_date"}


def test_a_key_belongs_to_one_person_and_no_key_to_many(inside):
    first, second = make(external_key="7"), make()
    make()
    for door in (lambda: make(external_key="7"), lambda: change(second, external_key=" 7 ")):
        with pytest.raises(ValidationError) as refused:
            door()
        assert list(refused.value.message_dict) == ["external_key"]
    assert change(first, external_key="7").external_key == "7"
    assert change(first, external_key="").external_key == ""
    assert change(second, external_key="7").external_key == "7"


def test_nothing_changes_when_nothing_is_new(inside):
    member = make(phone="(217) 555-0101", tags=["Choir"])
    with events(signals.member_changed) as heard:
        same = change(member, first_name=" Ruth", phone="217 555 0101", tags=["Choir"])
    assert same.updated_at == member.updated_at
    assert heard == []
    later = change(member, first_name="Rut")
    assert later.updated_at > member.updated_at
    assert later.phone == "+12175550101"


def test_the_rooms_above_are_told(inside):
    with (
        events(signals.member_joined) as joined,
        events(signals.member_changed) as changed,
        events(signals.members_tagged) as tagged,
        events(signals.member_removed) as removed,
    ):
        member = make(tags=["Choir"])
        change(member, last_name="Ephrath", tags=["choir", "Band"])
        change(member, tags=["Band"])
        add_tags(member_ids=[member.pk], tags=["band", "Sound"])
        add_tags(member_ids=[member.pk], tags=["SOUND"])
        remove_tags(member_ids=[member.pk], tags=["sound"])
        remove_member(member=member)
    assert joined == [{"member": member, "origin": "program"}]
    assert [event["fields"] for event in changed] == [["last_name", "tags"], ["tags"]]
    assert [event["tags"] for event in tagged] == [["Band"], ["band", "Sound"]]
    assert len(removed) == 1


def test_tags_of_many_people(inside):
    first, second, third = make(tags=["Choir"]), make(tags=["BAND"]), make()
    everybody = [first.pk, second.pk, third.pk]
    assert add_tags(member_ids=everybody, tags=["choir ", "Band"]) == 3
    assert [Member.objects.get(pk=key).tags for key in everybody] == [
        ["Choir", "Band"], ["BAND", "choir"], ["choir", "Band"],
    ]  # fmt: skip
    assert add_tags(member_ids=everybody, tags=["CHOIR"]) == 0
    assert remove_tags(member_ids=everybody, tags=["band", "never had", "x" * 80]) == 3
    assert Member.objects.get(pk=second.pk).tags == ["choir"]
    assert Member.objects.get(pk=third.pk).search_document == "'choir' 'moab' 'ruth'"


def test_too_many_tags_leave_everybody_as_they_were(inside):
    full = make(tags=[f"tag {number}" for number in range(100)])
    empty = make()
    with pytest.raises(ValidationError):
        add_tags(member_ids=[full.pk, empty.pk], tags=["one more"])
    assert Member.objects.get(pk=empty.pk).tags == []
