"""People as a file: whole, harmless in a spreadsheet, and the same people when it comes back."""

from __future__ import annotations

import csv
import io
import logging
from datetime import date

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from members.domain import create_member
from members.models import (
    ConfidentialDetails,
    CustomField,
    Household,
    HouseholdMembership,
    Member,
    MemberNote,
)
from tenants.context import enter_church
from tests.pages import choose, text_of

EXPORT = "/api/members/export"
LIST = "/admin/members/member/"


OWN_FIELDS = [
    ("shirt", "T-shirt", "choice"),
    ("gifts", "Gifts", "choices"),
    ("shoe", "Shoe size", "number"),
    ("driver", "Drives", "yes_no"),
    ("since", "Member since", "date"),
    ("motto", "Email", "text"),
    ("wedding_date", "Anniversary", "text"),
]
CHOICES = {"shirt": ["Small", "Large"], "gifts": ["Music, choir", "Talk"]}


def content_of(answer):
    assert answer.status_code == 200, answer.content
    return b"".join(answer.streaming_content)


def exported(client, query=""):
    """The rows of a CSV export, by name of the column."""
    text = content_of(client.get(f"{EXPORT}{query}")).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture
def full_house(grace):
    """People at Grace of whom everything that makes trouble is known."""
    with enter_church(grace):
        for position, (key, label, kind) in enumerate(OWN_FIELDS):
            choices = [{"key": name[0].lower(), "label": name} for name in CHOICES.get(key, ())]
            CustomField.objects.create(key=key, label=label, kind=kind, choices=choices, order_index=position)
        full = create_member(
            first_name="'=José", middle_name="-", last_name="Ñuñez 王", prefix="Dr.", suffix="Jr.",
            nickname="@pepe", email="jose@example.org", phone="+12175550123", home_phone="+44 20 7946 0018",
            address={"line1": "=1+1", "line2": "+", "city": "Köln; Deutz", "state": "'NW",
                     "postal_code": "01234", "country": "DE"},
            mailing_address={"line1": "PO Box 7", "country": "Germany"},
            gender="male", marital_status="married", birth_date="--02-29", membership_status="visitor",
            baptized_date=date(2001, 2, 3), household_key="H7", household_role="Head",
            tags=["Choir, adults", 'the "few"', "'=x", "Youth"], external_key="-7", timezone="Asia/Kathmandu",
            custom_fields={"shirt": "l", "gifts": ["m", "t"], "shoe": -4.5, "driver": False,
                           "since": "1999-12-31", "motto": "\"quoted\", 'x'", "wedding_date": "2000-01-01"},
        )  # fmt: skip
        # Known by nothing but their names, twice.
        create_member(first_name="Ruth", last_name="Moab")
        create_member(first_name="Ruth", last_name="Moab", birth_date="1970-01-01")
        create_member(first_name="Ruth", last_name="Moab")
        first, second = (Household.objects.create(name=name) for name in ("=Ñuñez", "Old; house"))
        HouseholdMembership.objects.create(household=first, member=full, role="head")
        HouseholdMembership.objects.create(household=second, member=full, role="child", is_primary=False)
    return full


def everything(church):
    with enter_church(church):
        return {
            Model.__name__: list(Model.objects.order_by("pk").values())
            for Model in (Member, Household, HouseholdMembership)
        }


def test_a_file_that_is_exported_and_imported_again_changes_nothing(api, grace, full_house, run_import):
    before = everything(grace)
    done = run_import(content_of(api("anna").get(EXPORT)))
    assert (done.failed, done.created, done.updated) == (0, 0, 0), list(done.failed_rows())
    assert done.unchanged == len(before["Member"])
    assert everything(grace) == before
    assert done.ignored_columns == ["Household", "Role there", "Also in", "Added", "Changed"]


def test_at_another_church_the_same_file_brings_the_people(api, grace, hope, full_house, work_queue):
    from members.importing.domain import start_import

    content = content_of(api("anna").get(EXPORT))
    with enter_church(grace):
        people = Member.objects.count()
    with enter_church(hope):
        Member.objects.all().delete()
        start_import(content=content, file_name="people.csv")
        start_import(content=content, file_name="people.csv")
    work_queue()
    with enter_church(hope):
        assert Member.objects.count() == people
        assert not Member.objects.filter(pk=full_house.pk).exists()
        assert Member.objects.get(email="jose@example.org").tags == full_house.tags


def test_each_column_says_what_is_meant(api, full_house):
    row = next(row for row in exported(api("anna")) if row["Email"] == "jose@example.org")
    assert row["ChurchSaaS ID"] == str(full_house.pk)
    assert row["First name"] == "''=José"
    assert row["Mobile phone"] == "'+12175550123"
    assert row["Birthday"] == "'--02-29"
    assert row["Address 1"] == "'=1+1"
    assert row["Mailing address 1"] == "PO Box 7"
    assert row["Tags"] == '"Choir, adults"; the "few"; \'=x; Youth'
    assert (row["Household"], row["Role there"], row["Also in"]) == ("'=Ñuñez", "head", '"Old; house"')
    assert (row["T-shirt"], row["Gifts"], row["Drives"]) == ("Large", '"Music, choir"; Talk', "No")
    assert (row["Shoe size"], row["Member since"]) == ("-4.5", "1999-12-31")
    # A field that is called like another column goes by its key.
    assert row["custom_fields.motto"] == "\"quoted\", 'x'"


def test_no_cell_of_a_csv_is_a_formula(api, full_house):
    text = content_of(api("anna").get(EXPORT)).decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row if cell and cell != "-4.5"]
    assert not [cell for cell in cells if cell[0] in "=+-@\t\r"]


def test_a_workbook_holds_texts_and_no_formula(api, full_house):
    answer = api("anna").get(f"{EXPORT}?format=xlsx")
    assert answer["Content-Type"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    sheet = openpyxl.load_workbook(io.BytesIO(content_of(answer))).active
    header, *rows = ([cell.value for cell in row] for row in sheet.iter_rows())
    row = next(dict(zip(header, row, strict=True)) for row in rows if "jose@example.org" in row)
    assert (row["First name"], row["Address 1"]) == ("'=José", "=1+1")
    assert (row["Mobile phone"], row["Shoe size"]) == ("+12175550123", -4.5)
    assert {cell.data_type for line in sheet.iter_rows() for cell in line} <= {"s", "n", "inlineStr"}


def test_it_holds_just_whom_the_list_shows_in_its_order(api, full_house):
    anna = api("anna")
    for query in ("?tag=Choir&ordering=-last_name", "?search=ruth", "?membership_status=visitor", ""):
        listed = [person["id"] for person in anna.get(f"/api/members{query}").json()["results"]]
        assert [row["ChurchSaaS ID"] for row in exported(anna, query)] == listed
    for query in ("?ordering=nonsense", "?format=pdf", "?updated_after=yesterday"):
        assert anna.get(f"{EXPORT}{query}").status_code == 400


@pytest.mark.parametrize("accept", ["text/csv", "application/json", "image/png", "*/*"])
def test_whatever_a_client_takes_the_file_is_sent(api, accept):
    answer = api("bob").get(EXPORT, headers={"Accept": accept})
    assert content_of(answer).startswith(b"\xef\xbb\xbf")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"].startswith('attachment; filename="people-')
    assert answer["Cache-Control"] == "private, no-store"


def test_another_method_is_refused_whatever_the_format(api):
    assert api("bob").post(f"{EXPORT}?format=csv").status_code == 405
    assert api("bob").generic("TRACE", f"{EXPORT}?format=csv").status_code == 405


def test_fields_come_by_role_and_nothing_confidential_ever(api, grace, person):
    with enter_church(grace):
        for label, roles in {"Open": [], "Pastoral": ["pastor"], "Office": ["staff", "pastor"]}.items():
            CustomField.objects.create(key=label.lower(), label=label, kind="text", visible_to=roles)
        CustomField.objects.create(key="old", label="Old", kind="text", archived_at="2026-01-01T00:00:00Z")
        Member.objects.filter(first_name="Ada").update(
            custom_fields={"open": "o1", "pastoral": "p1", "office": "f1", "old": "x1"}
        )
        MemberNote.objects.create(member=person("Ada"), body="secret note", is_confidential=True)
        ConfidentialDetails.objects.create(member=person("Ada"), national_id="078-05-1120")
    seen = {}
    for actor in ("anna", "alice", "bob"):
        rows = exported(api(actor))
        seen[actor] = [name for name in rows[0] if name in {"Open", "Pastoral", "Office", "Old"}]
        text = str(rows)
        assert "secret note" not in text
        assert "078-05" not in text
        assert "x1" not in text
    assert seen == {
        "anna": ["Office", "Open", "Pastoral"],
        "alice": ["Office", "Open", "Pastoral"],
        "bob": ["Office", "Open"],
    }
    assert "p1" not in str(exported(api("bob")))
    assert api("vera").get(EXPORT).status_code == 403


def test_a_chunk_takes_as_many_queries_for_thirty_people_as_for_one(api, grace, monkeypatch):
    bob = api("bob")
    counts = []
    for number in (1, 30):
        with enter_church(grace):
            Member.objects.all().delete()
            for one in range(number):
                member = create_member(first_name=f"P{one}", last_name="X", tags=["a"])
                home = Household.objects.create(name=f"H{one}")
                HouseholdMembership.objects.create(household=home, member=member)
        content_of(bob.get(EXPORT))
        with CaptureQueriesContext(connection) as captured:
            assert len(exported(bob)) == number
        counts.append(len(captured))
    assert counts[0] == counts[1]
    monkeypatch.setattr("members.exporting.files.PEOPLE_IN_CHUNK", 10)
    assert len(exported(bob)) == 30


def test_an_export_is_written_down_without_anything_of_the_people(api, caplog):
    with caplog.at_level(logging.INFO, logger="members.exporting.files"):
        exported(api("bob"), "?search=lovelace&ordering=email")
    record = next(record for record in caplog.records if record.message == "people exported")
    assert (record.people, record.format, record.filters) == (1, "csv", ["search"])
    assert "lovelace" not in str(record.__dict__).lower()


# -- On the pages --


def test_the_list_is_exported_as_it_is_filtered(browser_session):
    bob = browser_session("bob")
    page = bob.get(f"{LIST}?tag=Choir")
    assert "/admin/members/member/export/?tag=Choir" in page.content.decode()
    question = bob.get(f"{LIST}export/?tag=Choir")
    assert "2 people go into the file, as the list is filtered" in text_of(question)
    content = content_of(bob.get(f"{LIST}export/?tag=Choir&file=csv")).decode("utf-8-sig")
    assert len(content.splitlines()) == 3
    assert content_of(bob.get(f"{LIST}export/?q=ada&file=xlsx")).startswith(b"PK")
    assert bob.get(f"{LIST}export/?nonsense=1&file=csv").status_code == 400


def test_chosen_people_are_exported(browser_session, person):
    bob = browser_session("bob")
    fields = choose("export_chosen", person("Ada"), person("Mary"))
    assert "2 people go into the file" in text_of(bob.post(LIST, fields))
    content = content_of(bob.post(LIST, {**fields, "file": "csv"})).decode("utf-8-sig")
    assert len(content.splitlines()) == 3
    everybody = {**choose("export_chosen", person("Ada")), "select_across": "1", "file": "csv"}
    assert len(content_of(bob.post(LIST, everybody)).decode().splitlines()) == 5


def test_who_may_only_look_is_offered_no_export(browser_session, person):
    vera = browser_session("vera")
    page = vera.get(LIST)
    assert "export" not in page.content.decode().lower()
    assert vera.get(f"{LIST}export/?file=csv").status_code == 403
    answer = vera.post(LIST, {**choose("export_chosen", person("Ada")), "file": "csv"})
    assert answer.get("Content-Disposition") is None
