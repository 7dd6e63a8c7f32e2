"""Guessing passwords with everything at once, against real servers: the limits are exact."""

from __future__ import annotations

from collections import Counter
from typing import Any

import httpx
import pytest

from tenants.domain import add_domain
from tenants.models import Church
from tests import world
from tests.at_once import send_at_once

OWN_HOST = "www.grace-church.example"
HOSTS = [
    "grace.localhost",
    "GRACE.localhost",
    "grace.localhost.",
    "Grace.LocalHost.:80",
    "grace.localhost:4711",
    OWN_HOST,
    "WWW.Grace-Church.Example.",
]
SPELLINGS = ["anna@grace.example", "ANNA@GRACE.EXAMPLE", " Anna@grace.example ", "anna@Grace.Example"]

pytestmark = pytest.mark.slow


def spoofed(number: int) -> dict[str, str]:
    """What somebody sends who wants to be taken for another address each time."""
    address = f"198.51.{number // 250}.{number % 250 + 1}"
    return {
        "Host": HOSTS[number % len(HOSTS)],
        "X-Forwarded-For": f"{address}, 10.0.0.{number % 250}",
        "X-Real-IP": address,
        "Forwarded": f"for={address}",
        "X-Client-IP": address,
        "CF-Connecting-IP": address,
        "X-Forwarded-Host": f"other{number}.localhost",
    }


async def guess(url: str, requests: list[tuple[dict[str, str], dict[str, Any]]]) -> list[httpx.Response]:
    """The answers to login requests, all sent at once."""
    return await send_at_once(
        url,
        [
            {"method": "POST", "url": "/api/auth/login", "headers": headers, "json": body}
            for headers, body in requests
        ],
    )


def statuses(answers: list[httpx.Response]) -> dict[int, int]:
    for answer in answers:
        if answer.status_code == 429:
            assert 1 <= int(answer.headers["Retry-After"]) <= 900
            assert answer.headers["Content-Type"] == "application/problem+json"
    return dict(Counter(answer.status_code for answer in answers))


@pytest.fixture(params=["one process", "two processes with Redis"])
def server(request, own_database, web):
    """A web server of production, in both arrangements, with a second host for Grace."""
    add_domain(church=Church.objects.get(subdomain="grace"), host=OWN_HOST)

    def start(**environment):
        if request.param == "one process":
            return web(own_database, environment=environment)
        redis_url = request.getfixturevalue("redis_url")
        settings = {"REDIS_URL": redis_url, "WEB_PROCESSES": "2", **environment}
        return web(own_database, environment=settings, processes_wanted=2)

    return start


async def test_of_500_wrong_passwords_for_one_account_five_are_tried(server):
    running = server()
    answers = await guess(
        running.url,
        [
            (spoofed(number), {"email": SPELLINGS[number % len(SPELLINGS)], "password": f"guess {number}"})
            for number in range(500)
        ],
    )
    assert statuses(answers) == {401: 5, 429: 495}
    # Not even the right one is looked at now, but other people are not locked out.
    right = {"email": "anna@grace.example", "password": world.PASSWORD}
    other = {"email": "alice@grace.example", "password": world.PASSWORD}
    later = await guess(running.url, [(spoofed(1), right), (spoofed(2), other)])
    assert [answer.status_code for answer in later] == [429, 200]


async def test_behind_a_proxy_the_account_and_the_address_have_exact_limits_too(server):
    running = server(TRUSTED_PROXIES="1", DJANGO_SETTINGS_MODULE="tests.server_settings")
    host = {"Host": "grace.localhost"}
    # What stands left of the proxy's own entry is the client's invention.
    one_account = [
        (
            {**host, "X-Forwarded-For": f"203.0.113.{number}, 192.0.2.{number % 100}"},
            {"email": "anna@grace.example", "password": f"guess {number}"},
        )
        for number in range(150)
    ]
    assert statuses(await guess(running.url, one_account)) == {401: 20, 429: 130}
    one_address = [
        (
            {**host, "X-Forwarded-For": f"203.0.113.{number}, 192.0.2.200"},
            {"email": f"somebody{number}@grace.example", "password": "guess"},
        )
        for number in range(150)
    ]
    assert statuses(await guess(running.url, one_address)) == {401: 100, 429: 50}
