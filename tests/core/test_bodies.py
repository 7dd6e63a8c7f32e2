"""Bodies that cannot be taken answer a problem that says why; what can be taken comes back as it went in."""

from __future__ import annotations

import pytest

from members.custom_fields.domain import create_custom_field
from members.domain import create_member
from members.models import Member
from tenants.context import enter_church
from tests.problems import assert_problem

MEMBERS = "/api/members"
PERSON = {"first_name": "Martha", "last_name": "Bethany"}


@pytest.fixture
def anna(api):
    return api("anna")


@pytest.mark.parametrize(
    "body",
    [
        b"{", b"}", b"[1,",
        b"{'a': 1}", b'{"a": NaN}', b'{"a": Infinity}', b'{"a": 1e999}', b"\xff\xfe{}",
        b'{"first_name": "\xc3"}', b'{"first_name": "\xed\xa0\x80"}', b'{"first_name": "\\ud800"}',
        b'{"first_name": "\\u0000"}', b'{"custom_fields": {"\\u0000": 1}}', b'{"a": "\x00"}', b"\x00", b" ",
        b'{"a":' * 51 + b"1" + b"}" * 51, b"[" * 100_000, b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    ],
    ids=lambda body: repr(body[:20]),
)  # fmt: skip
def test_a_body_that_is_no_json(anna, body):
    assert_problem(anna.generic("POST", MEMBERS, body, content_type="application/json"), 400)


def test_a_backslash_before_u0000_is_no_nul(anna):
    answer = anna.post(MEMBERS, {**PERSON, "nickname": "\\u0000"})
    assert answer.status_code == 201
    assert answer.json()["nickname"] == "\\u0000"


@pytest.mark.parametrize("body", [b"[]", b"1", b'"text"', b"null", b"true", b"[{}]"])
def test_json_that_is_no_object(anna, body):
    assert_problem(anna.generic("POST", MEMBERS, body, content_type="application/json"), 400)


def test_no_body_at_all(anna):
    assert_problem(anna.generic("POST", MEMBERS, b"", content_type=""), 400, "first_name", "last_name")


def test_a_body_that_is_too_large(anna, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000
    body = {**PERSON, "custom_fields": {"text": "x" * 2_000}}
    assert_problem(anna.post(MEMBERS, body), 413)
    assert anna.post(MEMBERS, PERSON).status_code == 201


def test_a_body_at_the_limit_of_depth(anna):
    deepest = {"x": 1}
    for _ in range(47):
        deepest = {"x": deepest}
    answer = anna.post(MEMBERS, {**PERSON, "custom_fields": deepest})
    # It was read, and there is no such field.
    assert_problem(answer, 400, "custom_fields.x")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("first_name", None), ("first_name", ""), ("first_name", "  "), ("first_name", 5),
        ("first_name", True),
        ("first_name", ["a"]), ("first_name", {"a": 1}), ("first_name", "x" * 101),
        ("email", "nothing"), ("email", "a@b"), ("email", 5), ("phone", "call me"), ("phone", "1" * 41),
        ("phone", 2175550101), ("birth_date", "2001-02-30"), ("birth_date", "yesterday"),
        ("birth_date", "2001"),
        ("birth_date", "0000-01-01"),
        ("birth_date", "\N{ARABIC-INDIC DIGIT TWO}001-01-01"),
        ("baptized_date", "01/02/2003"),
        ("baptized_date", "20030102"), ("baptized_date", 20030102), ("tags", "Choir"), ("tags", [5]),
        ("tags", [""]), ("tags", ["x" * 51]), ("tags", ["a"] * 101), ("tags", {"a": "b"}), ("tags", None),
        ("address", []), ("address", "x"), ("address", {"city": 5}), ("custom_fields", []),
        ("membership_status", ""), ("membership_status", "x" * 21), ("external_key", "x" * 256),
    ],
)  # fmt: skip
def test_a_value_that_does_not_fit_names_its_field(anna, field, value):
    body = assert_problem(anna.post(MEMBERS, {**PERSON, field: value}), 400)
    assert {name.partition(".")[0] for name in body["errors"]} == {field}


@pytest.mark.parametrize("number", ["1e30", "-1e300", "9223372036854775808e0", "18446744073709551616"])
def test_a_number_that_could_not_be_written_again(anna, number):
    body = f'{{"first_name": "a", "last_name": "b", "custom_fields": {{"n": [{number}]}}}}'
    assert_problem(anna.generic("POST", MEMBERS, body.encode(), content_type="application/json"), 400)


def test_a_number_that_came_in_by_another_door_can_be_read(anna, grace):
    with enter_church(grace):
        create_custom_field(label="n", kind="number")
        person = create_member(**PERSON)
        Member.objects.filter(pk=person.pk).update(custom_fields={"n": 10**30})
    for answer in (anna.get(f"{MEMBERS}/{person.pk}"), anna.get(f"{MEMBERS}?first_name=Martha")):
        assert answer.status_code == 200
        assert float(answer.json().get("results", [answer.json()])[0]["custom_fields"]["n"]) == 1e30
