"""Cache keys carry the church, on the event loop as in threads."""

from __future__ import annotations

import pytest
from django.core.cache import cache, caches

from tenants.context import enter_church, outside_churches
from tests.tenants.test_sockets import APPLICATION, ask, open_socket, realtime

__all__ = ["open_socket", "realtime"]


def test_each_church_and_the_platform_have_keys_of_their_own(grace, hope):
    cache.set("key", "platform")
    for home in (grace, hope):
        with enter_church(home):
            assert cache.get("key") is None
            cache.set("key", home.subdomain)
            with outside_churches():
                assert cache.get("key") == "platform"
    with enter_church(grace):
        assert cache.get("key") == "grace"
        cache.delete("key")
    with enter_church(hope):
        assert cache.get("key") == "hope"
    assert cache.get("key") == "platform"


def test_counters_do_not_depend_on_the_church(grace, hope):
    with enter_church(grace):
        caches["counters"].set("key", 1)
    with enter_church(hope):
        assert caches["counters"].incr("key") == 2


@pytest.mark.slow
@pytest.mark.parametrize("with_redis", [False, True])
def test_an_async_view_does_not_read_the_value_of_another_church(own_database, web, request, with_redis):
    environment = {"REDIS_URL": request.getfixturevalue("redis_url")} if with_redis else {}
    server = web(own_database, interface="asgi", application=APPLICATION, environment=environment)
    for found in (False, True):
        for home in ("grace", "hope"):
            answer = server.get("/remember", host=f"{home}.localhost").json()
            assert answer == {"found": home if found else None, "entered": True}


@pytest.mark.slow
def test_sockets_do_not_share_keys_either(open_socket):
    for found in (False, True):
        for home in ("grace", "hope"):
            answer = ask(open_socket(f"{home}.localhost"), "remember")
            assert answer == {"church": home, "found": home if found else None}
