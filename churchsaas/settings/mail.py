"""How mail goes out: over SMTP, through a provider, or into files."""

from collections.abc import Callable
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

from .base import BASE_DOMAIN, VAR_DIR
from .environment import read

DEFAULT_FROM_EMAIL = read("EMAIL_FROM") or f"no-reply@{BASE_DOMAIN}"
# Of connecting and of each answer.
EMAIL_TIMEOUT = 10
# Of the answer to the content. RFC 5321, 4.5.3.2.6 allows ten minutes; who gives up while the server still
# thinks does not know whether it took the message.
EMAIL_CONTENT_TIMEOUT = 60
ANYMAIL: dict[str, Any] = {
    # To connect, and to get an answer. What may be slow is not repeated by itself, so it may be long.
    "REQUESTS_TIMEOUT": (EMAIL_TIMEOUT, EMAIL_CONTENT_TIMEOUT),
    # Where a provider cannot do something small (a second tag), the mail goes out all the same.
    "IGNORE_UNSUPPORTED_FEATURES": True,
}


def _amazon(address: SplitResult) -> dict[str, Any]:
    parameters: dict[str, Any] = {
        "config": {
            "connect_timeout": EMAIL_TIMEOUT,
            "read_timeout": EMAIL_CONTENT_TIMEOUT,
            # Amazon's library repeats what got no answer, which may have been sent.
            "retries": {"total_max_attempts": 1},
        }
    }
    if address.hostname:
        parameters["region_name"] = address.hostname
    return {"AMAZON_SES_CLIENT_PARAMS": parameters}


def _mailgun(address: SplitResult) -> dict[str, Any]:
    if not address.username or not address.hostname:
        raise ImproperlyConfigured("EMAIL_URL: mailgun://KEY@DOMAIN needs the key and the domain.")
    settings = {"MAILGUN_API_KEY": unquote(address.username), "MAILGUN_SENDER_DOMAIN": address.hostname}
    if address.query == "region=eu":
        settings["MAILGUN_API_URL"] = "https://api.eu.mailgun.net/v3"
    return settings


def _token(setting: str) -> Callable[[SplitResult], dict[str, Any]]:
    def taken(address: SplitResult) -> dict[str, Any]:
        # As it was written: host names are in lower case, tokens are not.
        token = unquote(address.netloc.rstrip("@"))
        if not token:
            raise ImproperlyConfigured(f"EMAIL_URL: {address.scheme}:// needs a token behind it.")
        return {setting: token}

    return taken


PROVIDERS: dict[str, tuple[str, Callable[[SplitResult], dict[str, Any]]]] = {
    "ses": ("anymail.backends.amazon_ses.EmailBackend", _amazon),
    "mailgun": ("anymail.backends.mailgun.EmailBackend", _mailgun),
    "postmark": ("anymail.backends.postmark.EmailBackend", _token("POSTMARK_SERVER_TOKEN")),
    "sendgrid": ("anymail.backends.sendgrid.EmailBackend", _token("SENDGRID_API_KEY")),
}
SMTP = ("smtp", "smtps", "smtp+tls", "smtp+ssl")


def _address(url: str) -> SplitResult:
    try:
        address = urlsplit(url)
        if address.scheme in SMTP:
            # Taken apart when it is asked for.
            _ = address.port
    except ValueError:
        # Without the text of what went wrong, which may be part of a password.
        raise ImproperlyConfigured("EMAIL_URL is no address.") from None
    return address


# Which of them sends: a key of PROVIDERS, "smtp" or "files".
EMAIL_PROVIDER = "files"
if read("EMAIL_URL"):
    _url = _address(read("EMAIL_URL"))
    if _url.scheme in PROVIDERS:
        EMAIL_PROVIDER = _url.scheme
        EMAIL_BACKEND, _settings = PROVIDERS[_url.scheme]
        ANYMAIL |= _settings(_url)
    elif _url.scheme in SMTP:
        if not _url.hostname:
            raise ImproperlyConfigured(f"EMAIL_URL: {_url.scheme}:// needs a host behind it.")
        EMAIL_PROVIDER = "smtp"
        _mail = environ.Env.email_url_config(read("EMAIL_URL"))
        EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
        EMAIL_HOST = _mail["EMAIL_HOST"]
        EMAIL_PORT = _mail["EMAIL_PORT"] or {"smtp+ssl": 465, "smtp": 25}.get(_url.scheme, 587)
        EMAIL_HOST_USER = _mail["EMAIL_HOST_USER"] or ""
        EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_PASSWORD"] or ""
        EMAIL_USE_TLS = _mail.get("EMAIL_USE_TLS", False)
        EMAIL_USE_SSL = _mail.get("EMAIL_USE_SSL", False)
    else:
        _known = ", ".join(f"{scheme}://" for scheme in (*SMTP, *PROVIDERS))
        raise ImproperlyConfigured(f"EMAIL_URL begins with none of {_known}.")
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = VAR_DIR / "mail"
