"""People over the API."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from urllib.parse import quote
from uuid import uuid4

import orjson
import pytest

from accounts.models import User
from accounts.tokens import start_login
from core.api.rows import RowReader
from members.api import MemberSerializer
from members.custom_fields.domain import define_stray_keys
from members.custom_fields.people_api import without_hidden_values
from members.custom_fields.visibility import keys_of
from members.domain import create_member
from members.models import Member
from tenants.context import enter_church
from tenants.models import Church
from tests.members.conftest import fewest_queries
from tests.members.member_pages import change, fields_of
from tests.world import email_of

RUTH = {"first_name": "Ruth", "last_name": "Moab", "email": "ruth@moab.example", "tags": ["Choir"]}


def make(client, **values):
    answer = client.post("/api/members", {**RUTH, **values}, format="json")
    assert answer.status_code == 201, answer.content
    return f"/api/members/{answer.json()['id']}"


def test_staff_reads_a_page_of_people(api):
    answer = api("bob").get("/api/members?page_size=2&ordering=last_name")
    assert answer.status_code == 200
    body = answer.json()
    assert body["count"] == 4
    assert [person["last_name"] for person in body["results"]] == ["Kierkegård", "Lovelace"]


def test_a_token_of_grace_is_worth_nothing_at_hope(api, tokens):
    client = api(None, host="hope.localhost")
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens('bob')['access']}")
    assert client.get("/api/members").status_code == 401


def test_put_asks_for_the_names_and_both_leave_what_is_not_given(api):
    """``PUT`` is checked as a whole person; fields that it does not give keep their values."""
    bob = api("bob")
    address = make(bob, phone="217 555 0101")
    assert bob.put(address, {"email": "r@moab.example"}, format="json").status_code == 400
    answer = bob.put(address, {"first_name": "Rut", "last_name": "Moab"}, format="json")
    assert answer.status_code == 200
    assert (answer.json()["first_name"], answer.json()["phone"]) == ("Rut", "+12175550101")
    answer = bob.patch(address, {"phone": ""}, format="json")
    assert (answer.status_code, answer.json()["phone"]) == (200, "")
    assert bob.get(address).json() == answer.json()


def test_an_unchanged_person_keeps_the_time_of_the_last_change(api):
    bob = api("bob")
    address = make(bob)
    before = bob.get(address).json()
    assert bob.patch(address, {"first_name": "Ruth"}, format="json").json() == before
    assert (
        bob.patch(address, {"first_name": "Rut"}, format="json").json()["updated_at"] > before["updated_at"]
    )


@pytest.mark.parametrize(
    "values",
    [
        {"first_name": ""}, {"first_name": None}, {"first_name": "x" * 101}, {"email": "ruth"},
        {"phone": "12"}, {"birth_date": "2001-02-29"}, {"birth_date": None}, {"baptized_date": "yesterday"},
        {"tags": "Choir"}, {"tags": ["x" * 51]}, {"tags": [""]}, {"tags": None}, {"address": "Ulm"},
        {"address": {"city": 5}}, {"address": {"city": "x" * 256}}, {"custom_fields": []},
        {"external_key": "taken"}, {"membership_status": ""},
    ],
)  # fmt: skip
def test_what_is_not_valid_is_refused_by_field(api, values):
    bob = api("bob")
    make(bob, external_key="taken")
    address = make(bob)
    (field,) = values
    for answer in (
        bob.post("/api/members", {**RUTH, **values}, format="json"),
        bob.patch(address, values, format="json"),
    ):
        assert answer.status_code == 400
        assert answer["Content-Type"] == "application/problem+json"
        assert [name.partition(".")[0] for name in answer.json()["errors"]] == [field]


# A slash in a tag stands in the address as %2F or as itself; most servers hand on the latter.
TAGS = [
    "Choir",
    "50% off",
    "a/b",
    "/",
    "//",
    "a/",
    "Chœur d’été",
    "a?b#c",
    "a+b",
    "..",
    "&=;",
    "😀",
    "a\\b",
    "%2F",
]


@pytest.mark.parametrize("tag", TAGS)
def test_any_tag_is_given_and_taken_away_again(api, tag):
    bob = api("bob")
    address = make(bob, tags=["Other"])
    answer = bob.post(f"{address}/tags", {"tags": [tag]}, format="json")
    assert (answer.status_code, answer.json()["tags"]) == (200, ["Other", tag])
    assert bob.delete(f"{address}/tags/{quote(tag, safe='')}").status_code == 204
    assert bob.get(address).json()["tags"] == ["Other"]
    assert bob.delete(f"{address}/tags/{quote(tag, safe='')}").status_code == 404


def test_tags_endpoints(api):
    bob = api("bob")
    address = make(bob)
    assert bob.post(f"{address}/tags", {"tags": ["choir", " New  one "]}, format="json").json()["tags"] == [
        "Choir", "New one",
    ]  # fmt: skip
    for body in ({}, {"tags": []}, {"tags": "x"}, {"tags": ["x" * 51]}, {"tags": [5]}, {"tags": ["  "]}):
        assert bob.post(f"{address}/tags", body, format="json").status_code == 400
    # In any case; what nobody can have is as absent as what the person does not have.
    assert bob.delete(f"{address}/tags/CHOIR").status_code == 204
    for tag in ("CHOIR", "x" * 80, "%20", "none"):
        assert bob.delete(f"{address}/tags/{tag}").status_code == 404
    assert bob.delete(f"{address}/tags/").status_code == 404
    for absent in (f"/api/members/{uuid4()}/tags",):
        assert bob.post(absent, {"tags": ["x"]}, format="json").status_code == 404
        assert bob.delete(f"{absent}/x").status_code == 404
    assert api("vera").post(f"{address}/tags", {"tags": ["x"]}, format="json").status_code == 403
    assert api("vera").delete(f"{address}/tags/New%20one").status_code == 403
    assert api("dan").delete(f"{address}/tags/New%20one").status_code == 404


def test_the_list_takes_as_many_queries_for_thirty_people_as_for_one(api, grace):
    bob = api("bob")
    counts: dict[str, set[int]] = {}
    for size in (1, 30):
        with enter_church(grace):
            Member.objects.all().delete()
            for number in range(size):
                create_member(**{**RUTH, "external_key": str(number)})
        for address in ("/api/members", "/api/members/search?q=ruth"):
            assert len(bob.get(address).json()["results"]) == size
            asked = fewest_queries(lambda address=address: bob.get(address))
            counts.setdefault(address, set()).add(asked)
    assert [len(each) for each in counts.values()] == [1, 1]


RICH = [
    {},
    {
        "middle_name": "Ångström “quoted” \\ / <b>&amp;</b>", "nickname": "😀\u2028\u200d",
        "phone": "2175550101",
        "address": {"line1": "1 Straße", "city": "Łódź\t", "note": "\u2029"}, "birth_date": "--02-29",
        "baptized_date": date(2001, 4, 7), "tags": ["a,b", "{x}", 'with "quotes"', "NULL", "\\"],
        "custom_fields": {
            "empty": None, "list": [1, 2.5, 1e17, 1e-30, -0.0, True, {"deep": {"er": []}}],
            "text": "é\\u0041", "big": 2**63, "": "",
        },
        "external_key": "k", "email": "x@müller.example", "suffix": "Jr.",
    },
    {"birth_date": "0001-01-01", "baptized_date": date(1, 1, 1), "custom_fields": {"a": {}}},
    {"baptized_date": date(9999, 12, 31)},
]  # fmt: skip


def test_a_page_read_as_rows_equals_the_serializers_byte_for_byte(api, grace):
    with enter_church(grace):
        for values in RICH:
            own = values.get("custom_fields", {})
            rest = {name: value for name, value in values.items() if name != "custom_fields"}
            made = create_member(**{"first_name": "Ruth", "last_name": "Moab", **rest})
            # As an older version left them: what no field of today would take.
            Member.objects.filter(pk=made.pk).update(custom_fields=own)
        fields = define_stray_keys()
        reader = RowReader(MemberSerializer)
        queryset = Member.objects.order_by("id")
        rows = without_hidden_values(reader.rows(reader.tuples(queryset)), keys_of(fields))
        instances = list(queryset)
    assert len(rows) == 4 + len(RICH)
    serialized = MemberSerializer(instances, many=True, context={"custom_fields": fields}).data
    for row, expected in zip(rows, serialized, strict=True):
        assert orjson.dumps(row) == orjson.dumps(expected)
    listed = api("bob").get("/api/members?page_size=200&ordering=created_at").json()["results"]
    for person in listed:
        assert api("bob").get(f"/api/members/{person['id']}").json() == {**person, "photo_url": None}


@pytest.mark.parametrize("number", ["1e30", "-1e300", "1" * 40])
def test_numbers_that_could_not_be_read_again_are_refused(api, number):
    body = f'{{"first_name": "Ruth", "last_name": "Moab", "custom_fields": {{"a": [{number}]}}}}'
    assert api("bob").post("/api/members", body, content_type="application/json").status_code == 400


def test_the_same_key_and_body_make_one_person(api):
    bob = api("bob")

    def send(body, key="k1"):
        return bob.post("/api/members", body, format="json", headers={"Idempotency-Key": key})

    first, second = send(RUTH), send(RUTH)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert send({**RUTH, "first_name": "Rut"}).status_code == 409
    assert send({**RUTH, "first_name": ""}, "k2").status_code == 400
    # An answer that was an error does not use the key up.
    assert send(RUTH, "k2").status_code == 201
    assert bob.get("/api/members?email=ruth@moab.example").json()["count"] == 2
    # Another user's key is another key.
    other = api("alice").post("/api/members", RUTH, format="json", headers={"Idempotency-Key": "k1"})
    assert other.json()["id"] != first.json()["id"]


@pytest.mark.slow
def test_the_same_request_twice_at_once_makes_one_person(own_database, web):
    church = Church.objects.get(subdomain="grace")
    with enter_church(church):
        token = start_login(user=User.objects.get(email=email_of("bob")))["access"]
    server = web(own_database)
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "once"}

    def send(_number):
        return server.post("/api/members", host="grace.localhost", headers=headers, json=RUTH)

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(send, range(8)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    # Through a real server too, where the address arrives encoded.
    address = f"/api/members/{answers[0].json()['id']}"
    plain = {"Authorization": headers["Authorization"]}
    for tag in TAGS:
        given = server.post(f"{address}/tags", host="grace.localhost", headers=plain, json={"tags": [tag]})
        assert given.status_code == 200, given.text
        if tag != "..":  # clients take it out of the address themselves
            gone = server.request(
                "DELETE", f"{address}/tags/{quote(tag, safe='')}", host="grace.localhost", headers=headers
            )
            assert gone.status_code == 204, tag
    with enter_church(church):
        assert Member.objects.filter(email="ruth@moab.example").count() == 1


def test_post_may_go_somewhere_else(api, grace, browser_session):
    made = api("bob").post("/api/members", {**RUTH, "mailing_address": {"line1": "PO Box 7", "city": "Moab"}})
    assert made.status_code == 201
    assert made.json()["mailing_address"] == {"line1": "PO Box 7", "city": "Moab"}
    with enter_church(grace):
        ruth = Member.objects.get(pk=made.json()["id"])
    bob = browser_session("bob")
    answer = bob.post(change(ruth), fields_of(ruth, mailing_address_line1="PO Box 8"))
    assert answer.status_code == 302
    assert api("bob").get(f"/api/members/{ruth.pk}").json()["mailing_address"]["line1"] == "PO Box 8"
    assert "PO Box 8" in browser_session("vera").get(change(ruth)).content.decode()
