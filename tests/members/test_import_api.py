"""Imports over the API."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from members.models import Member, MemberImport
from tenants.context import enter_church
from tests.members.conftest import fewest_queries

LIST = "first_name,last_name,email\nRuth,Moab,ruth@moab.example\nBoaz,Ephrath,boaz@ephrath.example\n"


def upload(client, content=LIST, name="people.csv", key="", **fields):
    data = content if isinstance(content, bytes) else content.encode()
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(
        "/api/members/import",
        {"file": SimpleUploadedFile(name, data, "text/csv"), **fields},
        format="multipart",
        headers=headers,
    )


def test_an_upload_is_queued_worked_and_reported(api, work_queue):
    bob = api("bob")
    answer = upload(bob)
    assert answer.status_code == 202
    accepted = answer.json()
    assert accepted == {
        "id": accepted["id"],
        "status": "queued",
        "url": f"/api/members/imports/{accepted['id']}",
    }
    waiting = bob.get(accepted["url"]).json()
    assert (waiting["status"], waiting["rows_total"], waiting["rows_done"]) == ("queued", 2, 0)
    work_queue()
    done = bob.get(accepted["url"]).json()
    assert (done["status"], done["rows_done"], done["created"], done["failed"]) == ("done", 2, 2, 0)
    assert done["created_by_name"] == "Bob"
    assert done["started_at"] <= done["finished_at"]
    assert done["errors"] == []
    assert bob.get("/api/members/search?q=moab").json()["results"][0]["email"] == "ruth@moab.example"
    assert [i["id"] for i in bob.get("/api/members/imports").json()["results"]] == [accepted["id"]]


def test_errors_are_listed_by_row_and_field(api, work_queue):
    bob = api("bob")
    url = upload(
        bob,
        "First Name,Last Name,Email,Birthday,Mobile Phone,Shoe size\n"
        "Ruth,Moab,ruth@moab,31/31/2001,12,7\n"
        "Boaz,Ephrath,,,,\n"
        ",Nameless,a@b.example,,,\n",
    ).json()["url"]
    work_queue()
    done = bob.get(url).json()
    assert (done["created"], done["failed"]) == (1, 2)
    assert {(e["row"], e["field"]) for e in done["errors"]} == {
        (2, "email"),
        (2, "birth_date"),
        (2, "phone"),
        (4, "first_name"),
    }
    assert done["ignored_columns"] == ["Shoe size"]
    assert {"column": "Mobile Phone", "fields": ["phone"]} in done["columns"]
    failed = bob.get(f"{url}/rows?fate=failed").json()
    assert [row["row"] for row in failed["results"]] == [2, 4]
    assert bob.get(f"{url}/rows").json()["count"] == 3
    assert bob.get(f"{url}/rows?fate=nonsense").status_code == 400


def test_a_trial_run_says_what_would_happen_and_saves_nothing(api, work_queue):
    bob = api("bob")
    before = bob.get("/api/members").json()["count"]
    url = upload(bob, dry_run="true").json()["url"]
    work_queue()
    done = bob.get(url).json()
    assert (done["dry_run"], done["status"], done["created"]) == (True, "done", 2)
    assert [(r["row"], r["fate"], r["member_id"]) for r in bob.get(f"{url}/rows").json()["results"]] == [
        (2, "created", None),
        (3, "created", None),
    ]
    assert bob.get("/api/members").json()["count"] == before


@pytest.mark.parametrize(
    ("content", "fields", "field"),
    [
        (b"", {}, "file"),
        (b"  \r\n\r\n", {}, "file"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", {}, "file"),
        (b"PK\x03\x04xlsx", {}, "file"),
        (b"Ruth,Moab\nBoaz,Ephrath\n", {}, "file"),
        (b"first_name,last_name,email,E-Mail\nA,B,c,d\n", {}, "file"),
        (b'first_name,last_name\n"Ruth,Moab\n', {}, "file"),
        (LIST.encode(), {"mapping": '{"email": "wings"}'}, "mapping"),
        (LIST.encode(), {"mapping": '{"wings": "email"}'}, "mapping"),
        (LIST.encode(), {"mapping": '{"email": 5}'}, "mapping"),
        (LIST.encode(), {"mapping": '["email"]'}, "mapping"),
        (LIST.encode(), {"mapping": "{"}, "mapping"),
        (LIST.encode(), {"mapping": "[" * 5000}, "mapping"),
        (LIST.encode(), {"mapping": '{"email": "phone", "last_name": "mobile"}'}, "mapping"),
        (LIST.encode(), {"mapping": '{"email": null, "first_name": null}'}, "file"),
        (LIST.encode(), {"external_key": "number"}, "external_key"),
        (LIST.encode(), {"external_key": "x" * 300}, "external_key"),
        (LIST.encode(), {"dry_run": "perhaps"}, "dry_run"),
    ],
)
def test_what_cannot_be_imported_is_refused_at_once(api, content, fields, field):
    answer = upload(api("bob"), content, **fields)
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert list(answer.json()["errors"]) == [field]
    assert answer.json()["errors"][field][0]


def test_a_file_is_needed_and_it_must_be_a_file(api):
    bob = api("bob")
    for body in ({}, {"file": "first_name,last_name\nA,B"}):
        answer = bob.post("/api/members/import", body, format="multipart")
        assert answer.status_code == 400
        assert list(answer.json()["errors"]) == ["file"]
    assert bob.post("/api/members/import", {"file": "x"}, format="json").status_code == 415


def test_a_file_above_the_limits_is_refused(api):
    bob = api("bob")
    for content in (LIST + "x" * (20 * 1024 * 1024), "first_name,last_name\n" + "A,B\n" * 100_001):
        answer = upload(bob, content)
        assert answer.status_code == 400
        assert list(answer.json()["errors"]) == ["file"]


def test_a_body_that_says_it_is_huge_is_refused_before_it_is_read(api):
    answer = api("bob").generic(
        "POST", "/api/members/import", b"", "multipart/form-data; boundary=x", CONTENT_LENGTH="999999999"
    )
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["file"]


@pytest.mark.parametrize(("actor", "defined"), [("anna", True), ("bob", False)])
def test_a_mapping_goes_before_the_names(api, grace, work_queue, actor, defined):
    bob = api(actor)
    url = upload(
        bob,
        "Vorname;Nachname;Ort;Status;Nummer;T-Shirt\nRuth;Moab;Ulm;Gast;7;XL\n",
        mapping=json.dumps(
            {
                "Vorname": "first_name",
                "nachname": "last_name",
                "Ort": "address.city",
                "Status": None,
                "T-Shirt": "custom_fields.shirt size",
            }
        ),
        external_key="Nummer",
    ).json()["url"]
    work_queue()
    done = bob.get(url).json()
    # Whoever may not define fields brings no new ones along.
    ignored = ["Status"] if defined else ["Status", "T-Shirt"]
    assert (done["created"], done["ignored_columns"], done["external_key"]) == (1, ignored, "Nummer")
    with enter_church(grace):
        ruth = Member.objects.get(external_key="7")
    assert (ruth.address, ruth.custom_fields) == ({"city": "Ulm"}, {"shirt_size": "XL"} if defined else {})
    assert ruth.membership_status == "active"


@pytest.mark.parametrize(
    ("actor", "status"), [(None, 401), ("vera", 403), ("bob", 202), ("alice", 202), ("anna", 202)]
)
def test_who_may_write_people_may_import_them(api, actor, status):
    client = api(actor)
    answer = upload(client)
    assert answer.status_code == status
    reading = 200 if status == 202 else status
    assert client.get("/api/members/imports").status_code == reading


def test_another_church_sees_nothing_of_an_import(api):
    url = upload(api("bob")).json()["url"]
    for address in (url, f"{url}/rows"):
        assert api("bob").get(address).status_code == 200
        assert api("dan").get(address).status_code == 404
        assert api("vera").get(address).status_code == 403
        assert api(None).get(address).status_code == 401
    assert api("dan").get("/api/members/imports").json()["count"] == 0


def test_an_upload_with_the_same_key_is_taken_in_once(api, work_queue):
    bob = api("bob")
    first, second = upload(bob, key="one"), upload(bob, key="one")
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json() == second.json()
    assert upload(bob, LIST + "Naomi,Moab,\n", key="one").status_code == 409
    assert bob.get("/api/members/imports").json()["count"] == 1


def test_ten_uploads_a_minute(api):
    bob = api("bob")
    assert [upload(bob, b"").status_code for _ in range(10)] == [400] * 10
    refused = upload(bob)
    assert refused.status_code == 429
    assert 1 <= int(refused["Retry-After"]) <= 60
    assert upload(api("alice")).status_code == 202


def test_the_list_takes_as_many_queries_for_thirty_imports_as_for_one(api, grace, user):
    bob = api("bob")
    counts = []
    for total in (1, 30):
        with enter_church(grace):
            missing = total - MemberImport.objects.count()
            MemberImport.objects.bulk_create(
                MemberImport(file_name="a.csv", country="US", created_by=user("alice"))
                for _ in range(missing)
            )
        assert bob.get("/api/members/imports").json()["count"] == total
        counts.append(fewest_queries(lambda: bob.get("/api/members/imports")))
    assert counts[0] == counts[1]
