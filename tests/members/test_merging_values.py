"""Two entries become one person: which values are kept, and what is said of it."""

from __future__ import annotations

import uuid

import pytest
from django.core.exceptions import ValidationError

from core import context
from core.models import HistoryEntry
from members import signals
from members.domain import create_member
from members.merging import domain
from members.models import Member, MemberMerge
from tenants.context import enter_church
from tests.members.conftest import fewest_queries
from tests.problems import assert_problem


@pytest.fixture
def simon(grace, fields_of_disciples):
    """The one who stays."""
    with enter_church(grace):
        return create_member(
            first_name="Simon", last_name="Bethsaida", tags=["Choir"], birth_date="--06-29",
            address={"line1": "1 Lake Road"}, custom_fields={"shirt": "L", "boat": "old"},
        )  # fmt: skip


@pytest.fixture
def peter(grace):
    """The one who goes."""
    with enter_church(grace):
        return create_member(
            first_name="Peter", last_name="Bethsaida", email="peter@rock.example", phone="217 555 0188",
            tags=["choir", "Elders"], birth_date="0010-06-29",
            address={"line1": "2 Hill Road", "city": "Rome"},
            custom_fields={"shirt": "XL", "keys": 2}, external_key="P1", membership_status="member",
        )  # fmt: skip


def merge_at(person):
    return f"/api/members/{person.pk}/merge"


def now(grace, person):
    with enter_church(grace):
        return Member.objects.get(pk=person.pk)


def test_what_the_survivor_lacks_comes_from_the_other(api, grace, simon, peter):
    answer = api("alice").post(merge_at(simon), {"member_id": str(peter.pk)})
    assert answer.status_code == 201, answer.content
    merge = answer.json()
    assert (merge["survivor_id"], merge["absorbed_id"]) == (str(simon.pk), str(peter.pk))
    assert (merge["absorbed_name"], merge["merged_by_name"]) == ("Peter Bethsaida", "Alice")
    assert merge["created_at"] < merge["can_be_undone_until"]
    stays = now(grace, simon)
    assert (stays.first_name, stays.email, stays.phone) == ("Simon", "peter@rock.example", "+12175550188")
    assert stays.address == {"line1": "1 Lake Road"}
    assert stays.tags == ["Choir", "Elders"]
    assert stays.custom_fields == {"shirt": "L", "boat": "old", "keys": 2}
    assert stays.external_key == "P1"
    assert stays.membership_status == "active"
    # The same day, and the year besides.
    assert stays.birth_date == "0010-06-29"
    with enter_church(grace):
        assert not Member.objects.filter(pk=peter.pk).exists()
        assert Member.objects.matching("rock.example").get() == simon
    assert_problem(api("alice").get(f"/api/members/{peter.pk}"), 404)


def test_each_field_can_be_chosen(api, grace, simon, peter):
    choices = {
        "first_name": "absorbed", "tags": "absorbed", "address": "absorbed", "email": "simon@peter.example",
        "phone": "(217) 555-0199", "custom_fields.shirt": "absorbed", "custom_fields": {"boat": "survivor"},
        "membership_status": "absorbed", "nickname": "Rock", "external_key": "survivor",
    }  # fmt: skip
    answer = api("alice").post(merge_at(simon), {"member_id": str(peter.pk), "choices": choices})
    assert answer.status_code == 201, answer.content
    stays = now(grace, simon)
    assert (stays.first_name, stays.nickname, stays.email) == ("Peter", "Rock", "simon@peter.example")
    assert (stays.phone, stays.tags, stays.external_key) == ("+12175550199", ["choir", "Elders"], "")
    assert stays.address == {"line1": "2 Hill Road", "city": "Rome"}
    assert stays.custom_fields == {"shirt": "XL", "boat": "old", "keys": 2}


@pytest.mark.parametrize(
    ("choices", "field"),
    [
        ({"shoe_size": "absorbed"}, "choices.shoe_size"),
        ({"search_document": "x"}, "choices.search_document"),
        ({"custom_fields.none": "absorbed"}, "choices.custom_fields.none"),
        ({"email": "no address"}, "choices.email"), ({"first_name": ""}, "choices.first_name"),
        ({"phone": "12"}, "choices.phone"), ({"phone": 5}, "choices.phone"),
        ({"tags": ["x" * 51]}, "choices.tags"), ({"tags": {"a": 1}}, "choices.tags"),
        ({"address": "absorbed street"}, "choices.address"), ({"baptized_date": {}}, "choices.baptized_date"),
        ({"birth_date": "soon"}, "choices.birth_date"), ({"baptized_date": "soon"}, "choices.baptized_date"),
        ({"id": "absorbed"}, "choices.id"), ({"first_name": None}, "choices.first_name"),
    ],
)  # fmt: skip
def test_a_choice_that_makes_no_sense_is_refused_and_nothing_happens(
    api, grace, simon, peter, choices, field
):
    sent = {"member_id": str(peter.pk), "choices": choices}
    assert_problem(api("alice").post(merge_at(simon), sent), 400, field)
    assert now(grace, peter).email == "peter@rock.example"
    assert now(grace, simon).email == ""
    with enter_church(grace):
        assert MemberMerge.objects.count() == 0


def test_another_persons_key_cannot_be_chosen(api, grace, simon, peter):
    with enter_church(grace):
        create_member(first_name="Key", last_name="Holder", external_key="K1")
    sent = {"member_id": str(peter.pk), "choices": {"external_key": "K1"}}
    assert_problem(api("alice").post(merge_at(simon), sent), 400, "choices.external_key")
    assert now(grace, peter).external_key == "P1"


def test_the_preview_says_what_would_be_kept_and_changes_nothing(api, grace, simon, peter):
    preview = api("alice").get(f"{merge_at(simon)}?with={peter.pk}").json()
    assert preview["survivor"]["first_name"] == "Simon"
    assert preview["absorbed"]["id"] == str(peter.pk)
    fields = {field.pop("field"): field for field in preview["fields"]}
    assert fields["email"] == {
        "survivor": "", "absorbed": "peter@rock.example", "choice": "absorbed", "value": "peter@rock.example",
    }  # fmt: skip
    assert fields["first_name"]["choice"] == "survivor"
    assert fields["tags"]["value"] == ["Choir", "Elders"]
    assert fields["tags"]["choice"] == "both"
    assert fields["custom_fields.keys"] == {"survivor": None, "absorbed": 2, "choice": "absorbed", "value": 2}
    assert "national_id" not in fields
    assert now(grace, simon).updated_at == simon.updated_at


def test_hidden_fields_of_the_church_are_carried_along_and_not_shown(api, grace, simon, peter, monkeypatch):
    monkeypatch.setattr(domain, "hidden_custom_fields", lambda user: frozenset({"keys"}))
    alice = api("alice")
    preview = alice.get(f"{merge_at(simon)}?with={peter.pk}")
    assert "custom_fields.shirt" in preview.content.decode()
    assert "custom_fields.keys" not in preview.content.decode()
    sent = {"member_id": str(peter.pk), "choices": {"custom_fields.keys": "survivor"}}
    assert_problem(alice.post(merge_at(simon), sent), 400, "choices.custom_fields.keys")
    del sent["choices"]
    assert alice.post(merge_at(simon), sent).status_code == 201
    assert now(grace, simon).custom_fields["keys"] == 2


def test_who_may_not_delete_may_not_merge(api, grace, simon, peter):
    for actor in ("bob", "vera"):
        assert_problem(api(actor).post(merge_at(simon), {"member_id": str(peter.pk)}), 403)
        assert_problem(api(actor).get(f"{merge_at(simon)}?with={peter.pk}"), 403)
        assert_problem(api(actor).get("/api/members/merges"), 403)


def test_nobody_is_merged_with_themselves_or_with_nobody(api, grace, simon, hope):
    alice = api("alice")
    assert_problem(alice.post(merge_at(simon), {"member_id": str(simon.pk)}), 400, "member_id")
    assert_problem(alice.get(f"{merge_at(simon)}?with={simon.pk}"), 400, "member_id")
    assert_problem(alice.get(merge_at(simon)), 400, "with")
    assert_problem(alice.get(f"{merge_at(simon)}?with=x"), 400, "with")
    assert_problem(alice.post(merge_at(simon), {}), 400, "member_id")
    assert_problem(alice.post(merge_at(simon), {"member_id": "x"}), 400, "member_id")
    with enter_church(hope):
        foreign = Member.objects.first()
    for other in (foreign.pk, uuid.uuid4()):
        assert_problem(alice.post(merge_at(simon), {"member_id": str(other)}), 404)
        assert_problem(alice.get(f"{merge_at(simon)}?with={other}"), 404)


def test_the_history_tells_it_of_both(grace, simon, peter, user):
    with enter_church(grace), context.working_for(user("alice"), come_from="api"):
        merge = domain.merge_members(survivor=simon, absorbed=peter, user=user("alice"))
        entries = list(HistoryEntry.objects.filter(batch=merge.pk))
    assert {entry.actor_name for entry in entries} == {"Alice"}
    stayed = [entry.changes for entry in entries if entry.about == simon.pk]
    gone = [entry for entry in entries if entry.about == peter.pk]
    assert {"merged_with": [None, "Peter Bethsaida"]} in stayed
    assert any(changes.get("email") == ["", "peter@rock.example"] for changes in stayed)
    assert [entry.action for entry in gone] == [HistoryEntry.Action.DELETE]
    assert gone[0].changes["first_name"] == ["Peter", None]


def test_two_entries_that_say_the_same_leave_a_line_too(grace, user):
    with enter_church(grace):
        one, other = (create_member(first_name="Simon", last_name="Bethsaida") for _ in range(2))
        merge = domain.merge_members(survivor=one, absorbed=other, user=user("alice"))
        assert [entry.changes for entry in HistoryEntry.objects.filter(batch=merge.pk, about=one.pk)] == [
            {"merged_with": [None, "Simon Bethsaida"]}
        ]


def test_rooms_above_are_told(grace, simon, peter, user):
    heard = []

    def hear(signal, **event):
        heard.append({name: value for name, value in event.items() if name in {"survivor", "absorbed_id"}})

    signals.members_merged.connect(hear)
    try:
        with enter_church(grace):
            domain.merge_members(survivor=simon, absorbed=peter, user=user("alice"))
    finally:
        signals.members_merged.disconnect(hear)
    assert heard == [{"survivor": simon, "absorbed_id": peter.pk}]


def test_more_tags_than_one_has_must_be_chosen(grace, user):
    with enter_church(grace):
        one, other = (
            create_member(first_name="Many", last_name="Tags", tags=[f"{letter}{n}" for n in range(60)])
            for letter in "ab"
        )
        with pytest.raises(ValidationError) as refused:
            domain.merge_members(survivor=one, absorbed=other, user=user("alice"))
        assert set(refused.value.error_dict) == {"choices.tags"}
        domain.merge_members(survivor=one, absorbed=other, choices={"tags": "absorbed"}, user=user("alice"))
        assert len(Member.objects.get(pk=one.pk).tags) == 60


def test_the_same_key_merges_once(api, simon, peter):
    sent = {"member_id": str(peter.pk)}
    answers = [
        api("alice").post(merge_at(simon), sent, headers={"Idempotency-Key": "once"}) for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json()
    assert answers[1].headers["Idempotency-Replayed"] == "true"
    assert_problem(api("alice").post(merge_at(simon), sent), 404)


def test_merges_are_listed_with_as_many_queries_as_one(api, grace, simon, user):
    def merge_another():
        with enter_church(grace):
            other = create_member(first_name="Peter", last_name="Bethsaida")
            domain.merge_members(survivor=simon, absorbed=other, user=user("alice"))

    alice = api("alice")
    merge_another()
    one = fewest_queries(lambda: alice.get("/api/members/merges"))
    for _ in range(9):
        merge_another()
    assert fewest_queries(lambda: alice.get("/api/members/merges")) == one
    listed = alice.get("/api/members/merges").json()
    assert listed["count"] == 10
    assert "snapshot" not in listed["results"][0]
