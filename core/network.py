"""The address a request really comes from."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The client's address as text, behind the stated number of trusted proxies.

    Each proxy appends the address it saw to ``X-Forwarded-For``. With ``TRUSTED_PROXIES`` = n
    the n-th entry from the right was written by our own outermost proxy; whatever stands left of
    it was sent by the client and proves nothing. With 0 the header is not read at all. When the
    header is shorter than promised or no address, the address of the connection counts.
    """
    connection_address: str = request.META.get("REMOTE_ADDR") or "127.0.0.1"
    hops: int = settings.TRUSTED_PROXIES
    if not hops:
        return connection_address
    forwarded = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    if len(forwarded) < hops:
        return connection_address
    try:
        return str(ipaddress.ip_address(forwarded[-hops]))
    except ValueError:
        return connection_address


def address_bucket(address: str) -> str:
    """The text that limits are keyed by: one IPv6 subscriber has a whole /64."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 6:
        mapped = parsed.ipv4_mapped
        if mapped is not None:
            return str(mapped)
        return str(ipaddress.ip_network(f"{address}/64", strict=False).network_address)
    return address
