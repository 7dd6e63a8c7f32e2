"""Which address a request counts for."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from core.network import address_bucket, client_address


def address(forwarded: str | None, connection: str = "10.0.0.1") -> str:
    headers = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    return client_address(RequestFactory().get("/", REMOTE_ADDR=connection, **headers))


def test_without_a_proxy_the_header_is_not_read(settings):
    settings.TRUSTED_PROXIES = 0
    assert address("203.0.113.9") == "10.0.0.1"


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "6.6.6.6, 203.0.113.9", "203.0.113.9"),
        (1, "6.6.6.6,7.7.7.7,  203.0.113.9 ", "203.0.113.9"),
        (2, "203.0.113.9, 10.1.1.1", "203.0.113.9"),
        (2, "6.6.6.6, 203.0.113.9, 10.1.1.1", "203.0.113.9"),
        (1, "6.6.6.6, 2001:db8::1", "2001:db8::1"),
        # Shorter than promised, or no address: what the connection says.
        (1, None, "10.0.0.1"),
        (1, "", "10.0.0.1"),
        (2, "203.0.113.9", "10.0.0.1"),
        (1, "6.6.6.6, unknown", "10.0.0.1"),
        (1, "203.0.113.9,", "10.0.0.1"),
        (1, "203.0.113.9:80", "10.0.0.1"),
        (1, "<script>", "10.0.0.1"),
    ],
)
def test_behind_proxies_the_entry_of_the_outermost_one_counts(settings, proxies, forwarded, expected):
    settings.TRUSTED_PROXIES = proxies
    assert address(forwarded) == expected


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", True),
        ("2001:db8:1:2::1", "2001:DB8:0001:0002::2", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("", "", True),
    ],
)
def test_an_ipv6_subscriber_is_one(one, other, same):
    assert (address_bucket(one) == address_bucket(other)) is same
