"""Queries that are compiled once."""

from __future__ import annotations

import uuid

import pytest
from django.core.exceptions import ImproperlyConfigured

from core.fixed_queries import FixedQuery
from members.models import Member
from tenants.context import enter_church


def test_answers_what_the_queryset_answers_in_each_church(grace, hope):
    by_name = FixedQuery(
        lambda name: Member.objects.filter(last_name=name, membership_status="active").values_list(
            "id", "email"
        ),
        name="sample",
    )
    for church in (grace, hope, grace):
        with enter_church(church):
            expected = list(Member.objects.filter(last_name="Smith").values_list("id", "email"))
            assert by_name.rows(name="Smith") == expected
            assert by_name.rows(name="Nobody") == []
    assert expected


def test_a_value_is_never_part_of_the_statement(grace):
    by_name = FixedQuery(lambda name: Member.objects.filter(last_name=name).values_list("id"), name="sample")
    with enter_church(grace):
        assert by_name.rows(name="' OR 1=1 --") == []


def test_an_argument_that_the_query_ignores_is_refused(grace):
    ignoring = FixedQuery(lambda key: Member.objects.values_list("id"), key=uuid.uuid4())
    with enter_church(grace), pytest.raises(ImproperlyConfigured, match="key"):
        ignoring.rows(key=uuid.uuid4())
