"""The channel layer: Redis where there is one, otherwise PostgreSQL.

Either reaches sockets from every process, the worker's too.
"""

from typing import Any

from .cache import REDIS_URL

# What is told to whole processes is for all their streams, and comes in bursts.
ROOM = {"processes.*": 10_000}


def channel_layers(redis_url: str) -> dict[str, dict[str, Any]]:
    """CHANNEL_LAYERS for this Redis, or without one."""
    if not redis_url:
        return {
            "default": {
                "BACKEND": "tenants.channel_layer.PostgresChannelLayer",
                "CONFIG": {"channel_capacity": ROOM},
            }
        }
    # The client's default time-out of five seconds is how long the layer itself waits for a message:
    # it would end every idle socket. Any other time-out makes the client use asyncio.wait_for, which
    # in Python 3.11 can lose a cancellation, and then a socket never closes. Keep-alive notices a
    # Redis that has gone instead.
    host = {"address": redis_url, "socket_timeout": None, "socket_keepalive": True}
    return {
        "default": {
            "BACKEND": "channels_redis.core.RedisChannelLayer",
            "CONFIG": {"hosts": [host], "prefix": "churchsaas", "channel_capacity": ROOM},
        }
    }


CHANNEL_LAYERS = channel_layers(REDIS_URL)
