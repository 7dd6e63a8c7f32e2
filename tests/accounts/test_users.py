"""A church's users over the API, and its settings."""

from __future__ import annotations

import uuid

import pytest
from django_q.models import OrmQ

from accounts.domain import LastAdministratorError, change_user, create_user, delete_user
from accounts.models import User
from tenants.context import enter_church
from tenants.models import Church
from tests import world
from tests.parallel import at_once

USERS = "/api/tenants/current/users"
NEW = {"email": "New@Grace.Example", "role": "staff", "first_name": "Nora", "last_name": "North"}


@pytest.fixture
def anna(api):
    return api("anna")


def test_the_list_shows_the_churchs_users_and_no_secret(anna):
    body = anna.get(USERS).json()
    assert body["count"] == 4
    assert {row["email"] for row in body["results"]} == {
        world.email_of(actor) for actor in ("anna", "alice", "bob", "vera")
    }
    assert set(body["results"][0]) == {
        "id", "email", "first_name", "last_name", "role", "is_active", "two_factor", "last_login",
        "created_at", "updated_at",
    }  # fmt: skip
    assert "argon2" not in str(body)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?role=pastor", ["alice"]),
        ("?is_active=true&ordering=-email", ["vera", "bob", "anna", "alice"]),
        ("?is_active=false", []),
        ("?ordering=email&page_size=2&page=2", ["bob", "vera"]),
    ],
)
def test_the_list_is_filtered_and_ordered(anna, query, found):
    emails = [row["email"] for row in anna.get(USERS + query).json()["results"]]
    assert emails == [world.email_of(actor) for actor in found]


def test_a_new_user_without_a_password_is_invited(anna, user, grace):
    answer = anna.post(USERS, NEW)
    assert answer.status_code == 201
    body = answer.json()
    assert body["email"] == "new@grace.example"
    assert (body["role"], body["is_active"], body["last_login"]) == ("staff", True, None)
    assert OrmQ.objects.count() == 1
    with enter_church(grace):
        assert not User.objects.get(pk=body["id"]).has_usable_password()


def test_a_new_user_with_a_password_is_not(anna, api):
    assert anna.post(USERS, {**NEW, "password": "correct horse battery"}).status_code == 201
    assert OrmQ.objects.count() == 0
    answer = api(None).post(
        "/api/auth/login", {"email": "new@grace.example", "password": "correct horse battery"}
    )
    assert answer.status_code == 200


def test_a_new_user_who_may_not_sign_in_yet_is_not_invited(anna):
    answer = anna.post(USERS, {**NEW, "is_active": False})
    assert (answer.status_code, answer.json()["is_active"]) == (201, False)
    assert OrmQ.objects.count() == 0


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": world.email_of("bob")}, "email"),
        ({"email": "BOB@GRACE.example"}, "email"),
        ({"email": "no address"}, "email"),
        ({"email": f"{'x' * 250}@grace.example"}, "email"),
        ({"role": "owner"}, "role"),
        ({"role": "Admin"}, "role"),
        ({"role": None}, "role"),
        ({"role": ["admin"]}, "role"),
        ({"is_active": "yes"}, "is_active"),
        ({"first_name": "x" * 101}, "first_name"),
        ({"first_name": 5}, "first_name"),
        ({"password": "short"}, "password"),
        ({"password": "1234567890"}, "password"),
        ({"password": "password123"}, "password"),
        ({"password": "new@grace.example"}, "password"),
    ],
)
def test_what_is_wrong_with_a_user_is_said_by_field(anna, change, field):
    answer = anna.post(USERS, {**NEW, **change})
    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == {field}


def test_the_same_address_may_be_used_at_two_churches(anna):
    assert anna.post(USERS, {**NEW, "email": world.email_of("hugo")}).status_code == 201


def test_a_superuser_cannot_be_made(anna, grace):
    answer = anna.post(USERS, {**NEW, "is_superuser": True, "is_staff": True, "tenant": str(uuid.uuid4())})
    assert answer.status_code == 201
    with enter_church(grace):
        made = User.objects.get(pk=answer.json()["id"])
    assert (made.is_superuser, made.tenant_id) == (False, grace.id)


@pytest.mark.parametrize("method", ["put", "patch"])
def test_a_user_is_changed(anna, user, method):
    change = {"email": "Robert@grace.example", "role": "pastor", "first_name": "Robert"}
    answer = getattr(anna, method)(f"{USERS}/{user('bob').id}", change)
    assert answer.status_code == 200
    body = answer.json()
    assert (body["email"], body["role"], body["first_name"]) == ("robert@grace.example", "pastor", "Robert")
    assert body["is_active"] is True


def test_put_asks_for_all_that_is_required_and_patch_does_not(anna, user):
    address = f"{USERS}/{user('bob').id}"
    assert set(anna.put(address, {"first_name": "Robert"}).json()["errors"]) == {"email", "role"}
    assert anna.patch(address, {"first_name": "Robert"}).json()["first_name"] == "Robert"


def test_an_address_that_is_taken_cannot_be_changed_to(anna, user):
    answer = anna.patch(f"{USERS}/{user('bob').id}", {"email": "VERA@grace.example"})
    assert answer.json()["errors"] == {"email": ["Somebody with this email address exists already."]}
    assert anna.patch(f"{USERS}/{user('bob').id}", {"email": "BOB@grace.example"}).status_code == 200


def test_nobody_sets_anothers_password(anna, user):
    answer = anna.patch(f"{USERS}/{user('bob').id}", {"password": "correct horse battery"})
    assert answer.json()["errors"] == {"password": ["Users set it through a mailed link."]}


# -- The last administrator --


@pytest.mark.parametrize("change", [{"role": "pastor"}, {"is_active": False}])
def test_the_last_administrator_stays(anna, user, change):
    answer = anna.patch(f"{USERS}/{user('anna').id}", change)
    assert answer.status_code == 409
    assert answer["Content-Type"] == "application/problem+json"
    assert anna.delete(f"{USERS}/{user('anna').id}").status_code == 409
    assert (user("anna").role, user("anna").is_active) == ("admin", True)


def test_an_administrator_may_go_when_another_one_stays(anna, user):
    assert anna.patch(f"{USERS}/{user('alice').id}", {"role": "admin"}).status_code == 200
    assert anna.delete(f"{USERS}/{user('anna').id}").status_code == 204
    assert anna.get(USERS).status_code == 401


def test_one_who_is_switched_off_does_not_count_as_administrator(anna, user):
    anna.patch(f"{USERS}/{user('alice').id}", {"role": "admin", "is_active": False})
    assert anna.delete(f"{USERS}/{user('anna').id}").status_code == 409


@pytest.mark.parametrize("how", ["demoted", "switched off", "deleted"])
def test_two_administrators_cannot_remove_each_other_at_once(own_database, how):
    grace = Church.objects.get(subdomain="grace")

    change = {"role": "staff"} if how == "demoted" else {"is_active": False}

    def remove(email):
        with enter_church(grace):
            user = User.objects.get(email=email)
            try:
                if how == "deleted":
                    delete_user(user=user)
                else:
                    change_user(user=user, **change)
            except LastAdministratorError:
                return "refused"
            return "removed"

    for round_ in range(5):
        with enter_church(grace):
            User.objects.administrators().delete()
            emails = [f"admin-{round_}-{number}@grace.example" for number in range(2)]
            for email in emails:
                create_user(email=email, role="admin")
        results = at_once(*[lambda email=email: remove(email) for email in emails])
        assert sorted(results) == ["refused", "removed"]
        with enter_church(grace):
            assert User.objects.administrators().count() == 1


def test_of_two_who_take_an_address_at_once_one_is_refused(own_database):
    grace = Church.objects.get(subdomain="grace")

    def take(email):
        from django.core.exceptions import ValidationError

        with enter_church(grace):
            try:
                create_user(email=email, role="staff")
            except ValidationError as refusal:
                return set(refusal.message_dict)
            return None

    for round_ in range(5):
        results = at_once(
            *[
                lambda spelling=spelling: take(spelling)
                for spelling in (f"twin{round_}@grace.example", f"TWIN{round_}@grace.example")
            ]
        )
        assert sorted(results, key=str) == [None, {"email"}]


# -- Settings --


@pytest.mark.parametrize("method", ["put", "patch"])
def test_settings_change_what_is_stated_and_leave_the_rest(anna, method):
    change = {"timezone": "Africa/Nairobi", "settings": {"greeting": "Karibu", "hours": [9, 17]}}
    answer = getattr(anna, method)("/api/tenants/current/settings", change)
    assert answer.status_code == 200
    body = answer.json()
    assert (body["timezone"], body["settings"]) == (change["timezone"], change["settings"])
    assert (body["name"], body["language"], body["subdomain"]) == ("Grace Church", "en", "grace")
    assert anna.get("/api/tenants/current").json()["timezone"] == "Africa/Nairobi"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"language": "tlh"}, "language"),
        ({"country": "USA"}, "country"),
        ({"country": "1!"}, "country"),
        ({"name": ""}, "name"),
        ({"name": " "}, "name"),
        ({"name": "x" * 256}, "name"),
        ({"settings": []}, "settings"),
        ({"settings": None}, "settings"),
    ],
)
def test_settings_that_make_no_sense_are_refused_by_field(anna, change, field):
    answer = anna.put("/api/tenants/current/settings", change)
    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == {field}


def test_a_church_does_not_choose_its_own_plan_host_or_state(anna, grace):
    before = anna.get("/api/tenants/current").json()
    change = {"plan_type": "premium", "subdomain": "hope", "status": "suspended", "id": str(uuid.uuid4())}
    after = anna.put("/api/tenants/current/settings", change).json()
    assert {**after, "updated_at": ""} == {**before, "updated_at": ""}
