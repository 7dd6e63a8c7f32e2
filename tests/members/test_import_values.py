"""What a cell states: dates, phones, addresses, tags; and that a blank one states nothing."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils import translation

from members.importing.countries import country_code
from members.importing.dates import read_date
from members.models import Member
from tenants.context import enter_church


@pytest.mark.parametrize(
    ("text", "country", "date"),
    [
        ("2001-07-04", "US", "2001-07-04"),
        ("2001-7-4", "DE", "2001-07-04"),
        ("2001/07/04", "US", "2001-07-04"),
        ("20010704", "US", "2001-07-04"),
        ("2001-07-04T00:00:00.000Z", "US", "2001-07-04"),
        ("2001-07-04 00:00:00", "US", "2001-07-04"),
        ("0000-07-04", "US", "--07-04"),
        ("--07-04", "DE", "--07-04"),
        ("--0704", "DE", "--07-04"),
        ("0000-02-29", "US", "--02-29"),
        ("07/04/2001", "US", "2001-07-04"),
        ("7/4/2001", "PH", "2001-07-04"),
        ("07/04/2001", "GB", "2001-04-07"),
        ("07-04-2001", "MX", "2001-04-07"),
        ("25/12/2001", "US", "2001-12-25"),
        ("12/25/2001", "GB", "2001-12-25"),
        ("07.04.2001", "DE", "2001-04-07"),
        ("25.12.2001", "US", "2001-12-25"),
        ("4.7.2001", "CH", "2001-07-04"),
        ("07/07/2001", "CA", "2001-07-07"),
        ("12/25", "US", "--12-25"),
        ("24.12.", "DE", "--12-24"),
        ("07/04/2001 12:00 AM", "US", "2001-07-04"),
        ("0000-00-00", "US", ""),
        ("00/00/0000", "US", ""),
    ],
)
def test_dates_as_people_write_them(text, country, date):
    assert read_date(text, country) == date


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("07/04/2001", "CA"),
        ("07.04.2001", "US"),
        ("07/04/01", "US"),
        ("2001-02-29", "US"),
        ("2001-13-01", "US"),
        ("31/31/2001", "US"),
        ("2001-00-00", "US"),
        ("2001", "US"),
        ("4 July", "US"),
        ("unknown", "US"),
        ("1/2/3/4", "US"),
        ("\u0660\u0667/04/2001", "CA"),
    ],
)
def test_dates_that_mean_nothing_or_two_things_are_refused(text, country):
    with pytest.raises(ValidationError):
        read_date(text, country)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Canada", "CA"), ("canada", "CA"), ("USA", "US"), ("U.S.A.", "US"), ("Deutschland", "DE"),
        ("México", "MX"), ("MEXICO", "MX"), ("gb", "GB"), ("United Kingdom", "GB"), ("Narnia", ""), ("", ""),
    ],
)  # fmt: skip
def test_countries_as_people_write_them(name, code):
    assert country_code(name) == code


def find(church, **values):
    with enter_church(church):
        return Member.objects.get(**values)


def test_a_row_gives_a_person_in_the_form_in_which_people_are_kept(grace, run_import):
    done = run_import(
        "FirstName,LastName,Gender,Classification,Address1,City,Zip,Country,HomePhone,CellPhone,Email,"
        "BirthDate,Tags,MembershipDate,WorkEmail\n"
        "  Ruth   Anna ,Moab,Female,Regular Attender,1 Barley St,Bethlehem,12345,Canada,(416) 555-0199,"
        "'+1 416 555 0100,Ruth@Moab.Example,12/25/1980,Choir; Welcome team;choir,1/31/2010,"
        "ruth@work.example\n"
    )
    assert (done.created, done.failed, done.ignored_columns) == (1, 0, [])
    ruth = find(grace, last_name="Moab")
    assert ruth.first_name == "Ruth Anna"
    assert ruth.membership_status == "regular attender"
    assert ruth.address == {
        "line1": "1 Barley St", "city": "Bethlehem", "postal_code": "12345", "country": "Canada",
    }  # fmt: skip
    assert (ruth.home_phone, ruth.phone) == ("+14165550199", "+14165550100")
    assert ruth.email == "Ruth@Moab.Example"
    assert ruth.birth_date == "1980-12-25"
    assert ruth.tags == ["Choir", "Welcome team"]
    assert ruth.custom_fields == {"membership_date": "2010-01-31", "work_email": "ruth@work.example"}


@pytest.mark.parametrize(
    ("country", "phone"),
    [("", "+12175550100"), ("Germany", "+492175550100"), ("Narnia", "+12175550100")],
)
def test_a_phone_is_read_with_the_country_of_its_row(grace, run_import, country, phone):
    run_import(f"first_name,last_name,phone,country\nRuth,Moab,2175550100,{country}\n")
    assert find(grace, last_name="Moab").phone == phone


def test_what_is_blank_or_missing_stays_as_it_was(grace, run_import):
    run_import(
        "first_name,last_name,email,phone,city,state,tags,birth_date,membership_status,gender\n"
        "Ruth,Moab,ruth@moab.example,217 555 0100,Bethlehem,Judah,Choir,1980-12-25,Visitor,Female\n"
    )
    before = find(grace, last_name="Moab")
    done = run_import(
        "first_name,last_name,email,phone,city,state,tags,birth_date,membership_status\n"
        "Ruth,Moab,ruth@moab.example,, ,\u00a0,,0000-00-00,\n"
    )
    assert (done.unchanged, done.updated) == (1, 0)
    after = find(grace, last_name="Moab")
    assert after.updated_at == before.updated_at
    done = run_import("first_name,last_name,email,city,tags\nRuth,Moab,ruth@moab.example,Moab,Band\n")
    assert done.updated == 1
    after = find(grace, last_name="Moab")
    assert after.address == {"city": "Moab", "state": "Judah"}
    assert after.tags == ["Choir", "Band"]
    assert (after.phone, after.gender, after.membership_status) == ("+12175550100", "Female", "visitor")


def test_a_row_with_an_error_is_left_out_and_the_others_come_in(grace, run_import):
    done = run_import(
        "first_name,last_name,email,birth_date,phone,tags,baptized_date\n"
        "Ruth,Moab,ruth,2001-02-30,12," + "x" * 60 + ",07/04\n"
        "Boaz,Ephrath,,,,,\n"
        "Naomi," + "x" * 101 + ",,,,,\n"
        "One,Too,Many,,,,,Cells\n"
        ",,,,,Choir,\n"
    )
    assert (done.created, done.failed, done.rows_total, done.rows_done) == (1, 4, 5, 5)
    with enter_church(grace):
        errors = {row: {error["field"] for error in found} for row, found in done.failed_rows()}
        assert not Member.objects.filter(last_name="Moab").exists()
        assert Member.objects.filter(last_name="Ephrath").exists()
    assert errors == {
        2: {"email", "birth_date", "phone", "tags", "baptized_date"},
        4: {"last_name"},
        5: {""},
        6: {"first_name", "last_name"},
    }


def test_a_birthday_without_a_year_does_not_displace_one_with(grace, run_import):
    run_import("first_name,last_name,email,birth_date\nRuth,Moab,r@m.example,1980-12-25\n")
    done = run_import("first_name,last_name,email,birth_date\nRuth,Moab,r@m.example,0000-12-25\n")
    assert (done.unchanged, find(grace, last_name="Moab").birth_date) == (1, "1980-12-25")


def test_a_year_is_filled_in(grace, run_import):
    run_import("first_name,last_name,email,birth_date\nRuth,Moab,r@m.example,0000-12-25\n")
    done = run_import("first_name,last_name,email,birth_date\nRuth,Moab,R@M.example,1980-12-25\n")
    assert (done.updated, find(grace, last_name="Moab").birth_date) == (1, "1980-12-25")
    assert find(grace, last_name="Moab").email == "r@m.example"


def test_messages_speak_the_language_of_the_church(grace, run_import):
    grace.language = "es"
    grace.save()
    done = run_import("first_name,last_name,email\nRuth,Moab,ruth\n")
    with enter_church(grace):
        ((_row, errors),) = done.failed_rows()
    with translation.override("es"):
        spanish = str(EmailValidator.message)
    assert spanish != EmailValidator.message
    assert errors == [{"field": "email", "message": spanish}]
