"""Base of the models, and the answers that are remembered for a repeated request."""

from __future__ import annotations

import uuid

from django.db import models

from .fields import EncryptedTextField


class BaseModel(models.Model):
    """UUID key, and when a row was made and last changed (UTC)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True


class IdempotencyKey(models.Model):
    """The answer to one POST that carried an ``Idempotency-Key``, kept for 24 hours.

    Written only by ``core.api.idempotency.answer_once``. The answer may hold personal data, so it
    is encrypted.
    """

    scope = models.CharField(max_length=200)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    body = EncryptedTextField(default="")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "idempotency_keys"
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="idempotency_key_once")]
        indexes = [models.Index(fields=["created_at"], name="idempotency_key_age")]

    def __str__(self) -> str:
        return f"{self.scope} {self.key}"
