"""Queries that make no sense answer a problem; statements in texts stay texts."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client

from tests.problems import assert_problem

GRACE = "grace.localhost"
MEMBERS = "/api/members"
PERSON = {"first_name": "Martha", "last_name": "Bethany"}


@pytest.fixture
def anna(api):
    return api("anna")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("page=0", "page"), ("page=-1", "page"), ("page=x", "page"), ("page=", "page"), ("page=1.5",
        "page"),
        ("page=٣", "page"), ("page=1e3", "page"), ("page=9999999999", "page"), ("page=%20", "page"),
        ("page_size=0", "page_size"), ("page_size=-5", "page_size"), ("page_size=all", "page_size"),
        ("ordering=password", "ordering"), ("ordering=--last_name", "ordering"),
        ("ordering=last_name;", "ordering"),
        ("ordering=last_name,", "ordering"), ("ordering=%3F", "ordering"), ("ordering=pk", "ordering"),
        ("ordering=tenant__name", "ordering"), ("ordering=last_name DESC", "ordering"),
        ("created_after=yesterday", "created_after"), ("created_after=2020-01-01", "created_after"),
        ("created_after=2020-01-01T00:00:00", "created_after"), ("created_after=", "created_after"),
        ("created_before=0001-01-01T00:00:00%2B14:00", "created_before"),
        ("created_before=9999-12-31T23:59:59-14:00", "created_before"),
    ],
)  # fmt: skip
def test_a_query_that_makes_no_sense_names_its_parameter(anna, query, field):
    assert_problem(anna.get(f"{MEMBERS}?{query}"), 400, field)


def test_filters_of_users_that_make_no_sense(anna):
    for query, field in (
        ("role=owner", "role"),
        ("is_active=perhaps", "is_active"),
        ("is_active=", "is_active"),
    ):
        assert_problem(anna.get(f"/api/tenants/current/users?{query}"), 400, field)


@pytest.mark.parametrize("query", ["page=2", "page=999999999", "search=nobodyatall&page=2"])
def test_a_page_past_the_end(anna, query):
    assert_problem(anna.get(f"{MEMBERS}?{query}"), 404)


def test_a_page_size_above_the_most_gives_the_most(anna):
    assert anna.get(f"{MEMBERS}?page_size=5000").json()["count"] == 4
    assert anna.get(f"{MEMBERS}?created_after=2020-01-01T00:00:00%2B19:07").status_code == 200


@pytest.mark.parametrize("query", ["search=%00", "last_name=a%00b", "x=%00", "%00=x"])
def test_a_nul_in_the_query(anna, query):
    assert_problem(anna.get(f"{MEMBERS}?{query}"), 400)


def test_a_nul_elsewhere(anna):
    assert_problem(anna.get("/api/members/%00"), 400)
    assert_problem(anna.delete(f"/api/members/{uuid.uuid4()}/tags/%00"), 400)
    assert_problem(Client(HTTP_HOST=GRACE).get(MEMBERS, HTTP_COOKIE='session="abcdefgh\\000"'), 400)
    assert_problem(Client(HTTP_HOST=GRACE).get("/api/nothing%00"), 400)


@pytest.mark.parametrize(
    "query", ["search=%ff%fe", "last_name=%ed%a0%80", "search=%c3%28", "&&&=&=", "a" * 5000]
)
def test_a_query_in_no_encoding_is_only_text_that_nobody_has(anna, query):
    assert anna.get(f"{MEMBERS}?{query}").status_code == 200


INJECTIONS = [
    "' OR '1'='1", "'; DROP TABLE members; --", "1) OR 1=1 --", "\\'; SELECT pg_sleep(5) --",
    "%' OR '%'='",
    "x' UNION SELECT password_hash FROM tenant_users --", "a & b | !c", "a:* & (b", "<-> ) (", "''",
    "\\", "%_%",
    "{a}", "$1", "%s", "%(name)s", "; RESET search_path", "last_name); SET search_path TO public; --",
]  # fmt: skip


@pytest.mark.parametrize("text", INJECTIONS)
def test_statements_in_texts_are_texts(anna, text):
    for name in ("last_name", "tag", "email", "phone", "birth_date", "external_key"):
        answer = anna.get(MEMBERS, {name: text})
        assert (answer.status_code, answer.json()["count"]) == (200, 0), name
    # A search takes the words out of the text, and some of these words begin somebody's name.
    assert anna.get(MEMBERS, {"search": text}).status_code == 200
    assert anna.get("/api/members/search", {"q": text}).status_code == 200
    for name in ("ordering", "page", "page_size", "created_after"):
        assert_problem(anna.get(MEMBERS, {name: text}), 400)
    assert_problem(anna.get("/api/tenants/current/users", {"role": text}), 400)
    made = anna.post(MEMBERS, {**PERSON, "first_name": text, "tags": [text]})
    assert made.status_code == 201
    assert made.json()["first_name"] == " ".join(text.split())
    assert anna.get(MEMBERS).json()["count"] == 5
