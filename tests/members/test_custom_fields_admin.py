"""A church's own fields on the pages: their definitions, and the person's form."""

from __future__ import annotations

import pytest

from members.custom_fields.domain import change_custom_field, create_custom_field
from members.domain import change_member
from members.models import CustomField, Member
from tenants.context import enter_church
from tests.members import member_pages
from tests.pages import text_of

FIELDS = "/admin/members/customfield/"
SIZES = [{"label": "Small"}, {"label": "Large"}]
OWN = "custom_fields."


@pytest.fixture
def anna(browser_session):
    return browser_session("anna")


@pytest.fixture
def fields(grace):
    with enter_church(grace):
        return {
            "shirt": create_custom_field(label="Shirt", kind="choice", choices=SIZES, help_text="For camp"),
            "teams": create_custom_field(label="Teams", kind="choices", choices=SIZES),
            "paid": create_custom_field(label="Paid", kind="yes_no"),
            "height": create_custom_field(label="Height", kind="number"),
            "joined": create_custom_field(label="Joined", kind="date"),
            "note_b": create_custom_field(label="Note <b>", kind="text"),
            "care": create_custom_field(label="Care", kind="text", visible_to=["pastor"]),
        }


def field_of(grace, **values):
    with enter_church(grace):
        return CustomField.objects.get(**values)


def test_an_administrator_defines_renames_and_puts_away(anna, grace):
    assert "Fields of your own" in text_of(anna.get("/admin/settings/"))
    new = {"label": "Shirt", "kind": "choice", "new_choices": "Small\nLarge\n\n", "visible_to": ["pastor"]}
    assert anna.post(f"{FIELDS}add/", new).status_code == 302
    made = field_of(grace, key="shirt")
    assert [choice["label"] for choice in made.choices] == ["Small", "Large"]
    assert made.visible_to == ["pastor"]
    page = anna.get(f"{FIELDS}{made.pk}/change/")
    assert page.status_code == 200
    changes = {
        "label": "Jacket", "kind": "choice", "choice_0": "S", "choice_1": "Large", "choice_1_put_away": "on",
        "new_choices": "Huge", "order_index": "7", "put_away": "on", "visible_to": ["pastor"],
    }  # fmt: skip
    answer = anna.post(f"{FIELDS}{made.pk}/change/", changes)
    assert answer.status_code == 302, text_of(answer)
    changed = field_of(grace, pk=made.pk)
    assert (changed.key, changed.label, changed.order_index, changed.archived) == ("shirt", "Jacket", 7, True)
    assert changed.choices == [
        {"key": "small", "label": "S"}, {"key": "large", "label": "Large", "archived": True},
        {"key": "huge", "label": "Huge"},
    ]  # fmt: skip
    assert "put away" in text_of(anna.get(FIELDS))
    assert anna.post(f"{FIELDS}{made.pk}/delete/", {"post": "yes"}).status_code == 302
    with enter_church(grace):
        assert not CustomField.objects.exists()


def test_what_the_door_refuses_stands_on_the_form(anna, fields):
    answer = anna.post(f"{FIELDS}add/", {"label": "SHIRT", "kind": "text"})
    assert "Another field has this name." in text_of(answer)
    answer = anna.post(f"{FIELDS}add/", {"label": "Empty", "kind": "choice", "new_choices": " \n"})
    assert "Give at least one choice." in text_of(answer)
    page = anna.post(f"{FIELDS}{fields['shirt'].pk}/delete/", {"post": "yes"}, follow=True)
    assert "Put the field away first" in text_of(page)


def test_a_person_gets_and_loses_values_by_the_form(anna, fields, person, grace):
    ada = person("Ada")
    page = anna.get(member_pages.change(ada))
    assert all(
        word in text_of(page) for word in ("Fields of your own", "Shirt", "For camp", "Note <b>", "Care")
    )
    sent = member_pages.fields_of(ada) | {
        f"{OWN}shirt": "large", f"{OWN}teams": ["large", "small"], f"{OWN}paid": "no", f"{OWN}height": "1,75",
        f"{OWN}joined": "2020-02-29", f"{OWN}note_b": "one\r\ntwo", f"{OWN}care": "",
    }  # fmt: skip
    answer = anna.post(member_pages.change(ada), sent)
    assert answer.status_code == 302, text_of(answer)
    kept = {
        "shirt": "large", "teams": ["small", "large"], "paid": False, "height": 1.75, "joined": "2020-02-29",
        "note_b": "one\ntwo",
    }  # fmt: skip
    assert person("Ada").custom_fields == kept
    page = anna.get(member_pages.change(ada)).content.decode()
    assert 'value="1.75"' in page
    assert 'value="2020-02-29"' in page
    before = person("Ada").updated_at
    same = sent | {f"{OWN}height": "1.75"}
    assert anna.post(member_pages.change(ada), same).status_code == 302
    assert person("Ada").updated_at == before
    anna.post(member_pages.change(ada), same | {f"{OWN}shirt": "", f"{OWN}teams": [], f"{OWN}note_b": ""})
    assert person("Ada").custom_fields == {"paid": False, "height": 1.75, "joined": "2020-02-29"}


def test_a_value_that_does_not_fit_is_said_at_its_field(anna, fields, person):
    ada = person("Ada")
    sent = member_pages.fields_of(ada) | {f"{OWN}height": "tall", f"{OWN}joined": "soon"}
    answer = anna.post(member_pages.change(ada), sent)
    assert answer.status_code == 200
    assert "“tall” is no number." in text_of(answer)
    assert person("Ada").custom_fields == {}


def test_a_new_person_begins_with_values(anna, fields, person):
    names = {"first_name": "Ruth", "last_name": "Moab", "membership_status": "active"}
    assert anna.post(member_pages.ADD, {**names, f"{OWN}paid": "yes"}).status_code == 302
    assert person("Ruth").custom_fields == {"paid": True}


def test_two_people_on_one_form_do_not_undo_each_other(anna, fields, person, grace):
    ada = person("Ada")
    with enter_church(grace):
        change_member(member=ada, custom_fields={"note_b": "by Bob", "care": "secret"})
    own = {f"{OWN}note_b": "by Bob", f"{OWN}care": "secret", f"{OWN}paid": "yes"}
    anna.post(member_pages.change(ada), member_pages.fields_of(ada) | own)
    assert person("Ada").custom_fields == {"note_b": "by Bob", "care": "secret", "paid": True}


def test_a_hidden_field_is_on_no_page_and_takes_nothing(browser_session, fields, person, grace):
    ada = person("Ada")
    with enter_church(grace):
        change_member(member=ada, custom_fields={"care": "secret", "shirt": "large", "joined": "2020-02-29"})
    for actor, sees in (("anna", True), ("alice", True), ("bob", False), ("vera", False)):
        page = browser_session(actor).get(member_pages.change(ada))
        assert page.status_code == 200
        assert ("secret" in page.content.decode()) is sees, actor
        assert "Large" in text_of(page)
    assert "Feb. 29, 2020" in text_of(browser_session("vera").get(member_pages.change(ada)))
    sent = member_pages.fields_of(ada) | {
        f"{OWN}care": "changed",
        f"{OWN}shirt": "small",
        f"{OWN}joined": "2020-02-29",
    }
    assert browser_session("bob").post(member_pages.change(ada), sent).status_code == 302
    assert person("Ada").custom_fields == {"care": "secret", "shirt": "small", "joined": "2020-02-29"}


def test_a_choice_that_was_put_away_stays_with_who_has_it(anna, fields, person, grace):
    ada = person("Ada")
    with enter_church(grace):
        change_member(member=ada, custom_fields={"shirt": "large"})
        put_away = [{"key": "small", "label": "Small"}, {"key": "large", "label": "Large", "archived": True}]
        change_custom_field(field=fields["shirt"], choices=put_away)
    sent = member_pages.fields_of(ada, nickname="Countess") | {f"{OWN}shirt": "large"}
    assert anna.post(member_pages.change(ada), sent).status_code == 302
    assert person("Ada").custom_fields == {"shirt": "large"}
    assert '<option value="large">' not in anna.get(member_pages.change(person("Mary"))).content.decode()


def test_the_list_is_narrowed_by_choices_and_by_yes_or_no(browser_session, fields, grace):
    with enter_church(grace):
        for first, values in (
            ("Ada", {"shirt": "large", "paid": True}),
            ("Mary", {"teams": ["small"], "paid": False}),
        ):
            change_member(member=Member.objects.get(first_name=first), custom_fields=values)
    bob = browser_session("bob")
    for query, found in (
        ("custom_shirt=large", ["Ada"]), ("custom_paid=yes", ["Ada"]), ("custom_paid=no", ["Mary"]),
        ("custom_teams=small", ["Mary"]), ("custom_teams=large", []),
    ):  # fmt: skip
        text = text_of(bob.get(f"{member_pages.LIST}?{query}"))
        assert [name for name in ("Ada", "Mary", "José") if name in text] == found, query
    # What is no filter of the page is refused as ever.
    assert bob.get(f"{member_pages.LIST}?custom_care=secret").status_code == 400
    assert bob.get(f"{member_pages.LIST}?custom_fields__care=secret").status_code == 400
