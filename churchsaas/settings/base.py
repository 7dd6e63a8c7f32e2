"""Applications, middleware, language and time."""

from pathlib import Path

from .environment import BASE_DIR, read

VAR_DIR = Path(read("VAR_DIR"))
if not VAR_DIR.is_absolute():
    VAR_DIR = BASE_DIR / VAR_DIR

DEBUG = read("DEBUG")
if DEBUG is None:
    DEBUG = not read("DATABASE_URL")
HTTPS = read("HTTPS")
if HTTPS is None:
    HTTPS = not DEBUG

BASE_DOMAIN = read("BASE_DOMAIN").strip().rstrip(".").lower()
PUBLIC_SCHEME = "https" if HTTPS else "http"
PUBLIC_PORT_SUFFIX = "" if HTTPS or read("PORT") == 80 else f":{read('PORT')}"
# The router of hosts knows which hosts exist, and answers 404 for the rest.
ALLOWED_HOSTS = ["*"]

# Tables that exist once, in the public schema.
SHARED_APPS = [
    "django_tenants",
    "tenants",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.admin",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django_q",
    "channels",
    "accounts",
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
]
# Tables that every church has in a schema of its own. accounts and sessions stand in both lists:
# superusers live in the public schema, a church's people who sign in live in the church's.
TENANT_APPS = [
    "django.contrib.sessions",
    "core",
    "accounts",
    "notifications",
    "files",
    "members",
    "events",
    "prayer",
    "visits",
    "automation",
]

# unfold replaces templates of the admin, so it stands before it.
_FIRST = [
    "core",
    "tenants",
    "django_tenants",
    "accounts",
    "notifications",
    "files",
    "members",
    "events",
    "prayer",
    "visits",
    "automation",
    "unfold",
    "unfold.contrib.filters",
]
INSTALLED_APPS = (
    _FIRST
    + [app for app in dict.fromkeys([*SHARED_APPS, *TENANT_APPS]) if app not in _FIRST]
    # The last brings no tables of its own: core.models.HistoryEntry stands in their place.
    + ["whitenoise.runserver_nostatic", "django.contrib.staticfiles", "auditlog"]
)

MIDDLEWARE = [
    "core.middleware.RequestContextMiddleware",
    "core.middleware.SecurityHeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "core.middleware.NoNulMiddleware",
    "tenants.middleware.ChurchMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "accounts.sessions.middleware.SessionUserMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]

ROOT_URLCONF = "churchsaas.urls.church"
PUBLIC_SCHEMA_URLCONF = "churchsaas.urls.platform"
WSGI_APPLICATION = "churchsaas.wsgi.application"
ASGI_APPLICATION = "churchsaas.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STATICFILES_DIRS = [BASE_DIR / "static"]
# Without collectstatic, as in the demo, files are served from where they lie.
WHITENOISE_USE_FINDERS = True

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

SILENCED_SYSTEM_CHECKS = [
    # An address is unique per church, by a constraint with the church in it, which the check cannot see.
    "auth.W004",
    # django-ratelimit knows no local cache that is shared. Without REDIS_URL there is one web
    # process, and the start refuses more (cache.py), so the local cache is exact.
    "django_ratelimit.E003",
    "django_ratelimit.W001",
]
