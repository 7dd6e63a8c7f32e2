"""Search over people: what finds whom, what odd input does, and that the index serves it."""

from __future__ import annotations

import json
import random

import pytest
from django.db import connection

from members.domain import create_member, save_imported
from members.models import Member
from members.search import folded, words
from tenants.context import enter_church


@pytest.fixture
def people(grace):
    with enter_church(grace):
        Member.objects.all().delete()
        for values in (
            {
                "first_name": "José", "middle_name": "Ángel", "last_name": "Müßig-Łukasz", "nickname": "Pepe",
                "email": "jose.lukasz@mail.example", "phone": "(217) 555-0101",
                "tags": ["Chœur", "Welcome team"],
            },
            {"first_name": "Mary", "last_name": "O'Brien", "home_phone": "+49 171 2345678", "tags": ["50+"]},
            {"first_name": "हिन्दी", "last_name": "नाम"},
            {"first_name": "さくら", "last_name": "がとう"},
            {"first_name": "מֹשֶׁה", "last_name": "כהן"},
            {"first_name": "Nguyễn", "last_name": "Đặng"},
        ):  # fmt: skip
            create_member(**values)


def found(church, text):
    with enter_church(church):
        return sorted(Member.objects.matching(text).values_list("first_name", flat=True))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        # Accents in what is stored, in what is asked, in both, composed and taken apart.
        ("jose", "José"), ("José", "José"), ("JOSE\u0301", "José"), ("Josè", "José"),
        ("mussig", "José"), ("müßig", "José"), ("lukasz", "José"), ("angel", "José"), ("chœur", "José"),
        ("choeur", "José"), ("nguyen", "Nguyễn"), ("dang", "Nguyễn"), ("ĐẶNG", "Nguyễn"),
        # Beginnings, several words in any order, other fields.
        ("jo", "José"), ("luk jos", "José"), ("pepe", "José"), ("jose.lukasz@mail.example", "José"),
        ("lukasz@mail", "José"), ("welcome", "José"), ("team pepe", "José"), ("o'brien", "Mary"),
        ("O’Brien mary", "Mary"), ("brien", "Mary"), ("50", "Mary"), ("50+", "Mary"),
        # Phones: as written, in full, without what is in front, by the last digits.
        ("(217) 555-0101", "José"), ("+1 217 555 0101", "José"), ("2175550101", "José"), ("555-0101", "José"),
        ("0101", "José"), ("217", "José"), ("jose 0101", "José"), ("555-01", "José"),
        ("0171 2345678", "Mary"), ("0049 171 2345678", "Mary"), ("171 234", "Mary"), ("5678", "Mary"),
        # Other scripts.
        ("हिन्दी", "हिन्दी"), ("हिन्", "हिन्दी"), ("さく", "さくら"), ("がとう", "さくら"),
        ("משה", "מֹשֶׁה"), ("כהן", "מֹשֶׁה"),
    ],
)  # fmt: skip
def test_finds(grace, people, text, name):
    assert found(grace, text) == [name]


@pytest.mark.parametrize(
    "text",
    [
        "ose", "josef", "jose brien", "", "   ", "'", '"', "&", "|", "!", "<->", ":*", "()", "\\", "%", "_",
        "*", "-", "+", "---", "...", "( ) - .", "😀", "\u0301", "\u200b", "nobody & | !", "🙂 nobody",
        "かとう", "00",
    ],
)  # fmt: skip
def test_finds_nobody(grace, people, text):
    assert found(grace, text) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("jose & brien", []), ("jose | mary", []), ("!jose", ["José"]), ("jose:*", ["José"]),
        ("jose <-> x", []),
        ("jose'; DROP TABLE members; --", []), ('"jose"', ["José"]), ("jose\\", ["José"]), ("jose:x", []),
        ("(jose", ["José"]), ("jose!", ["José"]),
    ],
)  # fmt: skip
def test_operators_are_no_operators(grace, people, text, name):
    assert found(grace, text) == name


@pytest.mark.parametrize(
    "text",
    [
        "x" * 5000, "㍿" * 200, "ﷺ" * 200, "q " * 5000, "1" * 5000, "e\u0301" * 5000, "\u0301" * 500,
        "\U0001d7d8" * 300, "ß" * 300, "1e400", "0x10", "1.5e-7", "a.b.c/d?e=f", "http://x.example/y", "⁹⁹",
        "Ⅷ", "٣٤٥", "\ud7ff", "\uffff", "\u2028", "ﬁ", "İ", "\u0f73",
    ],
)  # fmt: skip
def test_odd_text_is_answered(api, people, text):
    answer = api("bob").get("/api/members/search", {"q": text})
    assert answer.status_code == 200
    assert answer.json()["count"] == 0
    assert api("bob").get("/api/members", {"search": text}).status_code == 200


def test_whatever_letters_a_name_is_written_in_it_is_found(grace):
    chance = random.Random(7)
    letters = [chr(code) for code in range(0x21, 0xD7FF) if chr(code).isalnum()]
    signs = [chr(code) for code in range(0x21, 0xD7FF) if not chr(code).isalnum()]
    names = [
        "".join(chance.choice(chance.choice([letters, letters, signs])) for _ in range(chance.randint(3, 30)))
        for _ in range(400)
    ]
    names = [name for name in names if any(map(str.isalpha, name))]
    with enter_church(grace):
        named = [Member(first_name=name, last_name="x") for name in names]
        save_imported(new=named, changed=[])
        for member in named:
            assert member in Member.objects.matching(member.first_name[:100]), ascii(member.first_name)
            assert words(folded(member.first_name)) == words(member.first_name)


def test_search_over_the_api(api, people):
    bob = api("bob")
    assert [p["first_name"] for p in bob.get("/api/members/search?q=jos%C3%A9").json()["results"]] == ["José"]
    assert bob.get("/api/members/search").json()["count"] == 0
    assert bob.get("/api/members?search=mary&tag=50%2B").json()["count"] == 1
    assert bob.get("/api/members?search=mary&tag=Choir").json()["count"] == 0
    assert bob.get("/api/members/search?q=a%00b").status_code == 400
    assert api("dan").get("/api/members/search?q=pepe").json()["count"] == 0
    assert api("vera").get("/api/members/search?q=pepe").json()["count"] == 1
    assert api(None).get("/api/members/search?q=pepe").status_code == 401


def test_what_changes_is_found_under_the_new_and_not_under_the_old(api, people):
    alice = api("alice")
    person = alice.get("/api/members/search?q=pepe").json()["results"][0]
    address = f"/api/members/{person['id']}"
    alice.patch(address, {"nickname": "Joselito", "phone": "312 555 0199"}, format="json")
    alice.post(f"{address}/tags", {"tags": ["Brass"]}, format="json")
    for text, count in (("pepe", 0), ("joselito", 1), ("0101", 0), ("0199", 1), ("brass", 1)):
        assert alice.get(f"/api/members/search?q={text}").json()["count"] == count, text
    alice.delete(f"{address}/tags/Brass")
    assert alice.get("/api/members/search?q=brass").json()["count"] == 0


def plan_of(queryset):
    """(nodes of the plan, 8-kB blocks that it touched)."""
    (plan,) = json.loads(queryset.explain(analyze=True, buffers=True, format="json"))
    nodes, remaining = [], [plan["Plan"]]
    while remaining:
        node = remaining.pop()
        nodes.append((node["Node Type"], node.get("Index Name")))
        remaining += node.get("Plans", [])
    return nodes, plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"]


def test_the_index_serves_a_church_of_twenty_thousand(grace):
    firsts = ["Anna", "José", "Mary", "Søren", "Karl", "Ruth", "Ali", "Chen", "Lucía", "Peter"]
    with enter_church(grace):
        people = [
            Member(
                first_name=f"{firsts[number % 10]}",
                last_name=f"Last{number % 500}",
                email=f"person{number}@mail{number % 7}.example",
                phone=f"+1217{number:07}",
            )
            for number in range(20_000)
        ]
        for person in people:
            person.refresh_search_document()
        Member.objects.bulk_create(people, batch_size=2_000)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE members")
        for text in ("ruth last17", "person12345", "217 001 2345", "pet last499"):
            people = Member.objects.matching(text)
            assert people.exists(), text
            nodes, blocks = plan_of(people.order_by("last_name", "first_name", "id")[:50])
            assert ("Bitmap Index Scan", "members_search") in nodes, (text, nodes)
            assert blocks < 1500, (text, blocks)
