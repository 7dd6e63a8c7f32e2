"""Saved lists on the pages: made from filters, changed as a form, and used as a filter."""

from __future__ import annotations

import pytest
from django.http import QueryDict

from members.custom_fields.domain import create_custom_field
from members.domain import change_member, create_member
from members.households.domain import create_household
from members.models import Member, SavedList
from members.saved_lists.domain import save_list
from tenants.context import enter_church
from tests.members import member_pages
from tests.members.conftest import fewest_queries
from tests.pages import choose, text_of

LISTS = "/admin/members/savedlist/"
CHOIR = {"match": "all", "conditions": [{"field": "tags", "operator": "has", "value": "Choir"}]}


@pytest.fixture
def keep(grace, user):
    def make(actor, name="The choir", rule=CHOIR, is_shared=False):
        with enter_church(grace):
            return save_list(user=user(actor), name=name, rule=rule, is_shared=is_shared)

    return make


def only(grace):
    with enter_church(grace):
        return SavedList.objects.get()


def page_of(saved_list):
    return f"{LISTS}{saved_list.pk}/change/"


def sent(*rows, name="A list", match="all", **more):
    values = {"name": name, "match": match, **more}
    for number, (what, value) in enumerate(rows):
        values |= {f"row{number}-what": what, f"row{number}-value": value}
    return values


def names_on(client, query):
    text = text_of(client.get(f"{member_pages.LIST}{query}"))
    return [name for name in ("Ada", "José", "Mary", "Søren", "Ruth") if name in text]


@pytest.mark.parametrize(
    "query",
    [
        "?status=visitor", "?tag=Choir", "?added=today", "?added=week", "?added=month", "?missing=email",
        "?missing=phone", "?missing=birthday", "?household_role=head", "?q=ru", "?q=choir&status=visitor",
        "?custom_shirt=large", "?custom_paid=no&tag=Choir", "?custom_teams=large",
    ],
)  # fmt: skip
def test_the_filters_of_the_page_become_a_list_that_shows_the_same_people(browser_session, grace, query):
    sizes = [{"label": "Small"}, {"label": "Large"}]
    with enter_church(grace):
        create_custom_field(label="Shirt", kind="choice", choices=sizes)
        create_custom_field(label="Teams", kind="choices", choices=sizes)
        create_custom_field(label="Paid", kind="yes_no")
        own = {"shirt": "large", "teams": ["large"], "paid": False}
        ruth = create_member(
            first_name="Ruth", last_name="Moab", membership_status="visitor", tags=["Choir"],
            birth_date="1980-01-01", custom_fields=own,
        )  # fmt: skip
        create_household(people=[(ruth, "head"), (Member.objects.get(first_name="Ada"), "child")])
    bob = browser_session("bob")
    shown = names_on(bob, query)
    assert f"{LISTS}add/?" in bob.get(f"{member_pages.LIST}{query}").content.decode()
    page = bob.get(f"{LISTS}add/{query}")
    rows = [(row["what"].value(), row["value"].value() or "") for row in page.context["rows"]]
    assert len(rows) == len(QueryDict(query[1:]))
    answer = bob.post(f"{LISTS}add/", sent(*rows))
    assert answer.status_code == 302, text_of(answer)
    assert names_on(bob, f"?list={only(grace).pk}") == shown


def test_without_filters_there_is_nothing_to_save(browser_session):
    assert f"{LISTS}add/" not in browser_session("bob").get(member_pages.LIST).content.decode()
    assert (
        f"{LISTS}add/" not in browser_session("vera").get(f"{member_pages.LIST}?tag=Choir").content.decode()
    )


def test_a_list_and_filters_become_one_list_where_they_can(browser_session, keep):
    bob = browser_session("bob")
    two = [{"field": "email", "operator": "missing"}, {"field": "tags", "operator": "has", "value": "Choir"}]
    for rule, rows in (
        (CHOIR, 2),
        ({"match": "all", "conditions": two}, 3),
        ({"match": "any", "conditions": two}, 1),
    ):
        saved = keep("bob", rule=rule)
        page = bob.get(f"{LISTS}add/?list={saved.pk}&status=active")
        assert len(page.context["rows"]) == rows
        assert ("is left out" in text_of(page)) is (rows == 1)
    assert len(bob.get(f"{LISTS}add/?list=no-id").context["rows"]) == 1


def test_conditions_are_added_and_removed_without_a_script(browser_session, keep, grace):
    bob = browser_session("bob")
    saved = keep("bob")
    page = bob.get(page_of(saved))
    assert "Condition 1" in text_of(page)
    more = bob.post(page_of(saved), sent(("tags has", "Choir"), add=""))
    assert "Condition 2" in text_of(more)
    assert only(grace).rule == CHOIR
    rows = [("tags has", "Choir"), ("email known", ""), ("age from", "18")]
    fewer = bob.post(page_of(saved), sent(*rows, remove="row0"))
    assert [row["what"].value() for row in fewer.context["rows"]] == ["email known", "age from"]
    answer = bob.post(page_of(saved), sent(*rows, ("", ""), name="Grown", match="any", is_shared="on"))
    assert answer["Location"] == f"{member_pages.LIST}?list={saved.pk}"
    changed = only(grace)
    assert (changed.name, changed.is_shared, changed.rule["match"]) == ("Grown", True, "any")
    assert changed.rule["conditions"] == [
        {"field": "tags", "operator": "has", "value": "Choir"}, {"field": "email", "operator": "known"},
        {"field": "age", "operator": "from", "value": 18},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("age from", "old"), "Give a whole number"), (("tags has", ""), "Give a text"),
        (("tags has_any", "a, b"), ""), (("added before", "1/31/2026"), ""), (("added this", "Week"), ""),
        (("baptized is", "perhaps"), "Write yes or no."), (("wings has", "2"), "Select a valid choice"),
        (("custom_fields.shirt is", "large"), ""), (("custom_fields.shirt in", "Small, large"), ""),
        (("custom_fields.teams has", "Large"), ""), (("custom_fields.height from", "1,5"), ""),
        (("custom_fields.shirt is", "Huge"), "is not one of the choices"),
        (("custom_fields.height from", "tall"), "is no number"),
    ],
)  # fmt: skip
def test_values_are_read_as_people_write_them(browser_session, grace, row, said):
    sizes = [{"label": "Small"}, {"label": "Large"}]
    with enter_church(grace):
        create_custom_field(label="Shirt", kind="choice", choices=sizes)
        create_custom_field(label="Teams", kind="choices", choices=sizes)
        create_custom_field(label="Height", kind="number")
    bob = browser_session("bob")
    answer = bob.post(f"{LISTS}add/", sent(row))
    if said:
        assert said in text_of(answer)
        return
    assert answer.status_code == 302, text_of(answer)
    shown = bob.get(page_of(only(grace))).context["rows"][0]
    again = bob.post(page_of(only(grace)), sent((shown["what"].value(), shown["value"].value())))
    before = only(grace).rule
    assert again.status_code == 302
    assert only(grace).rule == before


def test_actions_reach_everybody_who_is_on_the_list(browser_session, keep, grace):
    bob = browser_session("bob")
    address = f"{member_pages.LIST}?list={keep('bob').pk}"
    assert "List “The choir”" in text_of(bob.get(address))
    with enter_church(grace):
        ada = Member.objects.get(first_name="Ada")
    data = choose("add_tags", ada, apply="1", **{"action-tags": "Easter", "select_across": "1"})
    assert bob.post(address, data).status_code == 302
    with enter_church(grace):
        assert {person.first_name for person in Member.objects.tagged("Easter")} == {"Ada", "Mary"}


def test_lists_of_others_are_read_and_not_changed(browser_session, keep, grace):
    private, shared = keep("alice", name="Private"), keep("alice", name="Shared", is_shared=True)
    for actor in ("bob", "vera"):
        client = browser_session(actor)
        text = text_of(client.get(LISTS))
        assert "Shared" in text
        assert "2 people" in text
        assert "Private" not in text
        page = client.get(page_of(shared))
        assert "has the tag Choir" in text_of(page)
        assert "<form method" not in page.content.decode().partition('class="rule"')[2]
        assert client.post(page_of(shared), sent()).status_code == 403
        assert client.post(f"{LISTS}{shared.pk}/delete/", {"post": "yes"}).status_code == 403
        assert client.get(page_of(private)).status_code == 302
        assert names_on(client, f"?list={private.pk}") == []
    assert browser_session("vera").get(f"{LISTS}add/").status_code == 403
    assert browser_session("anna").post(f"{LISTS}{shared.pk}/delete/", {"post": "yes"}).status_code == 302
    assert only(grace).name == "Private"


def test_a_list_by_a_hidden_field_is_on_no_page(browser_session, keep, grace):
    with enter_church(grace):
        create_custom_field(label="Care", kind="text", visible_to=["pastor"])
        change_member(member=Member.objects.get(first_name="Ada"), custom_fields={"care": "x"})
    rule = {"match": "all", "conditions": [{"field": "custom_fields.care", "operator": "known"}]}
    saved = keep("alice", name="Cared for", rule=rule, is_shared=True)
    bob = browser_session("bob")
    assert "Cared for" not in text_of(bob.get(LISTS)) + text_of(bob.get(member_pages.LIST))
    assert bob.get(page_of(saved)).status_code == 302
    assert names_on(bob, f"?list={saved.pk}") == []
    assert names_on(browser_session("alice"), f"?list={saved.pk}") == ["Ada"]
    assert "Care" not in bob.get(f"{LISTS}add/").content.decode()


def test_the_page_of_lists_counts_all_with_one_query(browser_session, keep):
    keep("bob")
    bob = browser_session("bob")
    before = fewest_queries(lambda: bob.get(LISTS))
    for number in range(30):
        keep("bob", name=f"List {number}")
    assert fewest_queries(lambda: bob.get(LISTS)) == before
