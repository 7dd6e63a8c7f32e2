"""Visits, what was written about them, and when each pastor visits."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import BigIntegerRangeField, RangeOperators
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.fields import EncryptedTextField
from core.models import BaseModel
from members.models import Member

from .querysets import VisitQuerySet


class PastorCalendar(models.Model):
    """When somebody visits. Changed only through the doors in ``visits.calendars``.

    ``number`` tells pastors apart in ``Visit.occupied``. ``hours`` maps the day of the week (``"1"`` is
    Monday, ISO 8601) to spans of local wall time, ``[["09:00", "12:00"], …]``; empty means that nothing
    was said, and every time will do. ``free_days`` are ``[first, last]``, both included, as
    ``YYYY-MM-DD``. An empty ``timezone`` is the church's. Of the feed's secret there is a digest only.
    """

    number = models.BigAutoField(primary_key=True)
    user = models.OneToOneField(User, models.CASCADE, related_name="visiting_calendar")
    timezone = models.CharField(_("time zone"), max_length=63, blank=True)
    hours = models.JSONField(_("hours"), default=dict, blank=True)
    free_days = models.JSONField(_("free days"), default=list, blank=True)
    buffer_minutes = models.PositiveSmallIntegerField(_("minutes between visits"), default=0)
    shows_initials = models.BooleanField(_("initials in the calendar on other devices"), default=False)
    feed_digest = models.CharField(max_length=64, blank=True)

    class Meta:
        db_table = "pastor_calendars"
        verbose_name = _("visiting hours")
        verbose_name_plural = _("visiting hours")
        constraints = [
            models.UniqueConstraint(
                fields=["feed_digest"], name="pastor_calendars_feed", condition=~models.Q(feed_digest="")
            )
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)


class Visit(BaseModel):
    """A visit, of a member or of somebody who is named. Changed only through ``visits.domain``.

    A visit that is moved stays with the status ``rescheduled``, and a new one points back at it with
    ``rescheduled_from``; both have one ``calendar_uid``, under which calendars know the visit, and
    ``sequence`` counts what they must be told of (RFC 5545, 3.8.7.4).

    ``occupied`` is what nobody else may have of the pastor: seconds from the start to the end and the
    minutes between visits, behind the pastor's number (``visits.occupying``). The database refuses two
    that overlap.

    ``timezone`` is where whoever is visited lives, for mail to them; empty means the church's.
    ``origin_kind`` and ``origin_id`` say what it came from: ``"prayer_request"``, ``"visit"``.
    """

    class Status(models.TextChoices):
        SCHEDULED = "scheduled", _("Planned")
        COMPLETED = "completed", _("Done")
        CANCELLED = "cancelled", _("Cancelled")
        RESCHEDULED = "rescheduled", _("Moved")

    class Outcome(models.TextChoices):
        MET = "met", _("We met")
        NOT_MET = "not_met", _("Nobody was there")
        BY_PHONE = "by_phone", _("We spoke by phone")

    member = models.ForeignKey(
        Member,
        models.CASCADE,
        null=True,
        blank=True,
        db_index=False,
        related_name="visits",
        verbose_name=_("person"),
    )
    visitor_name = models.CharField(_("name"), max_length=255, blank=True)
    visitor_email = models.EmailField(_("email"), max_length=255, blank=True)
    visitor_phone = models.CharField(_("phone"), max_length=40, blank=True)
    visit_type = models.CharField(_("kind of visit"), max_length=50)
    scheduled_datetime = models.DateTimeField(_("when"))
    duration_minutes = models.PositiveSmallIntegerField(_("minutes"), default=60)
    location = models.CharField(_("place"), max_length=255, blank=True)
    status = models.CharField(_("status"), max_length=20, choices=Status, default=Status.SCHEDULED)
    outcome = models.CharField(_("outcome"), max_length=20, choices=Outcome, blank=True)
    notes = models.TextField(_("notes"), blank=True)
    assigned_pastor: Any = models.ForeignKey(
        User,
        models.SET_NULL,
        null=True,
        blank=True,
        db_column="assigned_pastor",
        db_index=False,
        related_name="visits",
        verbose_name=_("who visits"),
    )
    created_by: Any = models.ForeignKey(
        User,
        models.SET_NULL,
        null=True,
        db_column="created_by",
        db_index=False,
        related_name="+",
        verbose_name=_("planned by"),
    )
    follow_up_on = models.DateField(_("follow up on"), null=True, blank=True)
    timezone = models.CharField(_("time zone"), max_length=63, blank=True)
    rescheduled_from = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="rescheduled_to",
        verbose_name=_("moved from"),
    )
    origin_kind = models.CharField(max_length=40, blank=True)
    origin_id = models.UUIDField(null=True, blank=True)
    calendar_uid = models.UUIDField(default=uuid.uuid4, editable=False)
    sequence = models.PositiveIntegerField(default=0, editable=False)
    occupied = BigIntegerRangeField(null=True, editable=False)
    # When the next mail to whoever is visited, and the next word to the pastor, is due.
    remind_at = models.DateTimeField(null=True, editable=False)
    remind_pastor_at = models.DateTimeField(null=True, editable=False)

    objects = VisitQuerySet.as_manager()

    class Meta:
        db_table = "visits"
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        ordering = ["-scheduled_datetime", "id"]
        indexes = [
            models.Index(fields=["scheduled_datetime", "id"], name="idx_visits_scheduled"),
            models.Index(fields=["member", "-scheduled_datetime"], name="visits_member"),
            models.Index(fields=["assigned_pastor", "scheduled_datetime"], name="visits_pastor"),
            models.Index(fields=["origin_id"], name="visits_origin", condition=~models.Q(origin_id=None)),
            models.Index(
                fields=["follow_up_on"], name="visits_follow_up", condition=~models.Q(follow_up_on=None)
            ),
            models.Index(fields=["remind_at"], name="visits_remind", condition=~models.Q(remind_at=None)),
            models.Index(
                fields=["remind_pastor_at"],
                name="visits_remind_pastor",
                condition=~models.Q(remind_pastor_at=None),
            ),
        ]
        constraints = [
            # One column of a type whose operators PostgreSQL has built in: no extension is needed.
            ExclusionConstraint(
                name="visits_pastor_never_twice",
                expressions=[("occupied", RangeOperators.OVERLAPS)],
            ),
            # What is planned for a pastor must say which time it takes.
            models.CheckConstraint(
                name="visits_occupy",
                condition=~models.Q(status="scheduled")
                | models.Q(assigned_pastor=None)
                | models.Q(occupied__isnull=False),
            ),
            models.CheckConstraint(
                name="visits_somebody", condition=~models.Q(member=None) | ~models.Q(visitor_name="")
            ),
        ]

    def __str__(self) -> str:
        # Nobody's name: this stands in lists, logs and the history.
        return str(capfirst(self._meta.verbose_name))

    @property
    def who(self) -> str:
        """The name of whoever is visited."""
        return str(self.member) if self.member_id else self.visitor_name

    @property
    def email(self) -> str:
        """Where whoever is visited is written to; empty for nowhere."""
        return (self.member.email if self.member else "") or self.visitor_email


class VisitReport(BaseModel):
    """What was written in confidence about a visit. Written and read only by ``visits.reports``, which
    logs each reading.
    """

    visit = models.OneToOneField(Visit, models.CASCADE, related_name="report", verbose_name=_("visit"))
    body = EncryptedTextField(_("care report"))
    author: Any = models.ForeignKey(
        User, models.SET_NULL, null=True, db_index=False, related_name="+", verbose_name=_("by")
    )

    class Meta:
        db_table = "visit_reports"
        verbose_name = _("care report")
        verbose_name_plural = _("care reports")

    def __str__(self) -> str:
        # Nothing of the text: this stands in logs and the history.
        return str(self._meta.verbose_name)
