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
            "CONFIG": {"hosts": [REDIS_URL], "prefix": "churchsaas"},
        }
    }
else:
    CHANNEL_LAYERS = {"default": {"BACKEND": "tenants.channel_layer.PostgresChannelLayer"}}
