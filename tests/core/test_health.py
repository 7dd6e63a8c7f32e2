"""The probes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tenants.models import WorkerHeartbeat

PLATFORM = "localhost"


@pytest.fixture
def worker_beats(db):
    WorkerHeartbeat.objects.create(name="worker", beat_at=timezone.now())


def test_healthz_says_that_the_process_answers(db):
    answer = Client(HTTP_HOST=PLATFORM).get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert answer["Content-Type"] == "application/json"


def test_readyz_says_that_what_it_needs_answers(worker_beats):
    answer = Client(HTTP_HOST=PLATFORM).get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "checks": {"database": "ok", "worker": "ok"}}


def test_readyz_misses_a_worker_that_is_silent(worker_beats):
    WorkerHeartbeat.objects.update(beat_at=timezone.now() - timedelta(minutes=4))
    answer = Client(HTTP_HOST=PLATFORM).get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"status": "unavailable", "checks": {"database": "ok", "worker": "failed"}}


def test_readyz_asks_redis_where_there_is_one(worker_beats, settings, redis_url):
    for url, status, result in ((redis_url, 200, "ok"), ("redis://127.0.0.1:1/0", 503, "failed")):
        settings.REDIS_URL = url
        settings.CACHES = {
            **settings.CACHES,
            "counters": {"BACKEND": "core.redis_cache.RedisCache", "LOCATION": url},
        }
        answer = Client(HTTP_HOST=PLATFORM).get("/readyz")
        assert (answer.status_code, answer.json()["checks"]["redis"]) == (status, result)
        assert "127.0.0.1" not in answer.content.decode()


def test_the_probes_stand_on_the_platforms_host_alone(db):
    for path in ("/healthz", "/readyz"):
        answer = Client(HTTP_HOST="grace.localhost").get(path)
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
