"""A POST with an ``Idempotency-Key`` can be sent again and is carried out once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tokens import start_login
from core.api.idempotency import forget_old_keys
from core.models import IdempotencyKey
from members.models import Member, MemberImport
from tenants.context import enter_church
from tenants.models import Church
from tests import world
from tests.parallel import at_once
from tests.problems import assert_problem

MEMBERS = "/api/members"
PERSON = {"first_name": "Martha", "last_name": "Bethany", "email": "martha@bethany.example"}
KEY = "8e03978e-40d5-43dd-bc93-6894a57f9324"


@pytest.fixture
def post(api):
    """``post("bob", body)``: POST of a person with the key."""

    def send(actor, body=PERSON, key=KEY, **headers):
        return api(actor).post(MEMBERS, body, HTTP_IDEMPOTENCY_KEY=key, **headers)

    return send


@pytest.fixture
def people(grace):
    """``people()``: how many Marthas Grace has."""

    def count(church=grace):
        with enter_church(church):
            return Member.objects.filter(first_name="Martha").count()

    return count


def test_the_same_key_and_body_give_the_same_answer_once(post, people):
    first, again = post("bob"), post("bob")
    assert first.status_code == again.status_code == 201
    assert first.content == again.content
    assert "Idempotency-Replayed" not in first
    assert again["Idempotency-Replayed"] == "true"
    assert people() == 1


def test_the_order_of_the_fields_does_not_matter(post, people):
    post("bob")
    assert post("bob", dict(reversed(PERSON.items()))).status_code == 201
    assert people() == 1


@pytest.mark.parametrize("change", [{"last_name": "Other"}, {"tags": ["Choir"]}])
def test_another_body_under_the_key_contradicts(post, people, change):
    post("bob")
    assert_problem(post("bob", {**PERSON, **change}), 409)
    assert people() == 1


def test_without_a_key_each_one_counts(api, people):
    for _ in range(2):
        assert api("bob").post(MEMBERS, PERSON).status_code == 201
    assert people() == 2


def test_keys_belong_to_one_user_one_address_and_one_church(post, people, api, hope):
    first = post("bob").json()
    assert post("alice").json()["id"] != first["id"]
    assert people() == 2
    assert post("dan").status_code == 201
    assert people(hope) == 1
    user = {"email": "new@grace.example", "role": "staff"}
    answer = api("anna").post("/api/tenants/current/users", user, HTTP_IDEMPOTENCY_KEY=KEY)
    assert answer.status_code == 201


def test_what_was_refused_is_not_remembered(post, people):
    assert_problem(post("bob", {"first_name": "Martha"}), 400)
    assert post("bob").status_code == 201
    assert people() == 1


def test_who_lacks_the_permission_gets_no_replay(post, user, grace):
    post("bob")
    with enter_church(grace):
        User.objects.filter(pk=user("bob").pk).update(role="volunteer")
    assert_problem(post("bob"), 403)


@pytest.mark.parametrize("key", ["x" * 256, "é", "\x7f", "a\tb"])
def test_a_key_that_is_none(post, key):
    assert_problem(post("bob", key=key), 400, "Idempotency-Key")


def test_after_a_day_the_key_is_free(post, people, grace):
    post("bob")
    with enter_church(grace):
        IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(hours=23, minutes=59))
    post("bob")
    assert people() == 1
    with enter_church(grace):
        IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(hours=24, seconds=1))
    post("bob", {**PERSON, "last_name": "Other"})
    assert people() == 2


def test_old_keys_are_swept_away(post, grace):
    post("bob", key="old")
    with enter_church(grace):
        IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(hours=25))
    post("bob", key="new")
    with enter_church(grace):
        assert forget_old_keys() == 1
        assert [row.key for row in IdempotencyKey.objects.all()] == ["new"]


def test_the_answer_lies_encrypted(post, grace):
    post("bob")
    with enter_church(grace), connection.cursor() as cursor:
        cursor.execute("SELECT * FROM idempotency_keys")
        stored = str(cursor.fetchall())
    assert KEY in stored
    assert "Martha" not in stored
    assert "bethany" not in stored


def test_files_are_compared_by_their_content(api, grace):
    def upload(content, name="people.csv"):
        file = SimpleUploadedFile(name, content, "text/csv")
        return api("bob").post(
            "/api/members/import", {"file": file}, format="multipart", HTTP_IDEMPOTENCY_KEY=KEY
        )

    list_ = b"first_name,last_name\nRuth,Moab\n"
    first, again = upload(list_), upload(list_)
    assert (first.status_code, first.content) == (202, again.content)
    assert_problem(upload(list_.replace(b"Ruth", b"Orpa")), 409)
    with enter_church(grace):
        assert MemberImport.objects.count() == 1


def test_of_many_at_once_one_is_carried_out(own_database):
    grace = Church.objects.get(subdomain="grace")
    with enter_church(grace):
        access = start_login(user=User.objects.get(email=world.email_of("bob")))["access"]

    def send():
        client = APIClient(HTTP_HOST="grace.localhost", HTTP_AUTHORIZATION=f"Bearer {access}")
        answer = client.post(MEMBERS, PERSON, HTTP_IDEMPOTENCY_KEY=KEY)
        return answer.status_code, answer.content, answer.get("Idempotency-Replayed", "first")

    answers = at_once(*[send] * 8)
    assert {(status, content) for status, content, _ in answers} == {answers[0][:2]}
    assert answers[0][0] == 201
    assert sorted(replayed for _, _, replayed in answers) == ["first", *["true"] * 7]
    with enter_church(grace):
        assert Member.objects.filter(first_name="Martha").count() == 1
