"""The platform's own mail: invitations and password resets."""

import environ

from .base import BASE_DOMAIN, VAR_DIR
from .environment import read

DEFAULT_FROM_EMAIL = read("EMAIL_FROM") or f"no-reply@{BASE_DOMAIN}"
EMAIL_TIMEOUT = 10
if read("EMAIL_URL"):
    _mail = environ.Env.email_url_config(read("EMAIL_URL"))
    EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
    EMAIL_HOST = _mail["EMAIL_HOST"]
    EMAIL_PORT = _mail["EMAIL_PORT"]
    EMAIL_HOST_USER = _mail["EMAIL_HOST_USER"] or ""
    EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_PASSWORD"] or ""
    EMAIL_USE_TLS = _mail.get("EMAIL_USE_TLS", False)
    EMAIL_USE_SSL = _mail.get("EMAIL_USE_SSL", False)
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = VAR_DIR / "mail"
