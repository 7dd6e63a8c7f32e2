"""One's own notifications over the API."""

from __future__ import annotations

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from notifications.api import NotificationSerializer
from notifications.models import Notification
from notifications.shown import shown
from tenants.context import enter_church
from tenants.hosts import forget_hosts
from tests.notifications.kinds_for_tests import NEWS, SECRET, URGENT
from tests.problems import assert_problem

LIST = "/api/notifications"


def test_the_list_has_ones_own_with_the_newest_first_and_what_is_unread(api, tell):
    tell("bob", "bread", url="/admin/members/member/")
    tell("bob", "wine")
    tell("anna", "not for bob")
    bob = api("bob")
    answer = bob.get(LIST).json()
    assert (answer["count"], answer["unread"], answer["next"], answer["previous"]) == (2, 2, None, None)
    assert [row["text"] for row in answer["results"]] == ["News: wine", "News: bread"]
    row = answer["results"][1]
    assert row["number"] == 1
    assert (row["kind"], row["title"], row["data"]) == (NEWS, "News", {"what": "bread"})
    assert (row["url"], row["read_at"]) == ("/admin/members/member/", None)
    read = bob.post(f"{LIST}/{row['id']}/read")
    assert read.status_code == 200
    assert read.json()["read_at"] is not None
    assert bob.get(f"{LIST}?unread=true").json()["count"] == 1
    assert [row["number"] for row in bob.get(f"{LIST}?unread=false").json()["results"]] == [1]
    assert [row["number"] for row in bob.get(f"{LIST}?ordering=number").json()["results"]] == [1, 2]
    assert_problem(bob.get(f"{LIST}?unread=perhaps"), 400, "unread")


def test_all_are_read_or_those_up_to_a_number(api, tell):
    for what in ("bread", "wine", "salt"):
        tell("bob", what)
    bob = api("bob")
    assert bob.post(f"{LIST}/read", {"up_to": 2}).json() == {"unread": 1}
    assert bob.post(f"{LIST}/read", {}).json() == {"unread": 0}
    for wrong in ("2", -1, 1.5, 10**18):
        assert_problem(bob.post(f"{LIST}/read", {"up_to": wrong}), 400, "up_to")


def test_anothers_notification_is_not_there(api, tell):
    [row] = tell("bob", "bread")
    for absent in (row.pk, uuid.uuid4()):
        assert_problem(api("anna").post(f"{LIST}/{absent}/read"), 404)
        assert_problem(api("hugo").post(f"{LIST}/{absent}/read"), 404)


def test_thirty_cost_the_queries_of_one(api, tell):
    bob = api("bob")
    costs = []
    for more in (1, 29):
        for number in range(more):
            tell("bob", str(number))
        # Known hosts are forgotten after a moment, which may be this one or not.
        forget_hosts()
        with CaptureQueriesContext(connection) as asked:
            assert bob.get(LIST).status_code == 200
        costs.append(len(asked))
    assert costs[0] == costs[1]


def test_streams_and_lists_show_the_same(tell, grace):
    [made] = tell("bob", "bread", url="/x")
    with enter_church(grace):
        row = Notification.objects.get(pk=made.pk)
        listed = dict(NotificationSerializer(row).data)
        assert shown(row) == {**listed, "id": str(listed["id"])}
        row.read_at = row.created_at
        assert shown(row)["read_at"] == NotificationSerializer(row).data["read_at"]


def chosen(answer):
    assert answer.status_code == 200, answer.json()
    return {row["kind"]: row["choice"] for row in answer.json()["preferences"]}


def test_preferences_are_for_what_one_may_be_told_of(api):
    address = f"{LIST}/preferences"
    assert SECRET in chosen(api("anna").get(address))
    vera = api("vera")
    before = chosen(vera.get(address))
    assert (before[NEWS], before[URGENT], SECRET in before) == ("in_app", "in_app", False)
    one = {"preferences": [{"kind": NEWS, "choice": "digest"}]}
    assert chosen(vera.put(address, one)) == {**before, NEWS: "digest"}
    for nothing in ({}, {"preferences": []}):
        assert chosen(vera.patch(address, nothing)) == {**before, NEWS: "digest"}
    assert chosen(vera.put(address, {"preferences": []})) == before
    assert chosen(vera.patch(address, one))[NEWS] == "digest"


@pytest.mark.parametrize(
    ("kind", "choice", "field"),
    [
        (SECRET, "off", "preferences.0"),
        (URGENT, "off", "preferences.0"),
        (NEWS, "weekly", "preferences.0.choice"),
        (5, "off", "preferences.0.kind"),
    ],
)
def test_preferences_that_cannot_be_chosen_name_their_field(api, kind, choice, field):
    body = {"preferences": [{"kind": kind, "choice": choice}]}
    assert_problem(api("vera").patch(f"{LIST}/preferences", body), 400, field)
