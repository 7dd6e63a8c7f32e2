"""Files over the API."""

from __future__ import annotations

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.models import HistoryEntry
from files import domain
from files.models import StoredFile
from members import photos
from members.models import Member
from tenants.context import enter_church
from tests.files.samples import PDF, picture, uploaded
from tests.problems import assert_problem
from tests.services import free_port

pytestmark = pytest.mark.usefixtures("on_disk")


def upload(client, content=PDF, name="Plan.pdf", **more):
    headers = {"Idempotency-Key": more.pop("key")} if "key" in more else {}
    return client.post(
        "/api/files/upload", {"file": uploaded(content, name), **more}, format="multipart", headers=headers
    )


def test_staff_upload_list_fetch_and_delete_a_file(api, user, keys, work_queue):
    client = api("bob")
    answer = upload(client)
    assert answer.status_code == 201, answer.json()
    made = answer.json()
    assert answer["Location"] == f"/api/files/{made['id']}"
    assert (made["name"], made["content_type"], made["size"]) == ("Plan.pdf", "application/pdf", len(PDF))
    assert (made["purpose"], made["uploaded_by"]) == ("document", str(user("bob").pk))
    assert client.get(made["url"]).getvalue() == PDF
    without_url = {name: value for name, value in made.items() if name != "url"}
    assert client.get("/api/files").json()["results"] == [without_url]
    assert client.get("/api/files?purpose=person_photo").json()["count"] == 0
    assert client.get("/api/files?search=plan").json()["count"] == 1
    signed = client.get(f"/api/files/signed-url?id={made['id']}&download=true").json()
    assert signed.keys() == {"url", "expires_at"}
    assert client.get(signed["url"]).getvalue() == PDF
    assert client.delete(f"/api/files/{made['id']}").status_code == 204
    assert client.get(signed["url"]).status_code == 404
    assert client.get(f"/api/files/{made['id']}").status_code == 404


def test_the_history_tells_who_uploaded_and_deleted(api, grace):
    client = api("bob")
    made = upload(client).json()
    client.delete(f"/api/files/{made['id']}")
    with enter_church(grace):
        told = HistoryEntry.objects.filter(object_pk=made["id"]).order_by("timestamp")
        assert [(entry.get_action_display(), entry.origin) for entry in told] == [
            ("create", "api"),
            ("delete", "api"),
        ]
        assert not any("key" in entry.changes for entry in told)


def test_the_same_key_uploads_once(api, keys):
    client = api("bob")
    first, second = upload(client, key="once"), upload(client, key="once")
    assert first.json() == second.json()
    assert second["Idempotency-Replayed"] == "true"
    assert upload(client, content=PDF + b" ", key="once").status_code == 409
    assert len(keys()) == 1


@pytest.mark.parametrize(
    ("content", "more"),
    [
        (b"", {}),
        (b"<svg onload=alert(1)>", {}),
        (PDF, {"purpose": "person_photo"}),
        (PDF, {"purpose": "nothing"}),
    ],
)
def test_what_is_refused_says_why_and_leaves_nothing(api, keys, content, more):
    answer = upload(api("bob"), content, **more)
    assert answer.status_code == 400
    assert answer.json()["errors"].keys() <= {"file", "purpose"}
    assert keys() == []


def test_a_store_that_does_not_answer_is_said_and_leaves_nothing(api, settings):
    where = {"endpoint_url": f"http://127.0.0.1:{free_port()}", "region_name": "us-east-1"}
    options = {"bucket_name": "files", "access_key": "key", "secret_key": "secret", **where}
    away = {"BACKEND": "files.stores.bucket.BucketStore", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "default": away}
    answer = upload(api("bob"))
    assert "cannot be stored at the moment" in assert_problem(answer, 503)["detail"]
    assert int(answer["Retry-After"]) > 0
    assert api("bob").get("/api/files").json()["count"] == 0


def test_a_body_that_is_too_large_is_refused_before_it_is_read(api, settings):
    settings.LARGEST_UPLOAD = 1
    answer = api("bob").post(
        "/api/files/upload", b"x" * (1024 * 1024 + 10), content_type="multipart/form-data; boundary=x"
    )
    assert answer.json()["errors"].keys() == {"file"}


def test_ten_uploads_a_minute_and_not_more(api):
    client = api("bob")
    statuses = [upload(client, b"").status_code for _ in range(11)]
    assert statuses == [400] * 10 + [429]
    assert int(upload(client)["Retry-After"]) > 0
    assert upload(api("alice"), b"").status_code == 400


@pytest.mark.parametrize("query", ["", "?id=", "?id=x", "?id=1&id=2"])
def test_a_signed_address_needs_an_id(api, query):
    answer = api("bob").get(f"/api/files/signed-url{query}")
    assert answer.json()["errors"].keys() == {"id"}


def test_a_signed_address_of_nothing_or_of_another_church_is_404(api, hope, grace):
    with enter_church(hope):
        other = domain.store_file(content=uploaded(PDF), name="x", purpose="document")
    for identifier in (other.pk, uuid.uuid4()):
        assert api("bob").get(f"/api/files/signed-url?id={identifier}").status_code == 404


def test_a_file_in_use_is_not_deleted_from_the_list(api, grace):
    with enter_church(grace):
        ada = Member.objects.get(first_name="Ada")
        photo_id = photos.set_photo(member=ada, content=uploaded(picture()), user=None).photo_id
    answer = api("bob").delete(f"/api/files/{photo_id}")
    assert answer.status_code == 400
    assert "Ada Lovelace" in answer.json()["errors"]["file"][0]


def test_a_list_of_thirty_asks_as_often_as_a_list_of_one(api, grace):
    client = api("bob")
    counts = []
    for size in (1, 30):
        with enter_church(grace):
            for _ in range(size - StoredFile.objects.count()):
                domain.store_file(content=uploaded(PDF), name="x", purpose="document")
        client.get("/api/files")  # so that the host is remembered
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/api/files").json()["count"] == size
        counts.append(len(queries))
    assert counts[0] == counts[1]
