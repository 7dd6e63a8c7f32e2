"""Rules and the people whom they mean."""

from __future__ import annotations

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from members.custom_fields.domain import archive_custom_field, create_custom_field
from members.custom_fields.visibility import active_fields
from members.domain import create_member
from members.models import Household, HouseholdMembership, Member
from members.rules.rule import UnavailableRuleError, clean_rule, counts_for, queryset_for
from tenants.context import enter_church
from tests.members.rule_model import meets

CITIES = ["Ulm", "ulm", "Uelzen", "Linz"]
DAYS = ["1999-12-31", "2001-02-28", "2020-02-29"]
ROLES = ["head", "Child", "child"]
OWN = "custom_fields."
FIRST = "rule.conditions.0."
ON_OFF = ("known", "missing")
PEOPLE = [
    {
        "membership_status": "visitor", "gender": "Female", "tags": ["Choir"], "birth_date": "2004-02-29",
        "email": "a@x.example",
    },
    {
        "membership_status": "active", "gender": "female", "tags": ["Choir", "Welcome"],
        "birth_date": "--06-15", "phone": "2175550101",
    },
    {
        "marital_status": "Married", "birth_date": "1980-12-31",
        "address": {"city": "Ulm", "postal_code": "89073"}, "baptized_date": datetime.date(2001, 2, 28),
    },
    {
        "birth_date": "1950-01-01", "email": "b@x.example",
        "custom_fields": {"size": "l", "teams": ["a"], "paid": False},
    },
    {
        "custom_fields": {
            "size": "s", "teams": ["a", "b"], "height": 1.5, "joined": "2020-02-29", "note": "Left Handed",
            "paid": True,
        }
    },
    {
        "custom_fields": {"height": 10, "joined": "1999-12-31", "note": "none"}, "tags": ["welcome"],
        "membership_status": "Visitor",
    },
]  # fmt: skip


def one(field, operator, values=None):
    base = {"field": st.just(field), "operator": st.just(operator)}
    return st.fixed_dictionaries(base if values is None else {**base, "value": values})


def texts(*pool):
    return st.sampled_from(pool)


def lists(*pool):
    return st.lists(st.sampled_from(pool), min_size=1, max_size=3)


def few(field, *pool):
    return [
        one(field, "is", texts(*pool)),
        one(field, "is_not", texts(*pool)),
        one(field, "in", lists(*pool)),
    ]


OWN_KEYS = ("size", "teams", "height", "joined", "note", "paid")
STATED = ("email", "phone", "city", "postal_code", "birthday")
CONDITIONS = st.one_of(
    *few("membership_status", "visitor", "Active", "none"), *few("gender", "female", "Male"),
    *few("marital_status", "married", "single"), *few("household_role", *ROLES),
    one("tags", "has", texts("Choir", "welcome")), one("tags", "has_not", texts("Choir", "Welcome")),
    one("tags", "has_any", lists("Choir", "Welcome", "welcome", "x")),
    *[one(field, operator) for field in STATED for operator in ON_OFF],
    one("email", "contains", texts("A@", "x.example", "%", "_")),
    one("phone", "contains", texts("0101", "(217) 555", "9")),
    *[one("city", operator, texts(*CITIES)) for operator in ("is", "starts_with")],
    one("postal_code", "starts_with", texts("8", "89", "%")),
    *[one("age", operator, st.integers(0, 150)) for operator in ("from", "to")],
    one("birthday", "in_next_days", st.integers(0, 366)), one("birthday", "in_month", st.integers(1, 12)),
    one("baptized", "is", st.booleans()),
    *[one("baptized", operator, texts(*DAYS)) for operator in ("before", "after")],
    one("household", "is", st.booleans()), one("added", "in_last_days", st.integers(1, 60)),
    one("added", "this", texts("day", "month")),
    *[one("added", operator, texts(*DAYS, "2030-01-01")) for operator in ("before", "after")],
    *few(OWN + "size", "s", "l"), one(OWN + "teams", "has", texts("a", "b")),
    one(OWN + "teams", "has_not", texts("a", "b")), one(OWN + "teams", "has_any", lists("a", "b")),
    one(OWN + "paid", "is", st.booleans()),
    *[one(OWN + "height", operator, st.sampled_from([1, 1.5, 10])) for operator in ("is", "from", "to")],
    *[one(OWN + "joined", operator, texts(*DAYS)) for operator in ("is", "from", "to")],
    one(OWN + "note", "is", texts("none", "None")),
    one(OWN + "note", "contains", texts("left", "handed", "%")),
    *[one(OWN + key, operator) for key in OWN_KEYS for operator in ON_OFF],
)  # fmt: skip
RULES = st.fixed_dictionaries(
    {"match": st.sampled_from(["all", "any"]), "conditions": st.lists(CONDITIONS, max_size=4)}
)


def choices(*keys):
    return [{"label": key} for key in keys]


@pytest.fixture
def inside(grace):
    with enter_church(grace), timezone.override(grace.timezone):
        Member.objects.all().delete()
        yield grace


def define():
    create_custom_field(label="size", kind="choice", choices=choices("s", "l"))
    create_custom_field(label="teams", kind="choices", choices=choices("a", "b"))
    for label, kind in (("height", "number"), ("joined", "date"), ("note", "text"), ("paid", "yes_no")):
        create_custom_field(label=label, kind=kind)


def plain(member):
    membership = member.household_memberships.first()
    names = (
        "membership_status gender marital_status tags email phone birth_date baptized_date address"
        " custom_fields"
    )
    return {name: getattr(member, name) for name in names.split()} | {
        "role": membership.role if membership else None,
        "household_address": membership.household.address if membership else {},
        "added": timezone.localdate(member.created_at),
    }


@pytest.fixture
def crowd(inside):
    """A handful of people, each with something of their own, as plain values by key."""
    define()
    made = [create_member(first_name=f"P{n}", last_name="X", **values) for n, values in enumerate(PEOPLE)]
    home = Household.objects.create(name="X", address={"city": "Linz", "postal_code": "4020"})
    for member, role in zip(made[:3], ("head", "child", ""), strict=True):
        HouseholdMembership.objects.create(household=home, member=member, role=role)
    for days, member in zip((0, 1, 6, 30, 400, 9000), made, strict=True):
        added = timezone.now() - datetime.timedelta(days=days)
        Member.objects.filter(pk=member.pk).update(created_at=added)
    return {member.pk: plain(member) for member in Member.objects.all()}


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rule=RULES)
def test_a_rule_means_whom_plain_python_says_it_means(crowd, rule):
    kept = clean_rule(rule, own_fields=active_fields())
    today = timezone.localdate()
    together = all if rule["match"] == "all" else any
    expected = {
        key
        for key, person in crowd.items()
        if rule["conditions"]
        and together(meets(person, condition, today) for condition in kept["conditions"])
    }
    found = [person.pk for person in queryset_for(kept, None)]
    assert (len(found), set(found)) == (len(expected), expected)
    assert queryset_for(kept, None).count() == len(expected)


def test_lists_are_counted_together(crowd, user, django_assert_num_queries):
    rules = [
        {"match": "all", "conditions": [{"field": "tags", "operator": "has", "value": "Choir"}]},
        {"match": "any", "conditions": [{"field": "household", "operator": "is", "value": True},
                                        {"field": OWN + "size", "operator": "known"}]},
        {"match": "all", "conditions": []},
        {"match": "all", "conditions": [{"field": "city", "operator": "is", "value": "linz"}]},
    ]  # fmt: skip
    bob = user("bob")
    # The connection finds back into the church with a statement of its own.
    assert Member.objects.exists()
    with django_assert_num_queries(2):
        counts = counts_for(rules, bob)
    assert counts == [len(queryset_for(rule, bob)) for rule in rules] == [2, 5, 0, 2]


@pytest.mark.parametrize(
    "rule", [{}, {"match": "any"}, {"conditions": []}, {"match": "all", "conditions": []}]
)
def test_a_rule_without_conditions_means_nobody(crowd, rule):
    assert queryset_for(rule, None).count() == 0


def test_words_are_searched_as_everywhere(inside):
    create_member(first_name="Ruth", last_name="Moab")
    for text, found in (("ru mo", 1), ("boaz", 0), ("!!", 0)):
        rule = {"conditions": [{"field": "search", "operator": "matches", "value": text}]}
        assert queryset_for(rule, None).count() == found


def test_a_field_that_is_hidden_makes_the_rule_unavailable(inside, user):
    field = create_custom_field(label="Care", kind="text", visible_to=["pastor"])
    create_member(first_name="Ruth", last_name="Moab", custom_fields={"care": "x"})
    hidden = {"field": "custom_fields.care", "operator": "missing"}
    for match, others in (("all", []), ("any", [{"field": "email", "operator": "missing"}])):
        rule = {"match": match, "conditions": [*others, hidden]}
        for actor in ("bob", "vera"):
            with pytest.raises(UnavailableRuleError):
                queryset_for(rule, user(actor))
            assert counts_for([rule], user(actor)) == [0]
        for actor in ("alice", "anna"):
            assert queryset_for(rule, user(actor)).count() == len(others)
    archive_custom_field(field=field)
    # Put away, it is hidden from the same people as before, and the rule means nobody.
    with pytest.raises(UnavailableRuleError):
        queryset_for(rule, user("bob"))
    assert queryset_for(rule, user("anna")).count() == 0


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        ([], "rule"),
        ("all", "rule"),
        ({"conditions": {}}, "rule"),
        ({"match": "some"}, "rule.match"),
        ({"match": ["all"]}, "rule.match"),
        ({"sql": "1"}, "rule"),
        ({"conditions": [1]}, "rule.conditions.0"),
        ({"conditions": [{"field": "password"}]}, FIRST + "field"),
        ({"conditions": [{"field": ["email"]}]}, FIRST + "field"),
        ({"conditions": [{"field": "email", "operator": "like"}]}, FIRST + "operator"),
        ({"conditions": [{"field": "email", "operator": {}}]}, FIRST + "operator"),
        ({"conditions": [{"field": "email", "operator": "known", "value": 1}]}, FIRST + "value"),
        ({"conditions": [{"field": "email", "operator": "known", "x": 1}]}, "rule.conditions.0"),
        ({"conditions": [{"field": "email", "operator": "contains"}]}, FIRST + "value"),
        ({"conditions": [{"field": "tags", "operator": "has", "value": ["a"]}]}, FIRST + "value"),
        ({"conditions": [{"field": "tags", "operator": "has_any", "value": []}]}, FIRST + "value"),
        ({"conditions": [{"field": "age", "operator": "from", "value": "7"}]}, FIRST + "value"),
        ({"conditions": [{"field": "age", "operator": "from", "value": 10**9}]}, FIRST + "value"),
        ({"conditions": [{"field": "age", "operator": "to", "value": True}]}, FIRST + "value"),
        ({"conditions": [{"field": "added", "operator": "after", "value": "9999-12-31"}]}, FIRST + "value"),
        ({"conditions": [{"field": "added", "operator": "after", "value": "2020-02-30"}]}, FIRST + "value"),
        ({"conditions": [{"field": "phone", "operator": "contains", "value": "abc"}]}, FIRST + "value"),
        ({"conditions": [{"field": "search", "operator": "matches", "value": "a\x00"}]}, FIRST + "value"),
        ({"conditions": [{"field": OWN + "none", "operator": "is", "value": "x"}]}, FIRST + "field"),
        ({"conditions": [{"field": OWN + "size", "operator": "is", "value": "xl"}]}, FIRST + "value"),
        ({"conditions": [{"field": OWN + "size", "operator": "from", "value": "s"}]}, FIRST + "operator"),
        ({"conditions": [{"field": "email", "operator": "known"}] * 31}, "rule.conditions"),
    ],
)
def test_what_is_wrong_with_a_rule_is_said_by_its_path(inside, rule, path):
    define()
    with pytest.raises(ValidationError) as refused:
        clean_rule(rule, own_fields=active_fields())
    assert list(refused.value.message_dict) == [path]
