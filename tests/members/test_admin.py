"""People on the pages of a church's admin, as its users see them."""

from __future__ import annotations

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from members.domain import create_member, remove_member
from members.households.domain import create_household
from members.models import Member
from tenants.context import enter_church
from tests.members.member_pages import ADD, LIST, change, fields_of
from tests.pages import choose, text_of

# -- The list --


def test_the_list_shows_phone_email_status_and_tags(browser_session):
    page = browser_session("bob").get(LIST)
    body = page.content.decode()
    assert 'href="tel:+12175550101"' in body
    assert "(217) 555-0101" in body
    assert 'href="mailto:lovelace@grace.example"' in body
    assert '<span class="mark mark-tag">Choir</span>' in body
    assert "Lovelace, Ada" in text_of(page)


@pytest.mark.parametrize("typed", ["muller", "Jos", "lovel ada", "0101", "(217) 555-0101", "choir ada"])
def test_search_is_the_one_of_the_api(browser_session, typed):
    page = text_of(browser_session("bob").get(LIST, {"q": typed}))
    found = {"muller": "Müller", "Jos": "Müller"}.get(typed, "Lovelace")
    assert found in page
    assert "Smith" not in page


@pytest.mark.parametrize(
    ("chosen", "seen", "unseen"),
    [
        ({"tag": "Choir"}, ["Lovelace", "Smith"], ["Müller"]),
        ({"status": "visitor"}, ["Newcomer"], ["Lovelace"]),
        ({"added": "today"}, ["Lovelace", "Newcomer"], ["Oldtimer"]),
        ({"added": "month"}, ["Lovelace", "Newcomer"], ["Oldtimer"]),
        ({"missing": "email"}, ["Newcomer", "Oldtimer"], ["Lovelace"]),
        ({"missing": "phone"}, ["Newcomer", "Oldtimer"], ["Lovelace"]),
        ({"missing": "birthday"}, ["Lovelace", "Newcomer"], ["Oldtimer"]),
        ({"household_role": "head"}, ["Oldtimer"], ["Lovelace", "Newcomer"]),
        ({"tag": "nobody has it"}, [], ["Lovelace"]),
    ],
)
def test_filters(grace, browser_session, chosen, seen, unseen):
    with enter_church(grace):
        create_member(first_name="Nina", last_name="Newcomer", membership_status="visitor")
        old = create_member(
            first_name="Otto",
            last_name="Oldtimer",
            birth_date="1950-01-02",
        )
        create_household(people=[(old, "Head")])
        Member.objects.filter(pk=old.pk).update(created_at=timezone.now() - datetime.timedelta(days=60))
    page = text_of(browser_session("bob").get(LIST, chosen))
    assert all(f"{name}, " in page for name in seen)
    assert not any(f"{name}, " in page for name in unseen)


@pytest.mark.parametrize(
    "query",
    [
        "first_name__regex=(",
        "search_document__contains=a",
        "id__exact=1",
        "created_at__year=x",
        "e=1&tag=x",
        "p=99",
        "p=x",
        "o=99.-7.x",
        "q=%2B",
        "all=",
        "added=x&missing=y",
        "_to_field=email",
        "_popup=1",
    ],
)
def test_no_query_breaks_the_list(browser_session, query):
    answer = browser_session("bob").get(f"{LIST}?{query}", follow=True)
    assert answer.status_code in {200, 400}
    assert (answer.status_code == 400) == ("__" in query or "_to_field" in query)


def test_the_list_takes_as_many_queries_for_thirty_people_as_for_one(grace, browser_session):
    def queries():
        client = browser_session("bob")
        # The first request of all also asks which church the host is, and enters it.
        client.get("/admin/login/")
        with CaptureQueriesContext(connection) as captured:
            assert client.get(LIST).status_code == 200
        return len(captured)

    with enter_church(grace):
        for member in Member.objects.all()[1:]:
            remove_member(member=member)
    few = queries()
    with enter_church(grace):
        for number in range(30):
            create_member(first_name=f"No{number}", last_name="Body", tags=["Choir"])
    assert queries() == few
    assert few <= 14


# -- A person --


def test_a_person_is_added_with_a_birthday_as_people_write_it(browser_session, person):
    client = browser_session("bob")
    answer = client.post(
        ADD,
        {
            "first_name": "Lydia", "last_name": "Thyatira", "email": "Lydia@example.org",
            "phone": "217 555 0199",
            "birth_date": "June 15", "tags": "Choir, Purple ,choir", "membership_status": "visitor",
            "address_line1": "1 River Road", "address_city": "Philippi", "_save": "Save",
        },
    )  # fmt: skip
    assert answer.status_code == 302
    lydia = person("Lydia")
    assert lydia.birth_date == "--06-15"
    assert lydia.phone == "+12175550199"
    assert lydia.tags == ["Choir", "Purple"]
    assert lydia.address == {"line1": "1 River Road", "city": "Philippi"}
    shown = client.get(change(lydia)).content.decode()
    assert 'value="June 15"' in shown
    assert 'value="(217) 555-0199"' in shown
    assert 'value="Choir, Purple"' in shown
    assert 'href="tel:+12175550199"' in shown


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("1975-06-15", "1975-06-15"), ("1975/6/5", "1975-06-05"), ("06-15", "--06-15"),
        ("--06-15", "--06-15"),
        ("6/15/1975", "1975-06-15"), ("15/6/1975", "1975-06-15"), ("15.6.1975", "1975-06-15"),
        ("2/29", "--02-29"),
        ("June 15, 1975", "1975-06-15"), ("15 Jun 1975", "1975-06-15"), ("Sept. 3rd", "--09-03"),
        ("the 3rd of July 1980", "1980-07-03"), ("", ""),
    ],
)  # fmt: skip
def test_birthdays_are_read_as_people_write_them(browser_session, person, typed, stored):
    ada = person("Ada")
    answer = browser_session("bob").post(change(ada), fields_of(ada, birth_date=typed))
    assert answer.status_code == 302
    assert person("Ada").birth_date == stored


@pytest.mark.parametrize(
    "typed", ["soon", "June", "31/31/1975", "1975-02-30", "15 15 June", "75-6-15", "6/15/75"]
)
def test_what_is_no_birthday_is_said_on_its_field(browser_session, person, typed):
    ada = person("Ada")
    answer = browser_session("bob").post(change(ada), fields_of(ada, birth_date=typed))
    assert answer.status_code == 200
    assert answer.context["adminform"].form.errors["birth_date"]
    assert person("Ada").birth_date == ""


def test_what_the_door_refuses_is_said_on_its_field(grace, browser_session, person):
    with enter_church(grace):
        create_member(first_name="Key", last_name="Holder", external_key="K1")
    ada = person("Ada")
    answer = browser_session("bob").post(
        change(ada), fields_of(ada, phone="12", external_key="K1", first_name="Adah", tags="x" * 51)
    )
    assert answer.status_code == 200
    assert "“12” is no phone number." in text_of(answer)
    assert "A tag has 1 to 50 characters." in text_of(answer)
    answer = browser_session("bob").post(change(ada), fields_of(ada, external_key="K1", first_name="Adah"))
    assert "Another person has this key." in text_of(answer)
    assert 'value="Adah"' in answer.content.decode()
    assert person("Ada").external_key == ""


def test_saving_leaves_what_somebody_else_changed_meanwhile(grace, browser_session, person):
    ada = person("Ada")
    form_opened_before = fields_of(ada, nickname="Countess", address_city="London")
    with enter_church(grace):
        Member.objects.filter(pk=ada.pk).update(email="new@grace.example", address={"postal_code": "62701"})
    assert browser_session("bob").post(change(ada), form_opened_before).status_code == 302
    now = person("Ada")
    assert now.nickname == "Countess"
    assert now.address["city"] == "London"


def test_parts_of_an_address_that_the_page_does_not_show_are_kept(grace, browser_session, person):
    ada = person("Ada")
    with enter_church(grace):
        Member.objects.filter(pk=ada.pk).update(address={"line1": "1 Old Street", "county": "Sangamon"})
    ada = person("Ada")
    browser_session("bob").post(change(ada), fields_of(ada, address_line1="2 New Street"))
    assert person("Ada").address == {"line1": "2 New Street", "county": "Sangamon"}


def test_saving_what_was_opened_changes_nothing(browser_session, person):
    ada = person("Ada")
    browser_session("bob").post(change(ada), fields_of(ada))
    assert person("Ada").updated_at == ada.updated_at


def test_somebody_deleted_meanwhile_is_a_message(grace, browser_session, person, monkeypatch):
    from members import domain

    ada = person("Ada")
    client = browser_session("bob")

    def gone(**given):
        raise Member.DoesNotExist

    monkeypatch.setattr(domain, "change_member", gone)
    answer = client.post(change(ada), fields_of(ada, nickname="Countess"), follow=True)
    assert "Somebody else has deleted this in the meantime." in text_of(answer)


def test_a_person_of_another_church_is_not_there(browser_session, person):
    carol = browser_session("carol")
    ada = person("Ada")
    for address in (change(ada), f"{LIST}{ada.pk}/delete/"):
        answer = carol.get(address, follow=True)
        assert answer.redirect_chain == [("/admin/", 302)]
        assert "doesn’t exist. Perhaps it was deleted?" in text_of(answer)
    carol.post(change(ada), fields_of(ada, first_name="Hacked"))
    carol.post(LIST, choose("add_tags", ada, apply="1", **{"action-tags": "Hacked"}))
    carol.post(LIST, choose("delete_selected", ada, post="yes"))
    assert (person("Ada").tags, person("Ada").last_name) == (["Choir"], "Lovelace")


def test_markup_in_a_person_is_text(grace, browser_session):
    attack = "<script>alert(1)</script>"
    with enter_church(grace):
        made = create_member(
            first_name=attack, last_name="<img src=x onerror=alert(2)>",
            nickname="{{ 7|add:7 }}",
            tags=["<b onmouseover=alert(3)>bold</b>"], address={"line1": "javascript:alert(4)"},
            membership_status="<i>new</i>",
        )  # fmt: skip
        create_household(people=[(made, '"><svg onload=alert(5)>')], name="<img src=x>")
    for actor in ("anna", "vera"):
        client = browser_session(actor)
        household_tab = f"{change(made)}?tab=household"
        for address in ("/admin/", LIST, change(made), household_tab, f"{LIST}?tag=%3Cscript%3E"):
            body = client.get(address).content.decode()
            assert "<script>alert" not in body
            assert "<img src=x" not in body
            assert "<b onmouseover" not in body
            assert "<svg onload" not in body
            assert "<i>new" not in body
            assert 'href="javascript' not in body
    assert "14" not in text_of(browser_session("vera").get(change(made))).split("Called")[1][:8]
    assert attack in text_of(browser_session("anna").get(LIST))


# -- The first page --


def test_today_counts_greets_and_tells_birthdays(grace, browser_session):
    with enter_church(grace), timezone.override(grace.timezone):
        today = timezone.localdate()
        soon, later = today + datetime.timedelta(days=6), today + datetime.timedelta(days=7)
        people = {"Tina": f"1990-{today:%m-%d}", "Sam": f"--{soon:%m-%d}", "Late": f"--{later:%m-%d}"}
        for first, birth_date in people.items():
            create_member(first_name=first, last_name="Born", birth_date=birth_date)
        create_member(
            first_name="Gone", last_name="Born", birth_date=f"1900-{today:%m-%d}",
            membership_status="deceased",
        )  # fmt: skip
    page = text_of(browser_session("vera").get("/admin/"))
    assert "Welcome, Vera." in page
    assert "8 people" in page
    birthdays = page.split("Birthdays in the next seven days")[1].split("People")[0]
    assert f"Tina Born today , {today.year - 1990} years" in birthdays
    assert "Sam Born" in birthdays
    assert "Late Born" not in birthdays
    assert "Gone Born" not in birthdays
    assert "Latest imports" not in page


def test_who_was_born_on_a_leap_day_is_not_forgotten():
    from members.rules.days import coming_birthdays

    assert coming_birthdays(datetime.date(2026, 2, 25), 7)["02-29"] == datetime.date(2026, 2, 28)
    assert coming_birthdays(datetime.date(2028, 2, 25), 7)["02-29"] == datetime.date(2028, 2, 29)
