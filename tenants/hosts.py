"""From a host name to its church.

Found churches are kept in the process for half a second: a change made by another process (a
church suspended from the command line, a domain added) is obeyed within that time, with and
without Redis, while a busy church costs two look-ups a second. In the process that made a change it
is forgotten at once.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict

from django.conf import settings
from django_tenants.utils import schema_context

from .models import Church, Domain

SECONDS_KEPT = 0.5
HOSTS_KEPT = 10_000


def normalized_host(host: str) -> str:
    """``host`` without port and trailing dot, in lower case."""
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0].rstrip(".").lower()


def is_platform(host: str) -> bool:
    return host == str(settings.BASE_DOMAIN)


class _Kept:
    """The last hosts that were asked for, each with its church (or None) and the time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._churches: OrderedDict[str, tuple[float, Church | None]] = OrderedDict()

    def get(self, host: str) -> tuple[bool, Church | None]:
        entry = self._churches.get(host)
        if entry is None or time.monotonic() - entry[0] > SECONDS_KEPT:
            return False, None
        return True, entry[1]

    def put(self, host: str, church: Church | None) -> None:
        with self._lock:
            self._churches[host] = (time.monotonic(), church)
            self._churches.move_to_end(host)
            while len(self._churches) > HOSTS_KEPT:
                self._churches.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._churches.clear()


_kept = _Kept()


def church_of_host(host: str) -> Church | None:
    """The church of a normalised host, or None. One query at most."""
    known, church = _kept.get(host)
    if known:
        return church
    with schema_context("public"):
        domain = Domain.objects.select_related("tenant").filter(domain=host).first()
    church = domain.tenant if domain else None
    _kept.put(host, church)
    return church


def forget_hosts() -> None:
    """Forgets what this process remembers; the doors of ``tenants.domain`` call it on commit."""
    _kept.clear()
