"""Two caches: one whose keys carry the church, and one of counters that must not.

A limit keyed by church would give an attacker one bucket for each host name.
"""

from typing import Any

from django.core.exceptions import ImproperlyConfigured

from .environment import read

REDIS_URL = read("REDIS_URL")
RATE_LIMIT_SCALE = read("RATE_LIMIT_SCALE")
WEB_PROCESSES = read("WEB_PROCESSES")
if WEB_PROCESSES > 1 and not REDIS_URL:
    raise ImproperlyConfigured(
        "WEB_PROCESSES is more than 1 but REDIS_URL is unset: "
        "limits and caches would not be shared. Set REDIS_URL or use one process."
    )


def _cache(name: str) -> dict[str, Any]:
    if REDIS_URL:
        return {
            "BACKEND": "core.redis_cache.RedisCache",
            "LOCATION": REDIS_URL,
            "KEY_PREFIX": f"churchsaas-{name}",
        }
    return {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": name,
        # The default of 300 would let anybody push the counters out.
        "OPTIONS": {"MAX_ENTRIES": 200_000},
    }


CACHES = {
    "default": {**_cache("default"), "KEY_FUNCTION": "tenants.cache.church_key"},
    "counters": _cache("counters"),
}
RATELIMIT_USE_CACHE = "counters"
# The wrapper in core.rate_limits takes the address from core.network, behind TRUSTED_PROXIES.
RATELIMIT_IP_META_KEY = "core.network.client_address"
