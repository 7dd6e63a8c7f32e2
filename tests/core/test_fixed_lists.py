"""Lists whose statements are made once give what the others give."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.api.fixed_lists import FixedRows, FixedStatements
from core.models import IdempotencyKey
from members.custom_fields.domain import create_custom_field
from members.domain import create_member, remove_member
from members.models import Member
from tenants.context import enter_church

# A filter that everybody fits takes the other way.
SLOWLY = "created_after=2000-01-01T00:00:00%2B00:00"


def pages(client, query=""):
    """The list as it is read in one piece and in pages, the fixed way and the other."""
    return [
        [client.get(f"/api/members?{part}{query}").json()["results"] for part in (way, f"{way}&page_size=2")]
        for way in ("", SLOWLY)
    ]


@pytest.mark.parametrize(
    "query", ["", "&ordering=-first_name", "&ordering=email,-created_at", "&page=2&page_size=3"]
)
def test_both_ways_give_the_same(api, query):
    fixed, other = pages(api("anna"), query)
    assert fixed == other
    assert fixed[-1]


def test_a_list_follows_what_changes(api, grace):
    client = api("anna")
    before = client.get("/api/members").json()
    with enter_church(grace):
        made = create_member(first_name="Aaron", last_name="Aaronson")
    after = client.get("/api/members").json()
    assert (after["count"], after["results"][0]["id"]) == (before["count"] + 1, str(made.pk))
    with enter_church(grace):
        remove_member(member=made)
    assert client.get("/api/members").json() == before


def test_each_church_gets_its_own_from_the_same_statement(api):
    anna, hugo = api("anna"), api("hugo")
    for _turn in range(2):
        ours, theirs = anna.get("/api/members").json(), hugo.get("/api/members").json()
        assert {row["email"].partition("@")[2] for row in ours["results"]} == {"grace.example"}
        assert {row["email"].partition("@")[2] for row in theirs["results"]} == {"hope.example"}


def test_a_list_of_nobody(api, grace):
    with enter_church(grace):
        for member in Member.objects.all():
            remove_member(member=member)
    assert api("anna").get("/api/members").json() == {
        "count": 0,
        "next": None,
        "previous": None,
        "results": [],
    }
    assert api("anna").get("/api/members?page=2").status_code == 404


def test_an_order_that_makes_no_sense_is_refused_each_time(api):
    for _time in range(2):
        assert api("anna").get("/api/members?ordering=nothing").status_code == 400


def test_a_page_and_its_count_are_one_statement(api):
    client = api("anna")
    client.get("/api/members")
    with CaptureQueriesContext(connection) as asked:
        client.get("/api/members")
    assert len([q for q in asked if 'FROM "members"' in q["sql"]]) == 1


def test_pages_far_out_leave_no_statements_behind(grace):
    statements = FixedStatements()
    with enter_church(grace):
        FixedRows(statements, lambda *_further: Member.objects.none(), None).expect(10**9, 10**9 + 50)
    assert statements._statements == {}


def test_a_column_that_must_be_converted_is_refused(grace):
    rows = FixedRows(FixedStatements(), lambda: IdempotencyKey.objects.values_list("body"), None)
    with enter_church(grace), pytest.raises(ImproperlyConfigured, match="conversion"):
        rows[0:5]


def test_statements_do_not_pile_up(grace, monkeypatch):
    monkeypatch.setattr("core.api.fixed_lists.MOST_STATEMENTS", 3)
    statements = FixedStatements()
    rows = FixedRows(statements, lambda: Member.objects.order_by("email").values_list("email"), None)
    with enter_church(grace):
        found = [rows[start : start + 1] for start in range(4)]
    assert found == sorted(found)
    assert len(statements._statements) <= 3


def test_an_order_that_is_not_everybodys_is_asked_anew_each_time(api, grace):
    with enter_church(grace):
        create_custom_field(label="Giving", kind="number", visible_to=["pastor"])
    for _time in range(2):
        assert api("alice").get("/api/members?ordering=custom.giving").status_code == 200
        for actor in ("bob", "hugo"):
            assert api(actor).get("/api/members?ordering=custom.giving").status_code == 400
