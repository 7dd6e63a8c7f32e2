"""Reads of churches that more than one place uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from .models import Church  # noqa: F401 - the base class names it in text


class ChurchQuerySet(models.QuerySet["Church"]):
    def active(self) -> ChurchQuerySet:
        return self.filter(status="active")

    def due_for_migration(self, state: str) -> ChurchQuerySet:
        """Churches whose schema is not at ``state``."""
        return self.exclude(migrated_to=state)
