"""Counting, giving back and forgetting, exactly."""

from __future__ import annotations

import pytest
from django.core.cache import caches

from core.rate_limits import Limit, TooManyRequestsError, count, forget, give_back
from tests.parallel import at_once

FIVE = Limit("test", 5, 900)


def passes(limit: Limit, value: str) -> bool:
    try:
        count(limit, value)
    except TooManyRequestsError:
        return False
    return True


def test_a_refusal_says_when_to_come_again():
    for _ in range(5):
        count(FIVE, "a")
    with pytest.raises(TooManyRequestsError) as refusal:
        count(FIVE, "a")
    assert 1 <= refusal.value.retry_after <= FIVE.seconds


def test_as_many_pass_as_allowed():
    assert [passes(FIVE, "a") for _ in range(7)] == [True] * 5 + [False] * 2


def test_values_and_limits_are_counted_apart():
    for _ in range(5):
        count(FIVE, "a")
    assert passes(FIVE, "b")
    assert passes(Limit("other", 5, 900), "a")


def test_what_is_forgotten_starts_anew():
    for _ in range(5):
        count(FIVE, "a")
    forget(FIVE, "a")
    assert [passes(FIVE, "a") for _ in range(6)] == [True] * 5 + [False]


def test_what_is_given_back_can_be_used_again():
    for _ in range(5):
        count(FIVE, "a")
    give_back(FIVE, "a")
    assert [passes(FIVE, "a") for _ in range(2)] == [True, False]
    give_back(FIVE, "never counted")


def test_the_scale_multiplies(settings):
    settings.RATE_LIMIT_SCALE = 3
    assert [passes(FIVE, "a") for _ in range(16)] == [True] * 15 + [False]


def test_a_value_may_be_any_text():
    for value in ("", "é" * 5000, "a b\nc", "\x00"):
        assert passes(FIVE, value)


def test_of_many_at_once_just_the_allowed_number_passes():
    assert sum(at_once(*[lambda: passes(FIVE, "a")] * 60)) == 5


@pytest.fixture
def on_redis(settings, redis_url):
    settings.CACHES = {
        **settings.CACHES,
        "counters": {"BACKEND": "core.redis_cache.RedisCache", "LOCATION": redis_url},
    }
    yield
    caches["counters"].close()


def test_the_same_holds_on_redis(on_redis):
    assert sum(at_once(*[lambda: passes(FIVE, "a")] * 60)) == 5
    give_back(FIVE, "a")
    # The refused ones were counted as well: one given back is not enough.
    assert not passes(FIVE, "a")
    forget(FIVE, "a")
    assert passes(FIVE, "a")
    give_back(FIVE, "never counted")


def test_a_counter_on_redis_always_has_an_end(on_redis):
    counters = caches["counters"]
    with pytest.raises(ValueError, match="not found"):
        counters.incr("absent")
    assert "absent" not in counters
    counters.add("present", 1, timeout=60)
    assert counters.incr("present") == 2
    counters.decr("present", 2)
    assert counters.incr("present") == 1
    assert 0 < counters._cache.get_client(None).ttl(counters.make_key("present")) <= 60
