"""Exact rate limits, counted by django-ratelimit in the ``counters`` cache.

The counters are raised before the work is done and atomically, so of many parallel requests just
the allowed number passes. Keys hold no host name: a church's other host names share its counters.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.core.cache import caches
from django_ratelimit import core as ratelimit


@dataclass(frozen=True)
class Limit:
    """At most ``count`` (times RATE_LIMIT_SCALE) in ``seconds``, for each value counted."""

    name: str
    count: int
    seconds: int

    @property
    def rate(self) -> tuple[int, int]:
        return self.count * settings.RATE_LIMIT_SCALE, self.seconds


class TooManyRequestsError(Exception):
    """A limit is used up. ``retry_after`` is in seconds, at least 1."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"Too many requests; try again in {retry_after} seconds.")
        self.retry_after = retry_after


def count(limit: Limit, value: str) -> None:
    """Counts one for ``value``. Raises TooManyRequestsError when that is over the limit."""
    usage = ratelimit.get_usage(
        None, group=limit.name, key=lambda _group, _request: value, rate=limit.rate, increment=True
    )
    if usage is not None and usage["should_limit"]:
        raise TooManyRequestsError(max(1, usage["time_left"]))


def _cache_key(limit: Limit, value: str) -> str:
    # django-ratelimit has no call that takes a count back; these are the two steps that it makes
    # its key with. The version is pinned and tests/core/test_rate_limits.py watches them.
    window = ratelimit._get_window(value, limit.seconds)
    key: str = ratelimit._make_cache_key(limit.name, window, limit.rate, value, ratelimit.ALL)
    return key


def forget(limit: Limit, value: str) -> None:
    """Sets the count of ``value`` back to nothing."""
    caches[settings.RATELIMIT_USE_CACHE].delete(_cache_key(limit, value))


def give_back(limit: Limit, value: str) -> None:
    """Takes back one count of ``value``."""
    try:
        caches[settings.RATELIMIT_USE_CACHE].decr(_cache_key(limit, value))
    except ValueError:
        # The window ended in between; there is nothing to take back.
        return
