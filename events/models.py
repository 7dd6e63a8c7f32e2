"""Events, dates of a series that differ, and who comes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from core.models import BaseModel
from files.models import StoredFile
from members.models import Member

from .querysets import EventQuerySet, RegistrationQuerySet
from .recurrence import LONGEST_RULE, Series, series_of

if TYPE_CHECKING:
    from uuid import UUID


class EventStatus(models.TextChoices):
    ACTIVE = "active", _("Takes place")
    CANCELLED = "cancelled", _("Cancelled")


class Event(BaseModel):
    """An event, or a whole series of them. State changes only through the doors in ``events.domain``.

    Times are stored in UTC; ``timezone`` is the zone by whose clocks it repeats and is shown.
    ``recurrence`` is an RRULE (RFC 5545), empty for what happens once; start and end are then those of the
    first occurrence. ``max_attendees``: None is no limit, 0 nobody, so that everybody waits. ``sequence``
    rises with each change (RFC 5545, 3.8.7.4). ``last_end``: nothing of it ends later; None without an end.
    ``split_from`` is the series of which this one is the continuation. ``reminder_hours``: how long before
    those who come are reminded; None for not at all.
    """

    Status = EventStatus

    class Visibility(models.TextChoices):
        PUBLIC = "public", _("Everybody")
        MEMBERS = "members", _("Everybody who signs in")
        STAFF = "staff", _("Staff and pastors")

    SUGGESTED_TYPES = ("service", "meeting", "group", "outreach", "class", "social", "youth")

    title = models.CharField(_("title"), max_length=255)
    description = models.TextField(_("description"), blank=True)
    event_type = models.CharField(_("kind"), max_length=50, default="service")
    start_datetime = models.DateTimeField(_("start"))
    end_datetime = models.DateTimeField(_("end"))
    timezone = models.CharField(_("time zone"), max_length=64)
    location = models.CharField(_("place"), max_length=255, blank=True)
    max_attendees = models.PositiveIntegerField(
        _("places"), null=True, blank=True, help_text=_("Empty: as many as come.")
    )
    registration_required = models.BooleanField(_("people register"), default=False)
    visibility = models.CharField(
        _("who sees it"), max_length=10, choices=Visibility, default=Visibility.PUBLIC
    )
    recurrence = models.CharField(_("repeats"), max_length=LONGEST_RULE, blank=True)
    reminder_hours = models.PositiveSmallIntegerField(
        _("hours before, for the reminder"), null=True, blank=True
    )
    status = models.CharField(_("status"), max_length=20, choices=EventStatus, default=EventStatus.ACTIVE)
    flyer = models.ForeignKey(
        StoredFile,
        models.SET_NULL,
        null=True,
        blank=True,
        db_index=False,
        related_name="+",
        verbose_name=_("flyer"),
    )
    last_end = models.DateTimeField(null=True, editable=False)
    sequence = models.PositiveIntegerField(default=0, editable=False)
    split_from = models.ForeignKey(
        "self", models.SET_NULL, null=True, editable=False, db_index=False, related_name="+"
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        db_index=False,
        related_name="+",
        verbose_name=_("by"),
    )

    objects = EventQuerySet.as_manager()

    class Meta:
        db_table = "events"
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["start_datetime", "id"]
        indexes = [models.Index(fields=["start_datetime", "end_datetime"], name="events_by_time")]
        constraints = [
            models.CheckConstraint(
                condition=Q(end_datetime__gt=models.F("start_datetime")), name="events_end_after_start"
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def duration(self) -> timedelta:
        return self.end_datetime - self.start_datetime

    @property
    def series(self) -> Series:
        return series_of(start=self.start_datetime, zone=self.timezone, recurrence=self.recurrence)


class EventException(BaseModel):
    """One date of a series that differs. State changes only through the doors in ``events.domain``.

    ``recurrence_id`` is the start that the rule gives it (UTC; RFC 5545, 3.8.4.4), ``start_datetime`` and
    ``end_datetime`` when it takes place instead. ``changes`` holds what else differs, by field.
    """

    Status = EventStatus

    event = models.ForeignKey(Event, models.CASCADE, db_index=False, related_name="exceptions")
    recurrence_id = models.DateTimeField(_("original start"))
    start_datetime = models.DateTimeField(_("start"))
    end_datetime = models.DateTimeField(_("end"))
    status = models.CharField(_("status"), max_length=20, choices=EventStatus, default=EventStatus.ACTIVE)
    changes = models.JSONField(_("what differs"), default=dict)

    class Meta:
        db_table = "event_exceptions"
        verbose_name = _("date that differs")
        verbose_name_plural = _("dates that differ")
        ordering = ["recurrence_id"]
        constraints = [
            models.UniqueConstraint(fields=["event", "recurrence_id"], name="event_exceptions_once"),
            models.CheckConstraint(
                condition=Q(end_datetime__gt=models.F("start_datetime")),
                name="event_exceptions_end_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recurrence_id:%F %H:%M}"


class EventRegistration(BaseModel):
    """Somebody who comes to one occurrence, or waits for a place. State changes only through the doors in
    ``events.registrations.domain``.

    A person of the church (``member``), or a guest by ``name`` and ``email``. ``occurrence_start`` is the
    original start of the occurrence, for an event that happens once its start at the time of registering,
    kept in step when it moves. ``number`` is the order in which they came, by which the wait list moves up.
    """

    class Status(models.TextChoices):
        REGISTERED = "registered", _("Registered")
        WAITLISTED = "waitlisted", _("Waiting")
        ATTENDED = "attended", _("Was there")
        CANCELLED = "cancelled", _("Cancelled")

    event = models.ForeignKey(
        Event, models.CASCADE, db_index=False, related_name="registrations", verbose_name=_("event")
    )
    occurrence_start = models.DateTimeField(_("date"))
    member = models.ForeignKey(
        Member,
        models.CASCADE,
        null=True,
        blank=True,
        db_index=False,
        related_name="event_registrations",
        verbose_name=_("person"),
    )
    name = models.CharField(_("name"), max_length=200, blank=True)
    email = models.EmailField(_("email"), max_length=255, blank=True)
    status = models.CharField(_("status"), max_length=20, choices=Status, default=Status.REGISTERED)
    registered_at = models.DateTimeField(_("registered"))
    notes = models.TextField(_("notes"), blank=True)
    number = models.PositiveIntegerField(_("number"))
    promoted_at = models.DateTimeField(_("moved up"), null=True)
    checked_in_at = models.DateTimeField(_("checked in"), null=True)
    reminded_at = models.DateTimeField(_("reminded"), null=True)

    objects = RegistrationQuerySet.as_manager()

    class Meta:
        db_table = "event_registrations"
        verbose_name = _("registration")
        verbose_name_plural = _("registrations")
        ordering = ["occurrence_start", "number", "id"]
        indexes = [
            models.Index(fields=["event", "occurrence_start", "number"], name="event_registrations_order"),
            models.Index(
                fields=["member", "-occurrence_start"],
                name="event_registrations_person",
                condition=~Q(member=None),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                "event",
                "occurrence_start",
                "member",
                name="event_registrations_member_once",
                condition=~Q(member=None) & ~Q(status="cancelled"),
            ),
            models.UniqueConstraint(
                "event",
                "occurrence_start",
                Lower("email"),
                name="event_registrations_guest_once",
                condition=Q(member=None) & ~Q(email="") & ~Q(status="cancelled"),
            ),
        ]

    def __str__(self) -> str:
        # Nothing of the person: this is asked while they are being deleted.
        return self.name or f"{self._meta.verbose_name} {self.number}"

    @cached_property
    def person_name(self) -> str:
        """Who comes."""
        return str(self.member) if self.member else self.name

    @property
    def address(self) -> str:
        """The mail address to which they are told; empty where none is known."""
        return self.member.email if self.member else self.email

    @property
    def key(self) -> tuple[UUID, datetime]:
        """The occurrence."""
        return self.event_id, self.occurrence_start


class CalendarFeed(BaseModel):
    """The secret address at which a user's calendar program reads what they may see. State changes only
    through the doors in ``events.feeds.domain``; only a digest of the secret is kept.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="calendar_feed")
    digest = models.CharField(max_length=64, unique=True, editable=False)

    class Meta:
        db_table = "calendar_feeds"
        verbose_name = _("calendar feed")
        verbose_name_plural = _("calendar feeds")

    def __str__(self) -> str:
        return str(self.user)
