"""Reads of sequences, enrolments and messages that more than one place uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

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

    def to_send(self) -> MessageQuerySet:
        """Those that wait for their time."""
        return self.filter(status="pending", is_held=False)

    def free(self) -> MessageQuerySet:
        """Those that nobody has claimed, or not since the claim ran out. By the clock of the database,
        which all workers share.
        """
        return self.filter(Q(claimed_until=None) | Q(claimed_until__lte=Now()))

    def claimed(self) -> MessageQuerySet:
        """Those that are somebody's, or wait until they are tried again."""
        return self.filter(
            Q(status="processing") | Q(status="pending", is_held=False), claimed_until__isnull=False
        )

    def interrupted(self) -> MessageQuerySet:
        """Those that were being sent by somebody who has shown no sign of life since."""
        return self.filter(status="processing", claimed_until__lte=Now())

    def to_follow(self) -> MessageQuerySet:
        """Those that are settled, and after which the way through the sequence has not gone on yet."""
        return self.settled().filter(is_followed=False, enrolment__isnull=False)

    def to_decide(self) -> MessageQuerySet:
        """Those about which a person must say what becomes of them."""
        return self.filter(status__in=["unknown", "failed"], decided_at=None)
