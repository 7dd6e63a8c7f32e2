"""The same view on plain Django: no tenants, the connection's search path fixed to one schema.

It reads the very same tables with the very same middleware (less the one that finds the church),
token check and renderer, so that the ratio is the price of serving many churches.
"""

import os

from churchsaas.settings import *

_original = DATABASES["default"]
DATABASES = {
    "default": {
        **_original,
        "ENGINE": "django.db.backends.postgresql",
        "OPTIONS": {
            **_original["OPTIONS"],
            "options": f"-c search_path={os.environ['BENCH_SCHEMA']},public",
        },
    }
}
DATABASE_ROUTERS: list[str] = []
INSTALLED_APPS = [app for app in INSTALLED_APPS if app != "django_tenants"]
MIDDLEWARE = [name for name in MIDDLEWARE if name != "tenants.middleware.ChurchMiddleware"]
REST_FRAMEWORK = {
    **REST_FRAMEWORK,
    "DEFAULT_AUTHENTICATION_CLASSES": ["bench.plain_authentication.PlainTokenAuthentication"],
}
