"""Encrypted fields: text for the program, ciphertext for whoever reads the database."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import connection

from churchsaas.secrets import encryption_keys
from core.encryption import UndecipherableError, decrypt, encrypt, rotate
from core.models import IdempotencyKey
from tenants.context import enter_church

TEXT = "Prayed with José about his mother. 🙏"
# Not made at random: test processes must agree on the names of their tests.
KEY = "dGhpcyBpcyBhIGtleSBvZiB0ZXN0cywgbm8gc2VjcmU="


@pytest.fixture
def kept(grace):
    """``kept()``: the encrypted text as a model gives it; ``kept("raw")``: as the database has it."""
    with enter_church(grace):
        row = IdempotencyKey.objects.create(scope="test", key="k", fingerprint="f", body=TEXT)

    def read(how="model"):
        with enter_church(grace), connection.cursor() as cursor:
            if how == "model":
                return IdempotencyKey.objects.get(pk=row.pk).body
            cursor.execute("SELECT body FROM idempotency_keys WHERE id = %s", [row.pk])
            return cursor.fetchone()[0]

    return read


def test_the_database_holds_ciphertext(kept):
    assert kept() == TEXT
    assert kept("raw").startswith("gAAAA")
    assert "José" not in kept("raw")


def test_the_same_text_never_looks_the_same():
    assert encrypt(TEXT) != encrypt(TEXT)
    assert decrypt(encrypt("")) == ""


def test_a_new_key_in_front_reads_the_old_and_writes_anew(kept, settings):
    old, new = settings.FIELD_ENCRYPTION_KEYS, Fernet.generate_key().decode()
    settings.FIELD_ENCRYPTION_KEYS = [new, *old]
    assert kept() == TEXT
    turned = rotate(kept("raw"))
    settings.FIELD_ENCRYPTION_KEYS = [new]
    assert decrypt(turned) == TEXT
    settings.FIELD_ENCRYPTION_KEYS = old
    with pytest.raises(UndecipherableError):
        decrypt(turned)


def test_a_missing_key_is_named_as_the_reason(kept, settings):
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(UndecipherableError, match="its key is missing from FIELD_ENCRYPTION_KEYS"):
        kept()
    with pytest.raises(UndecipherableError, match="FIELD_ENCRYPTION_KEYS"):
        rotate(kept("raw"))


def test_a_ciphertext_that_was_touched_is_refused(kept):
    raw = kept("raw")
    with pytest.raises(UndecipherableError):
        decrypt(raw[:-4] + "AAA=")


@pytest.mark.parametrize(
    "lookup", ["body", "body__exact", "body__icontains", "body__startswith", "body__in", "body__gt"]
)
def test_looking_an_encrypted_field_up_is_refused(grace, lookup):
    with enter_church(grace), pytest.raises(FieldError, match="encrypted"):
        IdempotencyKey.objects.filter(**{lookup: TEXT}).exists()


def test_whether_there_is_a_text_can_be_asked(kept, grace):
    with enter_church(grace):
        assert IdempotencyKey.objects.filter(body__isnull=False).count() == 1


@pytest.mark.parametrize("value", ["short", f"{KEY},nonsense"])
def test_a_key_that_is_none_stops_the_start(value):
    with pytest.raises(ImproperlyConfigured, match=r"FIELD_ENCRYPTION_KEYS: key \d is not a Fernet key"):
        encryption_keys(value)
