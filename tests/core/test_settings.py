"""Settings refuse to start what would not be safe, and say what to do."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from cryptography.fernet import Fernet

from tests.services import ROOT

# Never connected to: settings only take it apart.
SOMEWHERE = "postgresql://church@127.0.0.1:1/church"
GOOD = {
    "DATABASE_URL": SOMEWHERE,
    "REDIS_URL": "",
    "WEB_PROCESSES": "1",
    "DEBUG": "off",
    "SECRET_KEY": "k" * 50,
    "FIELD_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
}


def load(tmp_path, *, show: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """What a process says that reads the settings, in an environment of its own."""
    program = f"from django.conf import settings; settings.DEBUG; print({show or repr('')})"
    return subprocess.run(
        [sys.executable, "-c", program],
        env={
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "churchsaas.settings",
            "VAR_DIR": str(tmp_path),
            **GOOD,
            **environment,
        },
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_complete_environment_is_accepted(tmp_path):
    assert load(tmp_path).returncode == 0
    assert load(tmp_path, WEB_PROCESSES="2", REDIS_URL="redis://127.0.0.1:1").returncode == 0
    two_keys = ",".join(Fernet.generate_key().decode() for _ in range(2))
    assert load(tmp_path, FIELD_ENCRYPTION_KEYS=two_keys).returncode == 0


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"WEB_PROCESSES": "2"}, "WEB_PROCESSES is more than 1 but REDIS_URL is unset"),
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set"),
        ({"SECRET_KEY": "django-insecure-" + "k" * 50}, "SECRET_KEY is a default or too short"),
        ({"SECRET_KEY": "change-me-" + "k" * 50}, "SECRET_KEY is a default or too short"),
        ({"SECRET_KEY": "k" * 31}, "SECRET_KEY is a default or too short"),
        ({"FIELD_ENCRYPTION_KEYS": ""}, "FIELD_ENCRYPTION_KEYS is not set"),
        ({"FIELD_ENCRYPTION_KEYS": "k" * 44}, "FIELD_ENCRYPTION_KEYS: key 1 is not a Fernet key"),
        (
            {"FIELD_ENCRYPTION_KEYS": f"{GOOD['FIELD_ENCRYPTION_KEYS']},short"},
            "FIELD_ENCRYPTION_KEYS: key 2 is not a Fernet key",
        ),
        ({"WEB_PROCESSES": "many"}, "WEB_PROCESSES is not a valid int"),
        ({"JOB_TIMEOUT": "4.5"}, "JOB_TIMEOUT is not a valid int"),
        ({"MAIL_WEBHOOK_SECRET": "reports:short"}, "MAIL_WEBHOOK_SECRET is a name and a password"),
        ({"SMS_PROVIDER": "twilio://nobody"}, "SMS_PROVIDER is neither “console” nor"),
        # Set by the operator although development would make one up.
        ({"DEBUG": "on", "FIELD_ENCRYPTION_KEYS": "short"}, "FIELD_ENCRYPTION_KEYS: key 1 is not"),
    ],
    # Keys are random, and test processes must agree on names.
    ids=lambda value: "" if isinstance(value, str) else "-".join(value),
)
def test_an_unsafe_environment_is_refused_in_plain_words(tmp_path, environment, words):
    done = load(tmp_path, **environment)
    assert done.returncode != 0
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("django.core.exceptions.ImproperlyConfigured: ")
    assert words in last
    # Nothing that was set is repeated where logs are read.
    for secret in (environment.get("SECRET_KEY"), environment.get("FIELD_ENCRYPTION_KEYS")):
        assert not secret or secret not in done.stderr


def test_development_makes_up_secrets_once(tmp_path):
    environment = {"DEBUG": "on", "SECRET_KEY": "", "FIELD_ENCRYPTION_KEYS": ""}
    show = "settings.SECRET_KEY, settings.FIELD_ENCRYPTION_KEYS"
    first, second = (load(tmp_path, show=show, **environment).stdout for _ in range(2))
    assert first == second
    assert len(first) > 90
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_no_secret_is_made_up_without_debug_even_when_one_was_before(tmp_path):
    load(tmp_path, DEBUG="on", SECRET_KEY="", FIELD_ENCRYPTION_KEYS="")
    assert load(tmp_path, SECRET_KEY="").returncode != 0


def test_redis_is_used_for_everything_that_processes_share(tmp_path):
    show = (
        "[cache['BACKEND'] for cache in settings.CACHES.values()],"
        " settings.CHANNEL_LAYERS['default']['BACKEND']"
    )
    with_redis = load(tmp_path, show=show, REDIS_URL="redis://127.0.0.1:1").stdout
    assert with_redis.count("Redis") == 3
    without = load(tmp_path, show=show).stdout
    assert "Redis" not in without
    assert "PostgresChannelLayer" in without


def test_the_project_hashes_passwords_with_what_djangos_argon2_costs():
    """The tests' own hasher is a cheaper one, so what the project says is read from its settings."""
    from churchsaas.settings import security

    assert security.PASSWORD_HASHERS == ["django.contrib.auth.hashers.Argon2PasswordHasher"]
