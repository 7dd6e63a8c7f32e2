"""Sequences over the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from automation.models import AutomatedMessage, Enrolment, Sequence
from automation.sequences.domain import add_step, create_sequence
from members.models import Member
from tenants.context import enter_church
from tests.members.conftest import fewest_queries

STEP = {"subject": "Hello", "body_html": "<p>Hello</p><script>x</script>"}


@pytest.fixture
def alice(api: Callable[..., Any]) -> Any:
    return api("alice")


@pytest.fixture
def welcome(alice: Any) -> str:
    """Address of a sequence with two steps, made over the API."""
    made = alice.post("/api/sequences", {"name": "Welcome", "trigger_event": "manual"}, format="json")
    assert made.status_code == 201, made.json()
    address = f"/api/sequences/{made.json()['id']}"
    for more in ({}, {"delay_days": 3, "send_at": "09:30"}):
        step = alice.post(f"{address}/templates", {**STEP, **more}, format="json")
        assert step.status_code == 201, step.json()
    return address


def somebody(church: Any, last_name: str = "Lovelace") -> dict[str, str]:
    with enter_church(church):
        return {"member_id": str(Member.objects.get(last_name=last_name).pk)}


def test_steps_are_added_changed_moved_and_removed(alice: Any, welcome: str) -> None:
    first, second = alice.get(f"{welcome}/templates").json()["results"]
    assert "script" not in first["body_html"]
    assert (second["order_index"], second["delay_days"], second["send_at"]) == (1, 3, "09:30")
    moved = alice.patch(f"/api/templates/{second['id']}", {"order_index": 0, "send_at": None}, format="json")
    assert (moved.json()["order_index"], moved.json()["send_at"]) == (0, None)
    assert alice.delete(f"/api/templates/{first['id']}").status_code == 204
    assert [step["id"] for step in alice.get(f"{welcome}/templates").json()["results"]] == [second["id"]]
    assert alice.get(f"/api/templates/{first['id']}").status_code == 404


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"send_at": "25:00"}, "send_at"), ({"subject": ""}, "subject"), ({"delay_days": -1}, "delay_days")],
)
def test_a_step_that_cannot_be_sent_is_refused_by_field(
    alice: Any, welcome: str, wrong: dict[str, Any], field: str
) -> None:
    answer = alice.post(f"{welcome}/templates", {**STEP, **wrong}, format="json")
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]


def test_somebody_is_enrolled_once_and_leaves(alice: Any, welcome: str, grace: Any) -> None:
    ada = somebody(grace)
    made = alice.post(f"{welcome}/enrol", ada, format="json")
    assert (made.status_code, made.json()["status"]) == (201, "active")
    again = alice.post(f"{welcome}/enrol", ada, format="json")
    assert (again.status_code, list(again.json()["errors"])) == (400, ["member_id"])
    (row,) = alice.get(f"{welcome}/enrolments?status=active").json()["results"]
    assert row == made.json()
    for _time in range(2):
        left = alice.post(f"/api/enrolments/{row['id']}/leave")
        assert (left.status_code, left.json()["exit_reason"]) == (200, "taken_out")
    assert alice.get(f"{welcome}/enrolments?status=active").json()["count"] == 0


def test_the_same_request_enrols_once(alice: Any, welcome: str, grace: Any) -> None:
    ada = somebody(grace)
    first, second = (
        alice.post(f"{welcome}/enrol", ada, format="json", HTTP_IDEMPOTENCY_KEY="once") for _time in range(2)
    )
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()


def test_is_active_pauses_and_goes_on(alice: Any, welcome: str, grace: Any) -> None:
    alice.post(f"{welcome}/enrol", somebody(grace), format="json")
    assert alice.patch(welcome, {"is_active": False}, format="json").json()["is_active"] is False
    with enter_church(grace):
        assert AutomatedMessage.objects.get().is_held
    refused = alice.post(f"{welcome}/enrol", somebody(grace, "Smith"), format="json")
    assert (refused.status_code, list(refused.json()["errors"])) == (400, ["sequence"])
    assert alice.patch(welcome, {"is_active": True}, format="json").json()["is_active"] is True
    with enter_church(grace):
        assert not AutomatedMessage.objects.get().is_held


def test_a_removed_sequence_is_gone_with_all_that_lies_below(alice: Any, welcome: str, grace: Any) -> None:
    alice.post(f"{welcome}/enrol", somebody(grace), format="json")
    assert alice.delete(welcome).status_code == 204
    for below in ("", "/templates", "/enrolments", "/stats"):
        assert alice.get(f"{welcome}{below}").status_code == 404
    with enter_church(grace):
        assert Enrolment.objects.get().exit_reason == "sequence_removed"


def test_the_numbers_say_who_is_where(alice: Any, welcome: str, grace: Any) -> None:
    for name in ("Lovelace", "Smith"):
        alice.post(f"{welcome}/enrol", somebody(grace, name), format="json")
    with enter_church(grace):
        AutomatedMessage.objects.filter(recipient__last_name="Smith").update(
            status="sent", bounced_at="2026-01-01T00:00Z"
        )
        smith = Enrolment.objects.get(member__last_name="Smith")
    (ada,) = [
        row for row in alice.get(f"{welcome}/enrolments").json()["results"] if row["id"] != str(smith.pk)
    ]
    alice.post(f"/api/enrolments/{ada['id']}/leave")
    told = alice.get(f"{welcome}/stats").json()
    assert (told["enrolled"], told["active"], told["completed"], told["exited"]) == (
        2,
        1,
        0,
        {"taken_out": 1},
    )
    first, second = told["steps"]
    assert {name: first[name] for name in ("waiting", "sent", "bounced", "left", "skipped")} == {
        "waiting": 0, "sent": 1, "bounced": 1, "left": 1, "skipped": 0,
    }  # fmt: skip
    assert not any(second[name] for name in ("waiting", "sent", "left"))


def test_lists_and_numbers_cost_the_same_for_one_and_thirty(alice: Any, welcome: str, grace: Any) -> None:
    addresses = ["/api/sequences", f"{welcome}/templates", f"{welcome}/enrolments", f"{welcome}/stats"]
    alice.post(f"{welcome}/enrol", somebody(grace), format="json")
    few = [fewest_queries(lambda address=address: alice.get(address)) for address in addresses]
    with enter_church(grace):
        sequence = Sequence.objects.get()
        Member.objects.bulk_create(Member(first_name=f"P{n}", last_name="Many") for n in range(30))
        from automation.enrolling.domain import enrol_many

        enrol_many(sequence=sequence, members=list(Member.objects.all()))
        for number in range(28):
            create_sequence(name=f"Number {number}", trigger_event="manual")
            add_step(sequence=sequence, subject="Hello", body_html="<p>Hello</p>")
    assert [fewest_queries(lambda address=address: alice.get(address)) for address in addresses] == few
