"""Who must not be written to, asked before each message."""

from __future__ import annotations

import hashlib
from collections.abc import Collection

from django.db.models import Q

from automation.models import Suppression


def normal_address(address: str) -> str:
    """An address in the form in which two of the same are equal: without case and spaces around it."""
    return address.strip().casefold()


def digest_of_address(address: str) -> str:
    """What an address is looked up by: 64 hexadecimal digits (SHA-256). Without a key, which would be
    another on another installation; addresses can be guessed, so it hides one only from the eye.
    """
    return hashlib.sha256(normal_address(address).encode()).hexdigest()


def suppressed(*, channel: str, addresses: Collection[str], topic: str) -> set[str]:
    """Those of ``addresses``, as given, that must not get a message on ``channel`` about ``topic``.

    One query for any number.
    """
    digests = {digest_of_address(address): address for address in addresses}
    found = Suppression.objects.filter(
        Q(topic=topic) | Q(topic=""), channel=channel, address_digest__in=list(digests)
    ).values_list("address_digest", flat=True)
    declined = set(found)
    return {address for address in addresses if digest_of_address(address) in declined}
