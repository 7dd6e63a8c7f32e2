"""Reads of sequences, enrolments and messages that more than one place uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from .models import AutomatedMessage, Enrolment, Sequence  # noqa: F401 - base classes name them in text


class SequenceQuerySet(models.QuerySet["Sequence"]):
    def present(self) -> SequenceQuerySet:
        """Those that were not removed."""
        return self.filter(archived_at=None)

    def running(self) -> SequenceQuerySet:
        """Those in which people are enrolled by themselves."""
        return self.present().filter(is_active=True)


class EnrolmentQuerySet(models.QuerySet["Enrolment"]):
    def under_way(self) -> EnrolmentQuerySet:
        return self.filter(status="active")


class MessageQuerySet(models.QuerySet["AutomatedMessage"]):
    def settled(self) -> MessageQuerySet:
        """Those of which nothing more comes by itself."""
        return self.filter(status__in=self.model.SETTLED)
