"""Every value that the environment may set, declared once.

README.md lists the same names with the same defaults; a test compares the two.
Reading a value that is not declared here is impossible, because ``read`` looks
it up in ``VARIABLES``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent.parent

environ.Env.read_env(BASE_DIR / ".env", overwrite=False)
_environment = environ.Env()


@dataclass(frozen=True)
class Variable:
    """One setting: the type it is read as, its default, and what it does."""

    kind: type
    default: Any
    shown_default: str
    meaning: str


VARIABLES: dict[str, Variable] = {
    "DATABASE_URL": Variable(str, "", "unset: embedded PostgreSQL", "PostgreSQL to use"),
    "DATABASE_POOL_SIZE": Variable(
        int, 8, "8", "connections that one ASGI process may hold; WSGI and the worker hold one a thread"
    ),
    "DATABASE_CONNECTION_LIFETIME": Variable(
        int, 600, "600", "seconds after which a connection is renewed, which caps backend memory"
    ),
    "REDIS_URL": Variable(
        str, "", "unset: PostgreSQL channel layer, local cache", "shared cache, limits and channel layer"
    ),
    "BASE_DOMAIN": Variable(str, "localhost", "localhost", "the platform's host; churches are below it"),
    "PORT": Variable(int, 8000, "8000", "the port people type, used in links while HTTPS is off"),
    "HTTPS": Variable(bool, None, "on unless DEBUG", "links and cookies are for https only"),
    "DEBUG": Variable(bool, None, "on while DATABASE_URL is unset", "development: secrets may be made up"),
    "SECRET_KEY": Variable(str, "", "made once under VAR_DIR while DEBUG is on", "signs sessions and tokens"),
    "FIELD_ENCRYPTION_KEYS": Variable(
        str,
        "",
        "made once under VAR_DIR while DEBUG is on",
        "Fernet keys, comma-separated; the first encrypts, all decrypt",
    ),
    "VAR_DIR": Variable(str, "var", "var", "database, mail and files of an installation without services"),
    "TRUSTED_PROXIES": Variable(int, 0, "0", "proxies in front, each of which adds to X-Forwarded-For"),
    "RATE_LIMIT_SCALE": Variable(int, 1, "1", "multiplies every rate limit, for load tests"),
    "WEB_PROCESSES": Variable(int, 1, "1", "HTTP processes; more than one needs REDIS_URL"),
    "WEB_THREADS": Variable(int, 4, "4", "threads (and database connections) of one HTTP process"),
    "REALTIME_PORT": Variable(int, 8001, "8001", "port of the ASGI process for sockets and streams"),
    "WORKER_PROCESSES": Variable(int, 2, "2", "background jobs worked at the same time"),
    "JOB_TIMEOUT": Variable(
        int,
        300,
        "300",
        "seconds that a background job may take; after three times as many a lost one is repeated",
    ),
    "EMAIL_URL": Variable(
        str,
        "",
        "unset: files under VAR_DIR/mail",
        "smtp://user:password@host:port (smtp+tls, smtp+ssl), ses://REGION, mailgun://KEY@DOMAIN, "
        "postmark://TOKEN or sendgrid://KEY",
    ),
    "EMAIL_FROM": Variable(str, "", "no-reply@BASE_DOMAIN", "sender of the platform's mail"),
    "MESSAGES_AT_ONCE": Variable(
        int, 50, "50", "messages that a church sends before the next church has its turn"
    ),
    "MESSAGE_LEASE": Variable(
        int, 180, "180", "seconds after which a message that was being sent is taken for interrupted"
    ),
    "MESSAGE_RETRY": Variable(
        int,
        120,
        "120",
        "seconds until a message is tried again after a temporary error, then 5 times as long",
    ),
    "MAIL_WEBHOOK_SECRET": Variable(
        str, "", "unset: reports are not taken", "name:password with which the provider of mail reports"
    ),
    "MAIL_WEBHOOK_SIGNING_KEY": Variable(
        str, "", "unset: by the name and password alone", "key of Mailgun's or SendGrid's signatures"
    ),
    "SMS_PROVIDER": Variable(
        str, "", "unset: files under VAR_DIR/sms", "twilio://ACCOUNT_SID:AUTH_TOKEN@+15551234567"
    ),
    "SMS_PRICE": Variable(
        str, "", "unset: no cost is shown", "what one part of a text message costs, like 0.0079 USD"
    ),
    "FILE_LARGEST_UPLOAD": Variable(int, 20, "20", "largest file that is taken, in megabytes"),
    "FILE_QUOTA_FREE": Variable(int, 500, "500", "megabytes of files of a church on the plan free"),
    "FILE_QUOTA_STANDARD": Variable(int, 5_000, "5000", "the same on the plan standard"),
    "FILE_QUOTA_PREMIUM": Variable(int, 50_000, "50000", "the same on the plan premium"),
    "AWS_STORAGE_BUCKET_NAME": Variable(
        str, "", "unset: files on disk, under VAR_DIR/files", "bucket (S3) that files are kept in"
    ),
    "AWS_S3_ENDPOINT_URL": Variable(str, "", "unset: Amazon", "the S3 store, as this program reaches it"),
    "AWS_S3_PUBLIC_URL": Variable(
        str, "", "AWS_S3_ENDPOINT_URL", "the S3 store, as browsers reach it, where that differs"
    ),
    "AWS_S3_REGION_NAME": Variable(str, "us-east-1", "us-east-1", "region of the bucket"),
    "AWS_ACCESS_KEY_ID": Variable(str, "", "unset: the machine's role", "name of the key to the bucket"),
    "AWS_SECRET_ACCESS_KEY": Variable(str, "", "unset: the machine's role", "the key to the bucket"),
    "SENTRY_DSN": Variable(str, "", "unset: off", "errors are reported there"),
    "LOG_LEVEL": Variable(str, "INFO", "INFO", "least severe log line that is written"),
}


def read(name: str) -> Any:
    """The value of a declared variable, of the declared type.

    Raises ImproperlyConfigured, naming the variable, when the text does not fit the type.
    """
    variable = VARIABLES[name]
    if not _environment.str(name, default=""):
        return variable.default
    try:
        return _environment.get_value(name, cast=variable.kind)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is not a valid {variable.kind.__name__}.") from error
