"""Base of the models, the answers that are remembered for a repeated request, and the history."""

from __future__ import annotations

import uuid
from typing import Any

from auditlog.models import AbstractLogEntry
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from . import context
from .fields import EncryptedTextField

LONGEST_NAME = 200
EMPTY: tuple[Any, ...] = (None, "", [], {})


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


class HistoryManager(models.Manager["HistoryEntry"]):
    """What django-auditlog asks of its entries' manager."""

    def entry(self, instance: models.Model, *, changes: Any, **values: Any) -> HistoryEntry | None:
        """An entry about ``instance``, not saved yet; None when nothing changed.

        None too outside of what owns a history: for the platform's own tables its admin keeps a log.
        """
        # Deferred: it imports this module.
        from . import history

        # A new row has much that is empty, before and after.
        said = {name: pair for name, pair in (changes or {}).items() if any(v not in EMPTY for v in pair)}
        if values["action"] == HistoryEntry.Action.DELETE:
            said |= history.kept_of(instance)
        if not said or not context.owner_id.get():
            return None
        return self.model(
            changes=said,
            kind=instance._meta.label_lower,
            object_pk=instance.pk,
            about=history.about_of(instance),
            object_repr=str(instance)[:LONGEST_NAME],
            actor_id=context.user_id.get() or None,
            actor_name=context.user_name.get()[:LONGEST_NAME],
            origin=context.origin.get(),
            cid=context.request_id.get(),
            **values,
        )

    def log_create(self, instance: models.Model, force_log: bool = False, **values: Any) -> Any:
        """Called by django-auditlog for each row that is saved or deleted."""
        entry = self.entry(instance, **values)
        if entry is not None:
            entry.save(force_insert=True)
        return entry


class HistoryEntry(AbstractLogEntry):
    """One change of one row. Written only by ``core.history``.

    ``changes`` is ``{"field": [before, after]}`` in JSON's types. ``about`` is the id of the row on
    whose page it is read: the person, for a change of their note. ``kind`` is the model, in place of
    django-auditlog's content type, whose numbers are the platform's and would mean something else
    where a church is moved to. ``batch`` names the import, merge or undo that made it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=60)
    object_pk = models.UUIDField()
    about = models.UUIDField(null=True)
    action = models.PositiveSmallIntegerField(choices=AbstractLogEntry.Action.choices)
    changes = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    object_repr = models.CharField(max_length=LONGEST_NAME)
    # The name stays readable when the user is deleted; no constraint, so that deleting one is quick.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    actor_name = models.CharField(max_length=LONGEST_NAME, blank=True)
    origin = models.CharField(max_length=20)
    batch = models.UUIDField(null=True)
    cid = models.CharField(max_length=64, blank=True)
    timestamp = models.DateTimeField(default=timezone.now)

    content_type = None
    object_id = None
    serialized_data = None
    changes_text = None
    remote_addr = None
    remote_port = None
    additional_data = None
    actor_email = None

    objects = HistoryManager()

    class Meta:
        db_table = "history_entries"
        verbose_name = _("history entry")
        verbose_name_plural = _("history")
        get_latest_by = "timestamp"
        ordering = ["-timestamp", "-id"]
        indexes = [
            models.Index(fields=["about", "-timestamp"], name="history_about"),
            models.Index(fields=["-timestamp"], name="history_newest"),
            models.Index(fields=["batch"], name="history_batch", condition=~models.Q(batch=None)),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()} {self.object_repr}"
