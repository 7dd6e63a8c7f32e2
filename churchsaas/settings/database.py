"""PostgreSQL: one schema a church, one connection a thread (or a pool under ASGI)."""

import os
from typing import Any

from psycopg.conninfo import conninfo_to_dict

from core.embedded_postgres import embedded_database_url
from tenants.pooling import forget_church

from .base import VAR_DIR
from .environment import read

DATABASE_URL = read("DATABASE_URL") or embedded_database_url(VAR_DIR / "postgres")

_parts = conninfo_to_dict(DATABASE_URL)
_options: dict[str, Any] = {
    name: value
    for name, value in _parts.items()
    if name not in {"dbname", "user", "password", "host", "port"}
}
# Set by the entry points: churchsaas.asgi, churchsaas.wsgi, and manage.py with all its commands.
_process = os.environ.get("CHURCHSAAS_PROCESS", "command")
# What an operator sees in pg_stat_activity.
_options.setdefault("application_name", f"churchsaas {_process}")
_pooled = _process == "asgi"
if _pooled:
    # Under ASGI each request runs in a thread of its own, so a connection kept by its thread would
    # be opened for one request. The worker must not pool: it forks, and a forked pool mixes replies.
    _options["pool"] = {
        "min_size": 1,
        "max_size": read("DATABASE_POOL_SIZE"),
        "max_lifetime": read("DATABASE_CONNECTION_LIFETIME"),
        "timeout": 10,
        "reset": forget_church,
    }

DATABASES = {
    "default": {
        "ENGINE": "tenants.postgresql",
        "NAME": _parts.get("dbname", ""),
        "USER": _parts.get("user", ""),
        "PASSWORD": _parts.get("password", ""),
        "HOST": _parts.get("host", ""),
        "PORT": _parts.get("port", ""),
        "CONN_MAX_AGE": 0 if _pooled else read("DATABASE_CONNECTION_LIFETIME"),
        "CONN_HEALTH_CHECKS": not _pooled,
        "OPTIONS": _options,
    }
}
DATABASE_ROUTERS = ["django_tenants.routers.TenantSyncRouter"]

TENANT_MODEL = "tenants.Church"
TENANT_DOMAIN_MODEL = "tenants.Domain"
TENANT_LIMIT_SET_CALLS = True
