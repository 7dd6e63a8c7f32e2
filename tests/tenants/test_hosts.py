"""From a host name to its church, and how soon a running web process obeys a change made elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from django.test import Client

from accounts.domain import change_user
from accounts.models import User
from tenants.context import enter_church
from tenants.domain import add_domain, remove_domain, resume_church, suspend_church
from tenants.hosts import normalized_host
from tenants.models import Church
from tests import world
from tests.services import Server


def church(subdomain: str) -> Church:
    return Church.objects.get(subdomain=subdomain)


def status(host: str, path: str = "/api/members") -> int:
    return Client(HTTP_HOST=host).get(path).status_code


@pytest.mark.parametrize(
    ("host", "normalized"),
    [
        ("Grace.Localhost", "grace.localhost"),
        ("grace.localhost.", "grace.localhost"),
        ("GRACE.localhost.:8000", "grace.localhost"),
        ("grace.localhost:8000", "grace.localhost"),
        ("127.0.0.1:80", "127.0.0.1"),
        ("[::1]:8000", "[::1]"),
        ("", ""),
    ],
)
def test_case_port_and_trailing_dot_do_not_matter(host, normalized):
    assert normalized_host(host) == normalized


@pytest.mark.parametrize(
    "host",
    ["grace.localhost", "GRACE.LocalHost", "grace.localhost.", "grace.localhost:8000", "grace.localhost.:1"],
)
def test_a_church_answers_on_its_host_however_it_is_written(grace, host):
    # The API is there and asks who is calling.
    assert status(host) == 401


@pytest.mark.parametrize(
    "host",
    [
        "unknown.localhost",
        "grace.example",
        "a.grace.localhost",
        "gracelocalhost",
        "127.0.0.1",
        "[::1]",
        "localhost.grace",
    ],
)
def test_any_other_host_is_unknown(grace, host):
    assert status(host) == 404
    assert status(host, "/healthz") == 404


@pytest.mark.parametrize(
    "host", ["gr ace.localhost", "grace.localhost/x", "grace_.localhost@x", "grace..localhost"]
)
def test_a_host_that_is_none_is_refused(grace, host):
    assert status(host) in {400, 404}


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "localhost.", "localhost:8000"])
def test_the_platform_answers_on_its_own_host(db, host):
    assert status(host, "/healthz") == 200
    assert status(host, "/api/members") == 404


def test_a_suspended_church_says_so(own_database):
    grace = church("grace")
    suspend_church(church=grace)
    answer = Client(HTTP_HOST="grace.localhost").get("/admin/")
    assert answer.status_code == 403
    assert "suspended" in answer.content.decode()
    resume_church(church=grace)
    assert status("grace.localhost") == 401


def test_the_look_up_is_remembered_for_a_moment_only(grace, django_assert_num_queries):
    from tenants.hosts import SECONDS_KEPT, church_of_host

    church_of_host("grace.localhost")
    church_of_host("unknown.localhost")
    with django_assert_num_queries(0):
        assert church_of_host("grace.localhost") == grace
        assert church_of_host("unknown.localhost") is None
    time.sleep(SECONDS_KEPT + 0.05)
    with django_assert_num_queries(2):
        church_of_host("grace.localhost")


WATCHED_SECONDS = 1.5


def last_old_answer(answer: Callable[[str], int], host: str, expected: int) -> float:
    """When, in seconds from now, the last request was sent that was answered as before the change."""
    started, last = time.monotonic(), 0.0
    while (sent := time.monotonic() - started) < WATCHED_SECONDS:
        if answer(host) != expected:
            last = sent
    return last


@pytest.mark.slow
@pytest.mark.parametrize("with_redis", [False, True], ids=["alone", "redis"])
def test_a_running_web_process_obeys_within_a_second(own_database, web, request, with_redis):
    """Each change is made by another process than the one that serves (here: the test's)."""
    environment = {"RATE_LIMIT_SCALE": "1000"}
    if with_redis:
        environment["REDIS_URL"] = request.getfixturevalue("redis_url")
    server: Server = web(own_database, environment=environment, processes_wanted=2 if with_redis else 1)

    def answer(host: str, **options: object) -> int:
        return server.get("/api/auth/me", host=host, **options).status_code

    def warm(host: str) -> None:
        # Every process and thread has been asked.
        for _ in range(30):
            answer(host)

    login = server.post(
        "/api/auth/login",
        host="grace.localhost",
        json={"email": world.email_of("bob"), "password": world.PASSWORD},
    ).json()
    token = {"headers": {"Authorization": f"Bearer {login['access']}"}}
    assert answer("grace.localhost", **token) == 200

    warm("www.hope-chapel.example")
    assert answer("www.hope-chapel.example") == 404
    domain = add_domain(church=church("hope"), host="www.hope-chapel.example")
    assert last_old_answer(answer, "www.hope-chapel.example", 401) < 1
    remove_domain(domain=domain)
    assert last_old_answer(answer, "www.hope-chapel.example", 404) < 1

    warm("hope.localhost")
    suspend_church(church=church("hope"))
    assert last_old_answer(answer, "hope.localhost", 403) < 1
    resume_church(church=church("hope"))
    assert last_old_answer(answer, "hope.localhost", 401) < 1

    with enter_church(church("grace")):
        bob = User.objects.get(email=world.email_of("bob"))
        change_user(user=bob, is_active=False)
    assert answer("grace.localhost", **token) == 401
