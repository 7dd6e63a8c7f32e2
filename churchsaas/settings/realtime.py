"""The channel layer: Redis where there is one, otherwise PostgreSQL.

Either reaches sockets from every process, the worker's too.
"""

from typing import Any

from .cache import REDIS_URL

CHANNEL_LAYERS: dict[str, dict[str, Any]]
if REDIS_URL:
    CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.core.RedisChannelLayer",
            "CONFIG": {
                # The layer waits five seconds at a time for a message. The client's own default of
                # five seconds is no longer than that, and would end every socket that is idle.
                "hosts": [{"address": REDIS_URL, "socket_timeout": 30}],
                "prefix": "churchsaas",
            },
        }
    }
else:
    CHANNEL_LAYERS = {"default": {"BACKEND": "tenants.channel_layer.PostgresChannelLayer"}}
