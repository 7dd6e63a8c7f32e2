"""The history on a person's page, taking things back, and the church's history, as people see them."""

from __future__ import annotations

import json

import pytest

from core import context
from core.models import HistoryEntry
from members import domain
from members.custom_fields.domain import create_custom_field
from members.models import ConfidentialReading, Household, HouseholdMembership, Member, MemberNote
from tenants.context import enter_church
from tests import world
from tests.members.conftest import fewest_queries
from tests.members.member_pages import LIST, change
from tests.pages import text_of

HISTORY = "/admin/core/historyentry/"
DELETED = f"{LIST}deleted/"


@pytest.fixture
def ruth(grace, user):
    with enter_church(grace), context.working_for(user("bob"), come_from="admin"):
        ruth = domain.create_member(first_name="Ruth", last_name="Moab", phone="217 555 0100")
        return domain.change_member(member=ruth, phone="217 555 0199", birth_date="1975-06-15")


@pytest.fixture
def entry_of(grace):
    def find(member_id, action=1):
        with enter_church(grace):
            return HistoryEntry.objects.filter(about=member_id, action=action, kind="members.member").latest()

    return find


def put_back(person, entry):
    return f"{LIST}{person.pk}/history/{entry.pk}/put-back/"


def test_the_tab_tells_who_changed_what_in_plain_words(browser_session, ruth):
    text = text_of(browser_session("bob").get(f"{change(ruth)}?tab=history"))
    assert "Bob in the pages" in text
    assert "Person changed" in text
    assert "Phone from +12175550100 to +12175550199" in text
    assert "Birthday : June 15, 1975" in text
    assert "Person added" in text
    assert text.count("Put back…") == 1


def test_what_nobody_signed_in_did_says_so(browser_session, grace, ruth):
    with enter_church(grace):
        domain.change_member(member=ruth, nickname="Ruthie")
    assert "By the program ," in text_of(browser_session("bob").get(f"{change(ruth)}?tab=history"))


def test_the_tab_is_there_for_those_who_may_write(browser_session, ruth):
    assert "?tab=history" in browser_session("bob").get(change(ruth)).content.decode()
    page = browser_session("vera").get(f"{change(ruth)}?tab=history")
    assert "?tab=history" not in page.content.decode()
    assert "Person changed" not in text_of(page)


def test_a_page_of_the_tab_costs_the_same_for_one_and_thirty(browser_session, grace, ruth):
    client = browser_session("bob")
    with enter_church(grace):
        create_custom_field(label="Shoe", kind="number")
        domain.change_member(member=ruth, custom_fields={"shoe": 0})
        MemberNote.objects.create(member=ruth, body="x")
    few = fewest_queries(lambda: client.get(f"{change(ruth)}?tab=history"))
    with enter_church(grace):
        for number in range(20):
            domain.change_member(member=ruth, custom_fields={"shoe": number + 1})
    assert fewest_queries(lambda: client.get(f"{change(ruth)}?tab=history")) == few


def test_old_entries_are_on_further_pages(browser_session, grace, ruth):
    with enter_church(grace):
        for number in range(40):
            domain.change_member(member=ruth, nickname=f"R{number}")
    client = browser_session("bob")
    assert "Page 1 of 2" in text_of(client.get(f"{change(ruth)}?tab=history"))
    assert "Person added" in text_of(client.get(f"{change(ruth)}?tab=history&page=2"))


def test_a_change_is_put_back_after_asking(browser_session, person, grace, ruth, entry_of):
    entry = entry_of(ruth.pk)
    with enter_church(grace):
        domain.change_member(member=ruth, birth_date="1976-06-15")
    client = browser_session("bob")
    asked = client.get(put_back(ruth, entry))
    assert "Phone +12175550199 +12175550100" in text_of(asked)
    assert "Birthday changed since June 15, 1976 –" in text_of(asked)
    done = client.post(put_back(ruth, entry), {"seen": asked.context["seen"]}, follow=True)
    assert "The change was put back." in text_of(done)
    assert (person("Ruth").phone, person("Ruth").birth_date) == ("+12175550100", "")


def test_what_changed_while_somebody_looked_is_shown_first(browser_session, person, grace, ruth, entry_of):
    entry = entry_of(ruth.pk)
    client = browser_session("bob")
    seen = client.get(put_back(ruth, entry)).context["seen"]
    with enter_church(grace):
        domain.change_member(member=ruth, phone="217 555 0111")
    again = client.post(put_back(ruth, entry), {"seen": seen})
    assert "in the meantime" in text_of(again)
    assert "Phone changed since" in text_of(again)
    assert person("Ruth").phone == "+12175550111"


def test_what_a_door_refuses_is_said(browser_session, grace, ruth, entry_of):
    with enter_church(grace):
        domain.change_member(member=ruth, external_key="P-7")
        domain.change_member(member=ruth, external_key="")
        domain.create_member(first_name="Orpah", last_name="Moab", external_key="P-7")
    client = browser_session("bob")
    address = put_back(ruth, entry_of(ruth.pk))
    said = client.post(address, {"seen": client.get(address).context["seen"]})
    assert "Another person has this key." in text_of(said)


def test_a_deleted_person_is_restored(browser_session, person, grace, ruth, entry_of, number_of_people):
    with enter_church(grace):
        household = Household.objects.create(name="Moab")
        HouseholdMembership.objects.create(household=household, member=ruth)
        domain.remove_member(member=Member.objects.get(pk=ruth.pk))
    client = browser_session("alice")
    assert "Deleted people" in text_of(client.get(LIST))
    assert "Ruth Moab" in text_of(client.get(DELETED))
    address = f"{DELETED}{entry_of(ruth.pk, action=2).pk}/restore/"
    assert "What cannot come back: notes" in text_of(client.get(address))
    done = client.post(address, follow=True)
    assert "Ruth Moab is there again." in text_of(done)
    assert person("Ruth").pk == ruth.pk
    assert "Nobody was deleted." in text_of(client.get(DELETED))
    assert "Deleted people" not in text_of(browser_session("bob").get(LIST))


def test_a_restore_that_is_refused_says_why(browser_session, grace, ruth, entry_of):
    with enter_church(grace):
        domain.change_member(member=ruth, external_key="P-7")
        domain.remove_member(member=Member.objects.get(pk=ruth.pk))
        domain.create_member(first_name="Orpah", last_name="Moab", external_key="P-7")
    said = browser_session("alice").post(f"{DELETED}{entry_of(ruth.pk, action=2).pk}/restore/")
    assert "Another person has the key “P-7” by now." in text_of(said)


# -- Everything, and erasing --


def test_administrators_read_and_save_everything(browser_session, grace, ruth):
    with enter_church(grace):
        MemberNote.objects.create(member=ruth, body="<b>Weeps</b> at night", is_confidential=True)
    client = browser_session("anna")
    address = f"{LIST}{ruth.pk}/everything/"
    assert address in client.get(change(ruth)).content.decode()
    page = client.get(address)
    assert "<b>Weeps</b> at night" in text_of(page)
    assert "First name Ruth" in text_of(page)
    as_file = client.get(f"{address}?as=html")
    assert as_file["Content-Disposition"].startswith("attachment")
    assert "&lt;b&gt;Weeps" in as_file.content.decode()
    data = json.loads(client.get(f"{address}?as=json").content)
    assert data["id"] == str(ruth.pk)
    with enter_church(grace):
        assert ConfidentialReading.objects.filter(member=ruth, subject="history").count() == 3
    assert "Everything about" not in text_of(browser_session("alice").get(change(ruth)))


def test_an_erasure_asks_for_reason_and_password(browser_session, grace, ruth):
    client = browser_session("anna")
    address = f"{LIST}{ruth.pk}/erase/"
    assert "This cannot be undone by anybody." in text_of(client.get(address))
    wrong = client.post(address, {"reason": "asked", "password": "a guess"})
    assert "This is not your password." in text_of(wrong)
    assert "This field is required." in text_of(client.post(address, {"password": world.PASSWORD}))
    done = client.post(address, {"reason": "asked", "password": world.PASSWORD}, follow=True)
    assert "The person was erased." in text_of(done)
    assert "Moab" not in text_of(client.get(LIST))


def test_passwords_cannot_be_tried_on_the_page(browser_session, ruth):
    client = browser_session("anna")
    address = f"{LIST}{ruth.pk}/erase/"
    for _ in range(5):
        client.post(address, {"reason": "asked", "password": "a guess"})
    said = client.post(address, {"reason": "asked", "password": world.PASSWORD})
    assert "Too many attempts." in text_of(said)


def test_a_deleted_person_is_erased_from_the_list_of_them(browser_session, grace, ruth, entry_of):
    with enter_church(grace):
        domain.remove_member(member=Member.objects.get(pk=ruth.pk))
    client = browser_session("anna")
    address = f"{DELETED}{entry_of(ruth.pk, action=2).pk}/erase/"
    assert address in client.get(DELETED).content.decode()
    assert address not in browser_session("alice").get(DELETED).content.decode()
    client.post(address, {"reason": "asked", "password": world.PASSWORD})
    assert "Nobody was deleted." in text_of(client.get(DELETED))
    assert "Moab" not in text_of(client.get(HISTORY))


# -- The whole church --


def test_administrators_see_who_changed_what(browser_session, grace, ruth, user):
    client = browser_session("anna")
    assert HISTORY in client.get("/admin/settings/").content.decode()
    text = text_of(client.get(HISTORY))
    assert "History" in text
    assert "Bob, in the pages" in text
    assert "Person changed – Ruth Moab" in text
    filtered = text_of(client.get(f"{HISTORY}?who={user('bob').pk}&kind=members.member&action=update"))
    assert "Person changed – Ruth Moab" in filtered
    assert "Person added –" not in filtered
    assert "Person changed –" not in text_of(client.get(f"{HISTORY}?origin=import&when=today"))


def test_one_entry_has_a_page(browser_session, ruth, entry_of):
    text = text_of(browser_session("anna").get(f"{HISTORY}{entry_of(ruth.pk).pk}/change/"))
    assert "Ruth Moab Bob in the pages" in text
    assert "Phone from +12175550100 to +12175550199" in text


def test_the_churchs_page_costs_the_same_for_one_and_thirty(browser_session, grace, ruth):
    client = browser_session("anna")
    with enter_church(grace):
        household = Household.objects.create(name="Moab")
        HouseholdMembership.objects.create(household=household, member=ruth)
        create_custom_field(label="Shoe", kind="number")
        domain.change_member(member=ruth, custom_fields={"shoe": 0})
    few = fewest_queries(lambda: client.get(HISTORY))
    with enter_church(grace):
        for member in Member.objects.exclude(pk=ruth.pk):
            HouseholdMembership.objects.create(household=household, member=member)
        for number in range(20):
            domain.change_member(member=ruth, custom_fields={"shoe": number + 1})
    assert fewest_queries(lambda: client.get(HISTORY)) == few
