"""Who may be in the list twice: who is found, why, in which order, and who is not."""

from __future__ import annotations

import random
import time
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from members.domain import create_member
from members.merging.domain import say_not_duplicates
from members.merging.duplicates import find_duplicates
from members.merging.likeness import Name, like_names
from members.models import Household, HouseholdMembership, Member, NotDuplicates
from members.search import folded_name
from tenants.context import enter_church
from tests.members.conftest import fewest_queries
from tests.problems import assert_problem

HOME = {"line1": "1 Lake Road", "postal_code": "62701"}
DUPLICATES = "/api/members/duplicates"
NOT_DUPLICATES = "/api/members/not-duplicates"


@pytest.fixture
def in_grace(grace):
    with enter_church(grace):
        yield


def make(first, last="Bethsaida", **values):
    return create_member(first_name=first, last_name=last, **values)


def found():
    """{(first names of both): (reasons, score)}."""
    names = dict(Member.objects.values_list("pk", "first_name"))
    return {
        tuple(sorted((names[pair.first], names[pair.second]))): (pair.reasons, pair.score)
        for pair in find_duplicates()
    }


def name(first, nickname="", suffix=""):
    last, _comma, folded = folded_name(first, "Smith").partition(", ")
    return Name(last, folded, nickname, suffix)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("José",), ("jose",)), (("Robert",), ("Rob",)), (("Robert", "Bob"), ("Bob",)),
        (("John Paul",), ("J P",)),
        (("John Paul",), ("J.P.",)), (("J.",), ("John",)), (("Katherine",), ("Catherine",)),
        (("Jonathan",), ("Johnathan",)), (("Anne-Marie",), ("Anne Marie",)),
        (("Elizabeth", "Liz"), ("Eliza", "Liz")),
        (("John", "", "Jr"), ("John", "", "Jr.")), (("John", "", "Jr"), ("John",)),
    ],
)  # fmt: skip
def test_names_that_may_be_one_persons(one, other):
    assert like_names(name(*one), name(*other))
    assert like_names(name(*other), name(*one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Mary",), ("John",)), (("Peter",), ("Simon",)), (("Mary",), ("Mark",)),
        (("John", "", "Jr"), ("John", "", "Sr")), (("Anna",), ("Hanna Maria",)),
        (("Child 1",), ("Child 2",)),
    ],
)  # fmt: skip
def test_names_that_are_two_peoples(one, other):
    assert not like_names(name(*one), name(*other))


def test_each_reason_finds_its_pair(in_grace):
    make("Simon", email="Rock@x.example")
    make("Simeon", email="rock@X.example")
    make("Andrew", phone="217 555 0188")
    make("Andy", home_phone="(217) 555-0188")
    make("James", address={"line1": "1, LAKE Road", "postal_code": "627 01"})
    make("Jim", nickname="James", address=HOME)
    make("Johnathan", birth_date="1990-02-03")
    make("Jonathan", birth_date="--02-03")
    pairs = found()
    assert {key: reasons for key, (reasons, score) in pairs.items()} == {
        ("Simeon", "Simon"): ["email"],
        ("Andrew", "Andy"): ["phone"],
        ("James", "Jim"): ["name_and_address"],
        ("Johnathan", "Jonathan"): ["name_and_birthday"],
    }
    assert all(1 <= score <= 100 for reasons, score in pairs.values())


def test_a_household_is_an_address(in_grace):
    home = Household.objects.create(name="Home")
    for member in (make("Simon"), make("Simeon"), make("Mary")):
        HouseholdMembership.objects.create(household=home, member=member)
    assert found() == {("Simeon", "Simon"): (["name_and_address"], 45)}


def test_more_reasons_weigh_more_and_the_likeliest_comes_first(in_grace):
    same = {"email": "s@x.example", "phone": "2175550188", "birth_date": "1990-02-03", "address": HOME}
    make("Simon", **same)
    make("Simon", **same)
    make("Andrew", phone="2175550189")
    make("Andrew", phone="2175550189")
    pairs = find_duplicates()
    assert pairs[0].reasons == ["email", "phone", "name_and_address", "name_and_birthday"]
    assert pairs[0].score == 100
    assert pairs[1].score < 100


def test_families_share_mailbox_and_telephone(in_grace):
    shared = {"email": "home@x.example", "phone": "2175550188"}
    home = Household.objects.create(name="Home")
    for first in ("Mary", "Joseph"):
        HouseholdMembership.objects.create(household=home, member=make(first, **shared))
    assert found() == {}
    make("Salome", household_key="H1", email="z@x.example")
    make("Zebedee", household_key="H1", email="z@x.example")
    assert found() == {}


def test_other_names_with_one_mailbox_are_offered_as_less_likely(in_grace):
    make("Mary", email="m@x.example")
    make("Joseph", email="m@x.example")
    make("Martha", "Jones", email="n@x.example")
    make("Martha", "Miller", email="n@x.example")
    make("Ruth", email="r@x.example")
    make("Ruth", email="r@x.example")
    scores = {key: score for key, (reasons, score) in found().items()}
    assert scores[("Joseph", "Mary")] < scores[("Martha", "Martha")] < scores[("Ruth", "Ruth")]


def test_father_and_son_of_one_name_are_not_offered_for_their_address(in_grace):
    make("John", suffix="Sr", address=HOME, birth_date="1950-01-01")
    make("John", suffix="Jr", address=HOME, birth_date="1980-05-05")
    assert found() == {}


def test_two_birthdays_speak_against_one_person(in_grace):
    make("John", address=HOME, birth_date="1950-01-01")
    make("John", address=HOME, birth_date="1950-01-10")
    make("Paul", address=HOME)
    make("Paul", address=HOME)
    scores = {key: score for key, (reasons, score) in found().items()}
    assert scores[("John", "John")] < scores[("Paul", "Paul")]


def test_the_same_name_alone_is_no_reason(in_grace):
    for _ in range(2):
        make("John")
    assert found() == {}


def test_those_said_to_be_two_are_not_offered_again(api, grace, user):
    with enter_church(grace):
        one, other = (make("Simon", email="s@x.example") for _ in range(2))
    bob = api("bob")
    assert bob.get(DUPLICATES).json()["count"] == 1
    for first, second in ((one, other), (other, one)):
        answer = bob.post(NOT_DUPLICATES, {"first": str(first.pk), "second": str(second.pk)})
        assert answer.status_code == 201
        assert answer.json()["first"] < answer.json()["second"]
    assert bob.get(DUPLICATES).json()["count"] == 0
    with enter_church(grace):
        assert NotDuplicates.objects.get().said_by_id == user("bob").pk


def test_what_is_no_pair_is_refused(api, person):
    bob, ada = api("bob"), str(person("Ada").pk)
    assert_problem(bob.post(NOT_DUPLICATES, {"first": ada, "second": ada}), 400, "second")
    assert_problem(bob.post(NOT_DUPLICATES, {"first": ada}), 400, "second")
    assert_problem(bob.post(NOT_DUPLICATES, {"first": ada, "second": "x"}), 400, "second")
    assert_problem(bob.post(NOT_DUPLICATES, {"first": ada, "second": str(uuid.uuid4())}), 404)
    assert_problem(api("vera").get(DUPLICATES), 403)


def test_the_list_says_who_and_why(api, grace):
    with enter_church(grace):
        make("Simon", email="s@x.example", phone="2175550188")
        make("Simon", email="s@x.example")
    listed = api("bob").get(DUPLICATES).json()
    (pair,) = listed["results"]
    assert set(pair) == {"first", "second", "reasons", "score"}
    assert set(pair["first"]) == {"id", "first_name", "last_name", "email", "phone"}
    assert pair["reasons"] == ["email"]
    assert listed["next"] is None


def test_thirty_pairs_take_as_many_queries_as_one(api, grace):
    def twice(number):
        with enter_church(grace):
            for _ in range(2):
                make("Simon", f"Number{number}", email=f"{number}@x.example")

    bob = api("bob")
    twice(0)
    one = fewest_queries(lambda: bob.get(DUPLICATES))
    for number in range(1, 30):
        twice(number)
    assert fewest_queries(lambda: bob.get(DUPLICATES)) == one
    assert bob.get(DUPLICATES).json()["count"] == 30
    assert len(bob.get(f"{DUPLICATES}?page_size=10&page=2").json()["results"]) == 10


def a_large_church(size):
    """People as churches have them: families of three, a fiftieth entered twice."""
    chance = random.Random(1)
    firsts = [
        f"{a}{b}" for a in "Ann Bert Carl Dora Emil Fred Gina Hans".split() for b in "a el in o us".split()
    ]
    people = []
    for number in range(size):
        family = number // 3
        people.append(
            Member(
                first_name=chance.choice(firsts), last_name=f"Family{family % 3_000}",
                email=f"{family}@x.example" if number % 2 else "",
                phone=f"+1217{family:07d}", household_key=f"H{family}",
                birth_date=f"19{number % 90 + 10}-{number % 12 + 1:02d}-{number % 28 + 1:02d}",
                address={"line1": f"{family} Lake Road", "postal_code": f"{family % 900:05d}"},
            )
        )  # fmt: skip
        if number % 50 == 0:
            people.append(Member(**{**_values(people[-1]), "household_key": ""}))
    for person in people:
        person.refresh_search_document()
    Member.objects.bulk_create(people, batch_size=2_000)


def _values(member):
    names = ("first_name", "last_name", "email", "phone", "birth_date", "address")
    return {name: getattr(member, name) for name in names}


@pytest.mark.slow
def test_twenty_thousand_people_are_looked_through_in_a_moment(in_grace):
    a_large_church(20_000)
    with CaptureQueriesContext(connection) as captured:
        started = time.process_time()
        pairs = find_duplicates()
        took = time.process_time() - started
    assert len(captured) == 3
    assert len([pair for pair in pairs if pair.score >= 80]) >= 400
    # About a second of one core; a loaded machine gets more.
    assert took < 3, took


@pytest.mark.slow
def test_a_number_that_everybody_shares_does_not_make_millions_of_pairs(in_grace):
    people = [
        Member(first_name="Same", last_name="Name", email="office@x.example", birth_date="1900-01-01")
        for _ in range(3_000)
    ]
    for person in people:
        person.refresh_search_document()
    Member.objects.bulk_create(people)
    assert len(find_duplicates()) == 2_999


def test_of_another_church_nobody_is_offered(grace, hope, user):
    with enter_church(hope):
        make("Simon", email="s@x.example")
    with enter_church(grace):
        simon = make("Simon", email="s@x.example")
        assert find_duplicates() == []
        with pytest.raises(Member.DoesNotExist):
            say_not_duplicates(first=simon, second=Member(pk=uuid.uuid4()), user=user("bob"))
