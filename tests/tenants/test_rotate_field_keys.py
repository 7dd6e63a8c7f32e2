"""Changing the key of encrypted fields, without losing a value and without stopping."""

from __future__ import annotations

from io import StringIO

import pytest
from cryptography.fernet import Fernet, InvalidToken
from django.core.management import CommandError, call_command
from django.db import connection

from core import key_rotation
from core.models import IdempotencyKey
from tenants.context import enter_church

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def remember(church, *bodies: str) -> None:
    with enter_church(church, even_suspended=True):
        for body in bodies:
            IdempotencyKey.objects.create(scope="test", key=body[:200], fingerprint="x", body=body)


def bodies(church) -> list[str]:
    with enter_church(church, even_suspended=True):
        return sorted(IdempotencyKey.objects.values_list("body", flat=True))


def stored(church) -> list[bytes]:
    """The values as they lie in the table."""
    with enter_church(church, even_suspended=True), connection.cursor() as cursor:
        cursor.execute("SELECT body FROM idempotency_keys ORDER BY key")
        return [row[0].encode() for row in cursor.fetchall()]


def test_every_church_reads_its_values_after_the_old_key_is_gone(grace, hope, settings):
    settings.FIELD_ENCRYPTION_KEYS = [OLD]
    remember(grace, "one", "two")
    hope.status = "suspended"
    hope.save()
    remember(hope, "three")
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]
    out = StringIO()
    call_command("rotate_field_keys", stdout=out)
    assert "grace: 2" in out.getvalue()
    assert "hope: 1" in out.getvalue()
    settings.FIELD_ENCRYPTION_KEYS = [NEW]
    assert bodies(grace) == ["one", "two"]
    assert bodies(hope) == ["three"]
    with pytest.raises(InvalidToken):
        Fernet(OLD).decrypt(stored(grace)[0])


def test_a_repeat_touches_nothing(grace, settings):
    settings.FIELD_ENCRYPTION_KEYS = [OLD]
    remember(grace, "one")
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]
    call_command("rotate_field_keys", stdout=StringIO())
    before = stored(grace)
    out = StringIO()
    call_command("rotate_field_keys", stdout=out)
    assert "Values encrypted anew: 0." in out.getvalue()
    assert stored(grace) == before


def test_what_was_stopped_half_way_is_finished_by_the_next_run(grace, settings, monkeypatch):
    monkeypatch.setattr(key_rotation, "ROWS_AT_ONCE", 2)
    settings.FIELD_ENCRYPTION_KEYS = [OLD]
    texts = [f"text {number}" for number in range(5)]
    remember(grace, *texts)
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]
    with enter_church(grace):
        first = IdempotencyKey.objects.order_by("pk").first()
        first.save()
    out = StringIO()
    call_command("rotate_field_keys", stdout=out)
    assert "grace: 4" in out.getvalue()
    settings.FIELD_ENCRYPTION_KEYS = [NEW]
    assert bodies(grace) == texts


def test_a_value_of_a_lost_key_is_named_and_left_alone(grace, settings):
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    remember(grace, "lost")
    before = stored(grace)
    settings.FIELD_ENCRYPTION_KEYS = [OLD]
    remember(grace, "kept")
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]
    err = StringIO()
    with pytest.raises(CommandError, match="decrypts 1 values"):
        call_command("rotate_field_keys", stdout=StringIO(), stderr=err)
    assert "idempotency_keys.body" in err.getvalue()
    assert before[0] in stored(grace)
    with enter_church(grace):
        settings.FIELD_ENCRYPTION_KEYS = [NEW]
        assert IdempotencyKey.objects.get(key="kept").body == "kept"
