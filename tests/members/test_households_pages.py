"""Households on the pages of a church, as its users see them."""

from __future__ import annotations

from uuid import uuid4

import pytest

from members.domain import create_member
from members.households import domain
from members.models import Household, HouseholdMembership
from tenants.context import enter_church
from tests.members import member_pages
from tests.members.conftest import fewest_queries
from tests.pages import text_of

LIST = "/admin/members/household/"
PARK = {"line1": "1 Park Road", "city": "Ulm"}


@pytest.fixture
def family(grace):
    """Hannah and Samuel at home, she their head; Samuel in the temple too."""
    with enter_church(grace):
        hannah = create_member(first_name="Hannah", last_name="Ramah")
        samuel = create_member(first_name="Samuel", last_name="Ramah")
        home = domain.create_household(people=[(samuel, "child"), (hannah, "head")], address=PARK)
        temple = domain.create_household(people=[(samuel, "Servant")], name="Temple")
    return {"hannah": hannah, "samuel": samuel, "home": home, "temple": temple}


@pytest.fixture
def state(grace):
    """``state()``: ``{household: {first name: (role, is main)}}``."""

    def read():
        with enter_church(grace):
            found = {household.name: {} for household in Household.objects.all()}
            for membership in HouseholdMembership.objects.select_related("household", "member"):
                found[membership.household.name][membership.member.first_name] = (
                    membership.role,
                    membership.is_primary,
                )
            return found

    return read


def page_of(household, below="change/"):
    return f"{LIST}{household.pk}/{below}"


def tab_of(person):
    return f"{member_pages.change(person)}?tab=household"


def act(client, household, person, verb, **more):
    data = {"member_id": str(person.pk), "verb": verb, **more}
    return client.post(page_of(household, "people/"), data, follow=True)


def test_the_list_is_reached_from_the_people_and_finds_by_name_and_people(family, browser_session):
    bob = browser_session("bob")
    assert f'href="{LIST}"' in bob.get(member_pages.LIST).content.decode()
    page = text_of(bob.get(LIST))
    assert "The Ramah household Hannah, Samuel 1 Park Road Ulm" in page
    assert "Temple Samuel" in page
    for typed, found in {"templ": "Temple", "hann": "The Ramah household"}.items():
        rows = text_of(bob.get(LIST, {"q": typed}))
        assert found in rows
        assert {"Temple": "The Ramah household", "The Ramah household": "Temple"}[found] not in rows
    assert "The Ramah household" not in text_of(bob.get(LIST, {"missing": "address"}))
    assert "Temple" not in text_of(bob.get(LIST, {"missing": "people"}))


def test_the_lists_take_as_many_queries_for_thirty_as_for_one(grace, family, browser_session):
    def queries(address):
        client = browser_session("bob")
        assert client.get(address).status_code == 200
        return fewest_queries(lambda: client.get(address))

    addresses = (LIST, member_pages.LIST, tab_of(family["samuel"]), page_of(family["home"]))
    few = [queries(address) for address in addresses]
    with enter_church(grace):
        for number in range(30):
            person = create_member(first_name=f"No{number}", last_name="Body")
            home = domain.create_household(people=[(person, ""), (family["samuel"], "")], address=PARK)
            domain.add_to_household(household=family["home"], member=person)
            domain.add_to_household(household=home, member=family["hannah"])
    assert [queries(address) for address in addresses] == few
    assert max(few) <= 14


def test_the_list_of_people_names_the_main_household(family, browser_session):
    page = text_of(browser_session("vera").get(member_pages.LIST, {"q": "ramah"}))
    assert "Ramah, Samuel The Ramah household" in page
    assert "Temple" not in page


def test_a_household_is_made_renamed_and_given_addresses(browser_session, state, grace):
    bob = browser_session("bob")
    values = {"name": "Home", "phone": "", "external_key": ""}
    answer = bob.post(f"{LIST}add/", {**values, "address_city": "Ulm", "_save": "Save"}, follow=True)
    assert "Nobody is in this household yet." in text_of(answer)
    with enter_church(grace):
        made = Household.objects.get()
    assert (made.address, made.mailing_address) == ({"city": "Ulm"}, {})
    values |= {"name": "House", "phone": "217 555 0101", "mailing_address_line1": "Box 1"}
    answer = bob.post(page_of(made), {**values, "address_city": "Bonn", "_save": "Save"})
    assert answer.status_code == 302
    with enter_church(grace):
        made.refresh_from_db()
    assert (made.name, made.phone) == ("House", "+12175550101")
    assert (made.address, made.mailing_address) == ({"city": "Bonn"}, {"line1": "Box 1"})
    answer = bob.post(page_of(made), {**values, "phone": "12", "_save": "Save"})
    assert "“12” is no phone number." in text_of(answer)
    assert state() == {"House": {}}


def test_somebody_is_looked_for_and_added_with_a_role(family, browser_session, state):
    bob = browser_session("bob")
    address = page_of(family["temple"], "add-person/")
    assert "Nothing found" not in text_of(bob.get(address))
    assert "Nothing found" in text_of(bob.get(address, {"q": "zzz"}))
    found = text_of(bob.get(address, {"q": "ramah"}))
    assert "Hannah Ramah The Ramah household" in found
    assert "Samuel" not in found
    answer = act(bob, family["temple"], family["hannah"], "add", role="other")
    assert "Hannah Ramah is now in “Temple”." in text_of(answer)
    assert state()["Temple"]["Hannah"] == ("other", False)
    again = act(bob, family["temple"], family["hannah"], "add")
    assert "Hannah Ramah is in this household already." in text_of(again)


def test_roles_main_households_and_leaving(family, browser_session, state):
    bob = browser_session("bob")
    samuel, home, temple = family["samuel"], family["home"], family["temple"]
    page = bob.get(page_of(temple)).content.decode()
    assert "mainly in another household" in page
    assert '<option value="Servant" selected>' in page
    act(bob, temple, samuel, "role", role="child")
    assert state()["Temple"] == {"Samuel": ("child", False)}
    act(bob, temple, samuel, "main")
    assert (state()["Temple"]["Samuel"], state()["The Ramah household"]["Samuel"]) == (
        ("child", True),
        ("child", False),
    )
    answer = act(bob, temple, samuel, "leave", back="person")
    assert answer.redirect_chain[-1][0] == tab_of(samuel)
    assert "Samuel Ramah is no longer in “Temple”." in text_of(answer)
    assert state() == {
        "Temple": {},
        "The Ramah household": {"Hannah": ("head", True), "Samuel": ("child", True)},
    }
    gone = act(bob, temple, samuel, "leave")
    assert "Somebody else has changed this in the meantime." in text_of(gone)
    assert "Choose what to do." in text_of(act(bob, home, samuel, "fly"))


def test_a_family_parts_on_a_page(family, browser_session, state):
    bob = browser_session("bob")
    address = page_of(family["home"], "split/")
    assert "Samuel Ramah Child" in text_of(bob.get(address))
    refused = bob.post(address, {"name": "", "people": ["x", str(uuid4())]})
    assert "Choose who is to be in the new household." in text_of(refused)
    answer = bob.post(address, {"name": "Dormitory", "people": [str(family["samuel"].pk)]}, follow=True)
    assert "Samuel Ramah" in text_of(answer)
    assert state()["Dormitory"] == {"Samuel": ("child", True)}
    assert state()["The Ramah household"] == {"Hannah": ("head", True)}


def test_a_person_is_put_into_a_household_from_their_own_page(grace, family, browser_session, state):
    bob = browser_session("bob")
    with enter_church(grace):
        eli = create_member(first_name="Eli", last_name="Shiloh")
    page = bob.get(tab_of(eli))
    assert "Not in any household yet." in text_of(page)
    address = f"{LIST}of/{eli.pk}/"
    assert f'href="{address}"' in page.content.decode()
    assert "Temple Samuel Ramah" in text_of(bob.get(address, {"q": "samuel"}))
    answer = bob.post(address, {"household_id": str(family["temple"].pk), "role": "head"}, follow=True)
    assert answer.redirect_chain[-1][0] == tab_of(eli)
    assert state()["Temple"]["Eli"] == ("head", True)
    bob.post(address, {"new": "1", "name": "", "role": "head"})
    assert state()["The Shiloh household"] == {"Eli": ("head", False)}
    # Moved out of the one into another, and into a new one.
    moving = f"{address}?leave={family['temple'].pk}"
    assert "Eli Shiloh leaves “Temple”." in text_of(bob.get(moving))
    bob.post(address, {"household_id": str(family["home"].pk), "leave": str(family["temple"].pk)})
    assert state()["The Ramah household"]["Eli"] == ("head", True)
    bob.post(address, {"new": "1", "name": "Hut", "leave": str(family["home"].pk)})
    assert state()["Hut"] == {"Eli": ("head", True)}
    assert "Eli" not in state()["Temple"] | state()["The Ramah household"]
    for nonsense in ({"household_id": "x"}, {"household_id": str(uuid4())}):
        assert "Somebody else has changed this" in text_of(bob.post(address, nonsense))


def test_the_persons_page_shows_households_people_and_addresses(family, browser_session):
    vera = browser_session("vera")
    card = text_of(vera.get(member_pages.change(family["samuel"])))
    assert "1 Park Road, Ulm The Ramah household : with Hannah Ramah Also in: Temple" in card
    page = vera.get(tab_of(family["samuel"]))
    assert "The Ramah household Main household Child 1 Park Road, Ulm Hannah Ramah , Head" in text_of(page)
    assert "<form" not in page.content.decode().split('class="household"', 1)[1].split("</main>")[0]
    form = browser_session("bob").get(member_pages.change(family["samuel"])).content.decode()
    assert "household_key" not in form
    assert "household_role" not in form


def test_who_may_only_look_changes_nothing(family, browser_session, state):
    vera, before = browser_session("vera"), state()
    page = text_of(vera.get(page_of(family["home"])))
    assert "Hannah Ramah Head" in page
    assert "Remove from it" not in page
    for verb in ("add", "role", "main", "leave"):
        data = {"member_id": str(family["samuel"].pk), "verb": verb}
        assert vera.post(page_of(family["temple"], "people/"), data).status_code == 403
    for address in (page_of(family["home"], "split/"), f"{LIST}of/{family['samuel'].pk}/"):
        assert vera.post(address, {"new": "1", "people": [str(family["samuel"].pk)]}).status_code == 403
    assert state() == before


def test_nobody_of_another_church_is_reached(family, hope, browser_session, state, grace):
    with enter_church(hope):
        stranger = create_member(first_name="Carol", last_name="Stranger")
    bob, before = browser_session("bob"), state()
    act(bob, family["home"], stranger, "add")
    carol = browser_session("carol")
    for address in (page_of(family["home"], "people/"), page_of(family["home"], "split/")):
        answer = carol.post(address, {"people": [str(family["samuel"].pk)], "verb": "leave"})
        assert answer.status_code == 404
    assert state() == before


def test_deleting_a_household_keeps_its_people(family, browser_session, state):
    alice = browser_session("alice")
    address = page_of(family["home"], "delete/")
    assert browser_session("bob").post(address, {"post": "yes"}).status_code == 403
    assert alice.post(address, {"post": "yes"}).status_code == 302
    assert state() == {"Temple": {"Samuel": ("Servant", True)}}
    assert alice.get(member_pages.change(family["hannah"])).status_code == 200
