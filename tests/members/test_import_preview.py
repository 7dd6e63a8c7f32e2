"""What a file seems to be: the system that wrote it, its encoding, the meaning of its columns."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from members.importing.cells import escaped, read_list, without_escape, written_list
from members.importing.columns import columns_of
from members.importing.known_headers import SYSTEMS, system_of
from members.importing.reading import layout_of, rows_of
from members.models import CustomField, ImportMapping, MemberImport
from tenants.context import enter_church
from tests.members.conftest import DATA, LISTS, fewest_queries

# The first line of each system's export, with the field that each column fills.
HEADERS = {
    "Planning Center": {
        "Person ID": "external_key", "First Name": "first_name", "Nickname": "nickname",
        "Middle Name": "middle_name", "Last Name": "last_name", "Name Prefix": "prefix",
        "Name Suffix": "suffix", "Birthdate": "birth_date", "Anniversary": "custom_fields.wedding_date",
        "Gender": "gender", "Grade": None, "School": None, "Medical Notes": None,
        "Marital Status": "marital_status", "Membership": "membership_status", "Status": None,
        "Home Address Street Line 1": "address.line1", "Home Address Street Line 2": "address.line2",
        "Home Address City": "address.city", "Home Address State": "address.state",
        "Home Address Zip Code": "address.postal_code", "Mobile Phone Number": "phone",
        "Home Phone Number": "home_phone", "Work Phone Number": "work_phone", "Primary Email": "email",
        "Work Email": "custom_fields.work_email", "Household ID": "household_key", "Household Name": None,
    },
    "Breeze": {
        "Breeze ID": "external_key", "First Name": "first_name", "Last Name": "last_name",
        "Middle Name": "middle_name", "Nickname": "nickname", "Maiden Name": None, "Gender": "gender",
        "Status": "membership_status", "Marital Status": "marital_status", "Birthdate": "birth_date",
        "Age": None, "Family": "household_key", "Family Role": "household_role", "Mobile": "phone",
        "Home": "home_phone", "Work": "work_phone", "Email": "email", "Street Address": "address.line1",
        "City": "address.city", "State": "address.state", "Zip": "address.postal_code",
    },
    "ChurchCRM": {
        "FamilyID": "household_key", "Title": "prefix", "FirstName": "first_name",
        "MiddleName": "middle_name", "LastName": "last_name", "Suffix": "suffix", "Gender": "gender",
        "DonationEnvelope": "custom_fields.envelope", "Address1": "address.line1",
        "Address2": "address.line2", "City": "address.city", "State": "address.state",
        "Zip": "address.postal_code", "Country": "address.country", "HomePhone": "home_phone",
        "WorkPhone": "work_phone", "CellPhone": "phone", "Email": "email",
        "WorkEmail": "custom_fields.work_email", "BirthDate": "birth_date",
        "MembershipDate": "custom_fields.membership_date", "Classification": "membership_status",
        "FamilyRole": "household_role", "WeddingDate": "custom_fields.wedding_date",
    },
    "B1 (ChurchApps)": {
        "importKey": "external_key", "firstName": "first_name", "middleName": "middle_name",
        "lastName": "last_name", "nickName": "nickname", "prefix": "prefix", "suffix": "suffix",
        "gender": "gender", "maritalStatus": "marital_status", "birthDate": "birth_date", "email": "email",
        "householdId": "household_key", "householdRole": "household_role",
        "membershipStatus": "membership_status", "homePhone": "home_phone", "mobilePhone": "phone",
        "workPhone": "work_phone", "address1": "address.line1", "city": "address.city",
        "state": "address.state", "zip": "address.postal_code", "photo": None, "nametagNotes": None,
    },
}  # fmt: skip


@pytest.mark.parametrize("name", HEADERS)
def test_files_of_four_systems_are_known_by_their_columns(name):
    header = HEADERS[name]
    system = system_of(header)
    assert system is not None
    assert system.name == name
    columns = columns_of(list(header), mapping={}, external_key=system.key)
    assert {column.name: next(iter(column.fields), None) for column in columns} == header


def test_the_lists_of_the_tests_are_known_too():
    found = {name: system_of(layout_of((DATA / name).read_bytes()).header) for name in LISTS}
    assert {name: system and system.name for name, system in found.items()} == {
        "churchapps_people.csv": "B1 (ChurchApps)",
        "churchcrm_test_import.csv": "ChurchCRM",
        "churchcrm_test_import_country.csv": "ChurchCRM",
        "churchcrm_test_classification_import.csv": "ChurchCRM",
    }


@pytest.mark.parametrize("header", [[], ["a", "b"], ["First Name", "Last Name", "Email"], ["Classification"]])
def test_a_list_of_nobodys_is_of_no_system(header):
    assert system_of(header) is None


def test_every_systems_key_is_one_of_its_columns():
    for system in SYSTEMS:
        assert not system.key or system.key in (*system.columns, *system.marks)


# -- Encodings, delimiters, titles --

NAMES = "first_name;last_name;city\nJosé;Müller;Köln\nŠárka;Ñuñez;Málaga\nAndré;O’Brien;Besançon\n"


@pytest.mark.parametrize("encoding", ["cp1252", "mac_roman"])
@pytest.mark.parametrize(
    "names",
    [
        "José;Müller;Köln",
        "André;O’Brien;Besançon",
        "Zoë;Núñez;Málaga",
        "Jürgen;Groß;Straße",
        "ÉLISE;MÜLLER;ORLÉANS",
        "Plain;O’Brien;Dublin",
    ],
)
def test_accents_of_windows_and_of_macintosh(encoding, names):
    content = f"first_name;last_name;city\n{names}\n".encode(encoding)
    layout = layout_of(content)
    if encoding == "cp1252" or names != "Plain;O’Brien;Dublin":
        assert next(rows_of(content, layout))[1] == names.split(";")


@pytest.mark.parametrize(
    "title",
    [
        "Members of Grace Church, as of March\n",
        "\n\nMembers;;\n\n",
        "List,printed,by,Bob\nPage,1,of,1\n",
    ],
)
def test_a_title_above_the_columns_is_passed_over(title):
    content = f"{title}First Name;Last Name;City\nRuth;Moab;Ulm, Neu-Ulm\n".encode()
    layout = layout_of(content)
    assert (layout.delimiter, layout.header) == (";", ["First Name", "Last Name", "City"])
    assert next(rows_of(content, layout))[1] == ["Ruth", "Moab", "Ulm, Neu-Ulm"]


def test_a_delimiter_is_found_among_texts_that_hold_others():
    content = b"Vorname;Nachname;Ort\nRuth;Moab;a, b, c, d, e\nBoaz;Ephrath;\nNaomi;Moab;x, y\n"
    assert layout_of(content).header == ["Vorname", "Nachname", "Ort"]


# -- One cell --


@pytest.mark.parametrize(
    "text", ["=1+1", "+49", "-x", "@a", "'=1", "''+2", "'plain", "plain", "'", "--07-04"]
)
def test_no_text_is_a_formula_and_each_comes_back(text):
    written = escaped(text)
    assert written[:1] not in {"=", "+", "-", "@"}
    assert without_escape(written) == text


@pytest.mark.parametrize(
    "items", [["Choir"], ["a; b", "c"], ['say "hi"', '"quoted"', "x,y|z"], ["'=1", "@home"], []]
)
def test_lists_in_one_cell_come_back(items):
    assert read_list(written_list(items)) == items


def test_lists_as_others_write_them():
    assert read_list("Choir, Youth;Elder|Kitchen") == ["Choir", "Youth", "Elder", "Kitchen"]
    assert read_list('5" pipe, x') == ['5" pipe', "x"]


# -- Over the API --


def preview(client, content, name="people.csv"):
    data = content if isinstance(content, bytes) else content.encode()
    file = SimpleUploadedFile(name, data, "text/csv")
    return client.post("/api/members/import/preview", {"file": file}, format="multipart")


def test_a_preview_says_what_a_file_seems_to_be_and_keeps_nothing(api, grace):
    with enter_church(grace):
        CustomField.objects.create(key="shoe", label="Shoe size", kind="number")
    answer = preview(
        api("bob"),
        "Breeze ID;First Name;Last Name;Shoe size;Cat\n7;José;Moab;42;Tom\n8;Boaz;Ephrath;;\n".encode(
            "cp1252"
        ),
    )
    assert answer.status_code == 200
    assert answer.json() == {
        "detected": "Breeze",
        "encoding": "Windows-1252",
        "delimiter": "semicolon",
        "external_key": "Breeze ID",
        "remembered": False,
        "columns": [
            {"column": "Breeze ID", "field": "external_key", "sample": ["7", "8"]},
            {"column": "First Name", "field": "first_name", "sample": ["José", "Boaz"]},
            {"column": "Last Name", "field": "last_name", "sample": ["Moab", "Ephrath"]},
            {"column": "Shoe size", "field": "custom_fields.shoe", "sample": ["42"]},
            {"column": "Cat", "field": None, "sample": ["Tom"]},
        ],
        "unknown": ["Cat"],
    }
    with enter_church(grace):
        assert not MemberImport.objects.exists()


def test_a_preview_refuses_what_is_no_list(api):
    answer = preview(api("bob"), b"PK\x03\x04")
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["file"]


def test_previews_count_as_uploads(api):
    bob = api("bob")
    assert {preview(bob, b"a,b\n").status_code for _ in range(10)} == {200}
    assert preview(bob, b"a,b\n").status_code == 429


def test_a_mapping_is_kept_for_files_with_the_same_columns(api, grace, work_queue):
    bob = api("bob")
    content = "Vorname,Nachname,Nr\nRuth,Moab,7\n"
    file = SimpleUploadedFile("people.csv", content.encode(), "text/csv")
    mapping = {"Vorname": "first_name", "Nachname": "last_name", "Nr": None}
    for _ in range(2):
        file.seek(0)
        body = {"file": file, "mapping": json.dumps(mapping)}
        assert bob.post("/api/members/import", body, format="multipart").status_code == 202
    with enter_church(grace):
        assert ImportMapping.objects.get().mapping == mapping
    seen = preview(bob, content).json()
    assert seen["remembered"] is True
    assert [column["field"] for column in seen["columns"]] == ["first_name", "last_name", None]
    assert preview(api("dan"), content).json()["remembered"] is False


def test_the_fields_are_listed_with_their_names(api, grace):
    with enter_church(grace):
        CustomField.objects.create(key="shoe", label="Shoe size", kind="number")
    fields = {
        field["field"]: field for field in api("bob").get("/api/members/import/fields").json()["fields"]
    }
    assert fields["address.city"] == {"field": "address.city", "label": "City", "group": "Address"}
    assert fields["custom_fields.shoe"]["label"] == "Shoe size"
    assert fields["birth_date"]["label"] == "Birthday"


def test_a_trial_run_is_carried_out_without_the_file(api, work_queue):
    bob = api("bob")
    file = SimpleUploadedFile("people.csv", b"first_name,last_name\nRuth,Moab\n", "text/csv")
    body = {"file": file, "dry_run": "true"}
    url = bob.post("/api/members/import", body, format="multipart").json()["url"]
    assert bob.post(f"{url}/run").status_code == 409
    work_queue()
    run = bob.post(f"{url}/run")
    assert run.status_code == 202
    work_queue()
    done = bob.get(run.json()["url"]).json()
    assert (done["dry_run"], done["status"], done["created"]) == (False, "done", 1)
    assert bob.post(f"{url}/run").status_code == 409


def test_rows_say_for_whom_and_what_would_change(api, run_import, person):
    ada = person("Ada")
    done = run_import(
        f"first_name,last_name,email,city\nAda,Lovelace,{ada.email},London\nRuth,Moab,,Ulm\n,Nobody,,\n",
        dry_run=True,
    )
    rows = api("bob").get(f"/api/members/imports/{done.pk}/rows").json()["results"]
    assert [(row["fate"], row["name"], row["changed"]) for row in rows] == [
        ("updated", "Ada Lovelace", ["address"]),
        ("created", "Ruth Moab", []),
        ("failed", "Nobody", []),
    ]
    assert (rows[0]["before"], rows[0]["after"]) == ({"address": {}}, {"address": {"city": "London"}})
    assert rows[1]["after"]["address"] == {"city": "Ulm"}


def test_drafts_are_not_of_the_api(api, grace):
    from members.importing.domain import take_in

    with enter_church(grace):
        draft = take_in(content=b"a,b\n", file_name="a.csv")
    bob = api("bob")
    assert bob.get("/api/members/imports").json()["count"] == 0
    assert bob.get(f"/api/members/imports/{draft.pk}").status_code == 404
    assert bob.get("/api/members/imports?status=draft").status_code == 400


def test_the_rows_take_as_many_queries_for_thirty_as_for_one(api, run_import):
    bob = api("bob")
    counts = []
    for number in (1, 30):
        lines = "".join(f"First{n},Last{number},p{n}@x.example\n" for n in range(number))
        done = run_import(f"first_name,last_name,email\n{lines}")
        url = f"/api/members/imports/{done.pk}/rows"
        assert bob.get(url).json()["count"] == number
        counts.append(fewest_queries(lambda url=url: bob.get(url)))
    assert counts[0] == counts[1]
