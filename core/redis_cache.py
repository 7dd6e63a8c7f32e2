"""Django's Redis cache with less of it in each request.

Django makes a client object for each call and asks before it counts; every request counts itself, so
both are paid by every request.
"""

from __future__ import annotations

from typing import Any

from django.core.cache.backends import redis


class KeptClient(redis.RedisCacheClient):
    """One client object for each pool of connections (it may be shared by threads), and counting in one
    trip.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._kept: dict[int, Any] = {}

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        index = self._get_connection_pool_index(write)  # type: ignore[attr-defined]  # its types leave it out
        if index not in self._kept:
            self._kept[index] = super().get_client(key, write=write)
        return self._kept[index]

    def incr(self, key: Any, delta: int) -> int:
        client = self.get_client(key, write=True)
        count: int = client.incr(key, delta)
        # Redis starts an absent key at 0 and lets it live for ever; one that was at 0 has an end.
        if count == delta and client.ttl(key) < 0:
            client.delete(key)
            raise ValueError(f"Key '{key}' not found.")
        return count


class RedisCache(redis.RedisCache):
    """Django's backend with ``KeptClient``."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = KeptClient
