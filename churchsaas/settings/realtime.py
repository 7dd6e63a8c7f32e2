"""The channel layer: Redis where there is one, otherwise PostgreSQL.

Either reaches sockets from every process, the worker's too.
"""

from typing import Any

from .cache import REDIS_URL
from .database import DATABASES

CHANNEL_LAYERS: dict[str, dict[str, Any]]
if REDIS_URL:
    CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.core.RedisChannelLayer",
            "CONFIG": {"hosts": [REDIS_URL], "prefix": "churchsaas"},
        }
    }
else:
    _connection = {
        **DATABASES["default"],
        "ENGINE": "django.db.backends.postgresql",
        # Django's own defaults, which a channel layer's private connection does not get.
        "TIME_ZONE": None,
        "OPTIONS": {
            name: value for name, value in DATABASES["default"]["OPTIONS"].items() if name != "pool"
        },
    }
    CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_postgres.core.PostgresChannelLayer",
            "CONFIG": {**_connection, "PSYCOPG_OPTIONS": {"min_size": 1, "max_size": 4}},
        }
    }
