"""What is done to many people at once, and who may do what."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry

from tests.members.member_pages import ADD, LIST, change, fields_of
from tests.pages import choose, text_of

# -- Many at once --


def test_a_tag_is_added_to_those_who_were_chosen(browser_session, person):
    client = browser_session("bob")
    ada, jose = person("Ada"), person("José")
    asked = client.post(LIST, choose("add_tags", ada, jose))
    assert "This changes 2 people: Søren" not in text_of(asked)
    assert "This changes 2 people:" in text_of(asked)
    assert '<option value="Choir">' in asked.content.decode()
    done = client.post(
        LIST, choose("add_tags", ada, jose, apply="1", **{"action-tags": "Kitchen, choir"}), follow=True
    )
    assert "2 people were changed." in text_of(done)
    assert person("Ada").tags == ["Choir", "Kitchen"]
    assert person("José").tags == ["Kitchen", "choir"]
    assert person("Mary").tags == ["Choir"]


def test_a_tag_is_taken_from_all_who_match(browser_session, person):
    client = browser_session("bob")
    ada = person("Ada")
    sent = choose("remove_tags", ada, apply="1", select_across="1", **{"action-tags": "choir"})
    done = client.post(f"{LIST}?tag=Choir", sent, follow=True)
    assert "2 people were changed." in text_of(done)
    assert person("Ada").tags == person("Mary").tags == []


def test_a_tag_that_is_refused_is_said(browser_session, person):
    ada = person("Ada")
    sent = choose("add_tags", ada, apply="1", **{"action-tags": "x" * 51})
    assert "A tag has 1 to 50 characters." in text_of(browser_session("bob").post(LIST, sent))
    sent = choose("add_tags", ada, apply="1", **{"action-tags": " , "})
    assert "This field is required." in text_of(browser_session("bob").post(LIST, sent))


def test_several_are_deleted_after_asking(browser_session, person, number_of_people):
    client = browser_session("alice")
    sent = choose("delete_selected", person("Ada"), person("José"))
    asked = client.post(LIST, sent)
    assert "Who was deleted can be restored" in text_of(asked)
    assert "Ada Lovelace" in text_of(asked)
    assert number_of_people() == 4
    client.post(LIST, {**sent, "post": "yes"})
    assert number_of_people() == 2


def test_deleting_all_that_match_sends_no_list_of_keys(browser_session, person, number_of_people):
    client = browser_session("alice")
    sent = choose("delete_selected", person("Ada"), select_across="1")
    asked = client.post(f"{LIST}?tag=Choir", sent)
    assert asked.content.decode().count('name="_selected_action"') == 1
    client.post(f"{LIST}?tag=Choir", {**sent, "post": "yes"})
    assert number_of_people() == 2


def test_nothing_is_written_to_the_platforms_log(browser_session, person):
    client = browser_session("alice")
    ada = person("Ada")
    client.post(change(ada), fields_of(ada, nickname="Countess"))
    client.post(f"{LIST}{ada.pk}/delete/", {"post": "yes"})
    assert LogEntry.objects.count() == 0
    assert client.get(f"{LIST}{person('Mary').pk}/history/").status_code == 404


# -- Who may what --


def test_a_volunteer_looks_and_changes_nothing(browser_session, person, number_of_people):
    vera = browser_session("vera")
    ada = person("Ada")
    page = vera.get(LIST).content.decode()
    assert "Lovelace" in page
    assert "/add/" not in page
    assert 'name="action"' not in page
    assert "memberimport" not in page
    shown = vera.get(change(ada))
    assert 'name="first_name"' not in shown.content.decode()
    assert 'href="tel:+12175550101"' in shown.content.decode()
    assert vera.get(ADD).status_code == 403
    assert vera.post(ADD, fields_of(ada)).status_code == 403
    assert vera.post(change(ada), fields_of(ada, first_name="Hacked")).status_code == 403
    assert vera.post(f"{LIST}{ada.pk}/delete/", {"post": "yes"}).status_code == 403
    vera.post(LIST, choose("delete_selected", ada, post="yes"))
    vera.post(LIST, choose("add_tags", ada, apply="1", **{"action-tags": "Hacked"}))
    assert person("Ada").first_name == "Ada"
    assert person("Ada").tags == ["Choir"]
    assert number_of_people() == 4


def test_staff_may_not_delete(browser_session, person, number_of_people):
    bob = browser_session("bob")
    ada = person("Ada")
    assert "delete_selected" not in bob.get(LIST).content.decode()
    assert "/delete/" not in bob.get(change(ada)).content.decode()
    assert bob.post(f"{LIST}{ada.pk}/delete/", {"post": "yes"}).status_code == 403
    bob.post(LIST, choose("delete_selected", ada, post="yes"))
    assert number_of_people() == 4


def test_who_is_not_signed_in_is_asked_to(client, person):
    for address in ("/admin/", LIST, ADD, change(person("Ada")), "/admin/members/memberimport/"):
        answer = client.get(address, headers={"host": "grace.localhost"})
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/admin/login/?next=/admin/")


@pytest.mark.parametrize(
    "sent",
    [
        {"action": "add_tags", "index": "x", "select_across": "y", "_selected_action": "no-key"},
        {"action": "add_tags", "_selected_action": "no-key", "apply": "1", "action-tags": "a\x00b"},
        {"action": "no_such_action", "index": "0", "_selected_action": "1"},
        {"action": "delete_selected", "_selected_action": ["1", "2"], "post": "yes"},
        {"action": "remove_tags", "_selected_action": "", "select_across": "1"},
        {"_selected_action": "1"},
        {},
    ],
)
def test_no_odd_form_breaks_the_list(browser_session, number_of_people, sent):
    answer = browser_session("alice").post(LIST, sent, follow=True)
    assert answer.status_code in {200, 400}
    assert number_of_people() == 4


@pytest.mark.parametrize("key", ["x", "00000000-0000-0000-0000-000000000000", "%00", "../../users"])
def test_no_odd_key_breaks_a_person(browser_session, key):
    alice = browser_session("alice")
    for page in ("change", "delete", "history"):
        assert alice.get(f"{LIST}{key}/{page}/", follow=True).status_code in {200, 400, 404}
        assert alice.post(f"{LIST}{key}/{page}/", {"post": "yes"}, follow=True).status_code in {200, 400, 404}


def test_odd_values_are_refused_on_their_fields(browser_session, person):
    ada = person("Ada")
    sent = fields_of(
        ada, email="no address", birth_date="☺", baptized_date="soon", membership_status="unheard of",
        first_name="x" * 101, last_name="", phone="9" * 60, address_city="y" * 256, tags="z" * 7_000,
    )  # fmt: skip
    form = browser_session("alice").post(change(ada), sent).context["adminform"].form
    assert form.errors.keys() == {
        "email", "birth_date", "baptized_date", "membership_status", "first_name", "last_name", "phone",
        "address_city", "tags",
    }  # fmt: skip
    assert person("Ada").updated_at == ada.updated_at
