"""Somebody whose status is ``erased`` is nowhere to be found, and keeps their row for totals."""

from __future__ import annotations

import pytest

from members import domain
from members.models import Household, HouseholdMembership, Member
from tenants.context import enter_church
from tests.members.member_pages import LIST, change
from tests.pages import text_of
from tests.problems import assert_problem


@pytest.fixture
def erased(grace):
    with enter_church(grace):
        member = domain.create_member(first_name="Erased", last_name="Person", tags=["Choir"])
        Member.objects.filter(pk=member.pk).update(membership_status="erased")
    return member


def test_no_list_search_or_filter_of_the_api_finds_them(api, erased):
    client = api("anna")
    for query in ("", "?search=erased", "?membership_status=erased", "?tag=Choir"):
        answer = client.get(f"/api/members{query}")
        assert str(erased.pk) not in answer.content.decode()
    assert str(erased.pk) not in client.get("/api/members/search?q=erased").content.decode()


def test_their_id_answers_like_one_that_nobody_has(api, erased):
    for client in (api("anna"), api("vera")):
        assert_problem(client.get(f"/api/members/{erased.pk}"), 404)
    for method in ("patch", "delete"):
        assert_problem(getattr(api("anna"), method)(f"/api/members/{erased.pk}"), 404)
    assert_problem(api("anna").post(f"/api/members/{erased.pk}/tags", {"tags": ["x"]}, format="json"), 404)


def test_no_page_shows_them(browser_session, erased):
    client = browser_session("anna")
    assert "Erased" not in text_of(client.get(LIST))
    assert "Erased" not in text_of(client.get(f"{LIST}?q=erased"))
    assert "Erased" not in text_of(client.get("/admin/"))
    assert client.get(change(erased)).status_code == 302


def test_they_count_where_everybody_does(grace, erased):
    with enter_church(grace):
        assert Member.everybody.count() == Member.objects.count() + 1
        household = Household.objects.create(name="Moab")
        HouseholdMembership.objects.create(household=household, member=erased)
        assert household.memberships.get().member == erased
        assert not household.members.exists()


def test_nobody_gives_that_status_by_hand(api, grace, erased):
    for status in ("erased", " Erased "):
        assert_problem(
            api("anna").post(
                "/api/members",
                {"first_name": "A", "last_name": "B", "membership_status": status},
                format="json",
            ),
            400,
            "membership_status",
        )
