"""Guessing codes of a second factor with everything at once, against a real server."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from accounts.models import User
from accounts.two_factor.challenges import challenge_for
from tenants.context import enter_church
from tenants.models import Church
from tests import world
from tests.accounts.second_factor import set_up
from tests.at_once import send_at_once

pytestmark = pytest.mark.slow


def guess(url: str, bodies: list[dict[str, str]]) -> Counter[int]:
    """How often each status was answered to second steps that were all sent at once."""
    requests = [
        {
            "method": "POST",
            "url": "/api/auth/two-factor",
            "json": body,
            "headers": {"Host": "grace.localhost", "X-Forwarded-For": f"198.51.100.{number % 250}"},
        }
        for number, body in enumerate(bodies)
    ]
    # The tests themselves are no coroutines, in which the ORM would not work.
    return Counter(answer.status_code for answer in asyncio.run(send_at_once(url, requests)))


def test_of_500_wrong_codes_for_one_account_five_are_tried(own_database, web):
    grace = Church.objects.get(subdomain="grace")
    with enter_church(grace):
        bob = User.objects.get(email=world.email_of("bob"))
    factor = set_up(bob, grace)
    with enter_church(grace):
        # A challenge of its own for each guess does not help.
        challenges = [challenge_for(factor.row()) for _challenge in range(10)]
    running = web(own_database)
    wrong = [
        {"challenge": challenges[number % 10], "code": f"2222-2222-{number:04}"} for number in range(500)
    ]
    assert guess(running.url, wrong) == {401: 5, 429: 495}
    # Not even the right one is looked at now.
    assert guess(running.url, [{"challenge": challenges[0], "code": factor.paper[0]}]) == {429: 1}


def test_of_many_at_once_with_one_code_one_gets_in(own_database, web):
    grace = Church.objects.get(subdomain="grace")
    with enter_church(grace):
        bob = User.objects.get(email=world.email_of("bob"))
    factor = set_up(bob, grace)
    # So many tries are allowed here that only the row's lock decides.
    running = web(own_database, environment={"RATE_LIMIT_SCALE": "100"})
    for code in (factor.code(), factor.paper[0]):
        with enter_church(grace):
            challenge = challenge_for(factor.row())
        answers = guess(running.url, [{"challenge": challenge, "code": code}] * 20)
        assert answers == {200: 1, 401: 19}
