"""Sequences, their steps, what was frozen of them, and who is in them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from automation.querysets import EnrolmentQuerySet, SequenceQuerySet
from core.models import BaseModel
from members.models import Member

from .words import Channel, ExitReason, Topic, Trigger


class Sequence(BaseModel):
    """Messages that follow one another. State changes only through the doors in
    ``automation.sequences.domain``.

    ``is_active`` is false while it is paused: nobody is enrolled then, and who is in it waits; after the
    pause, what was to come is later by its length (``paused_at``). ``edition`` counts the changes of its
    steps; whoever is enrolled goes through the steps as they were then (``SequenceVersion``).
    """

    name = models.CharField(_("name"), max_length=255)
    description = models.TextField(_("description"), blank=True)
    trigger_event = models.CharField(_("starts when"), max_length=100, choices=Trigger)
    # Of ``tag_added`` alone.
    trigger_tag = models.CharField(_("tag"), max_length=50, blank=True)
    topic = models.CharField(_("topic"), max_length=20, choices=Topic, default=Topic.FOLLOW_UP)
    is_active = models.BooleanField(_("running"), default=True)
    paused_at = models.DateTimeField(null=True, editable=False)
    may_repeat = models.BooleanField(_("the same person can go through it again"), default=False)
    exit_when_replied = models.BooleanField(_("ends when somebody replies"), default=True)
    exit_when_visited = models.BooleanField(_("ends when somebody was visited"), default=False)
    exit_when_tag_removed = models.BooleanField(_("ends when the tag is taken away"), default=True)
    edition = models.PositiveIntegerField(default=1, editable=False)
    # A removed one stays for what was sent of it.
    archived_at = models.DateTimeField(_("removed"), null=True, editable=False)

    objects = SequenceQuerySet.as_manager()

    class Meta:
        db_table = "email_sequences"
        verbose_name = _("sequence")
        verbose_name_plural = _("sequences")
        ordering = ["name", "id"]
        indexes = [models.Index(fields=["trigger_event"], name="sequences_by_trigger")]

    def __str__(self) -> str:
        return self.name


class EmailTemplate(BaseModel):
    """One step of a sequence: a wait, and then a message. Changed only by ``automation.sequences.domain``.

    The wait begins when the step before was due (the first one's: at the enrolment): ``delay_days`` days
    by the wall clock, then ``delay_hours`` hours, then until it is ``send_at`` where the person lives
    (``automation.timing``). ``body_html`` is clean; of a text message ``body_text`` alone counts.
    """

    sequence = models.ForeignKey(
        Sequence, models.CASCADE, db_index=False, related_name="templates", verbose_name=_("sequence")
    )
    message_type = models.CharField(_("sent as"), max_length=20, choices=Channel, default=Channel.EMAIL)
    subject = models.CharField(_("subject"), max_length=255, blank=True)
    body_html = models.TextField(_("text"), blank=True)
    body_text = models.TextField(_("text without formatting"), blank=True)
    delay_days = models.PositiveIntegerField(_("days"), default=0)
    delay_hours = models.PositiveIntegerField(_("hours"), default=0)
    send_at = models.TimeField(_("at"), null=True, blank=True)
    order_index = models.PositiveIntegerField(_("position"))
    is_active = models.BooleanField(_("is sent"), default=True)
    archived_at = models.DateTimeField(_("removed"), null=True, editable=False)

    class Meta:
        db_table = "email_templates"
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        ordering = ["order_index", "created_at", "id"]
        indexes = [models.Index(fields=["sequence", "order_index"], name="email_templates_in_order")]

    def __str__(self) -> str:
        return self.subject or self.body_text[:60]


class SequenceVersion(BaseModel):
    """The steps of a sequence as they were at one edition. Made when the first person is enrolled in it,
    never changed.

    ``steps`` are those that are sent, in order, each ``{"template_id", "message_type", "subject",
    "body_html", "body_text", "delay_days", "delay_hours", "send_at"}``: ``body_html`` is ready for mail
    but for its merge fields (``automation.writing``), ``send_at`` is ``"HH:MM"`` or None.
    """

    sequence = models.ForeignKey(Sequence, models.CASCADE, db_index=False, related_name="versions")
    number = models.PositiveIntegerField()
    steps = models.JSONField(default=list)

    class Meta:
        db_table = "sequence_versions"
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["sequence", "number"], name="sequence_versions_once")]

    def __str__(self) -> str:
        return f"{self.sequence_id} {self.number}"


class Enrolment(BaseModel):
    """One person's way through a sequence. State changes only through ``automation.enrolling``.

    ``step`` is the position in ``version.steps`` of the message that was planned last. ``origin_kind`` and
    ``origin_id`` name what caused it (``prayer_request``, ``member_import``), for those who may see that.
    ``merge_values`` is what the merge fields need besides the person: ``{"event": {"title", "start"}}``.
    """

    class Status(models.TextChoices):
        ACTIVE = "active", _("Under way")
        COMPLETED = "completed", _("Completed")
        EXITED = "exited", _("Left")

    sequence = models.ForeignKey(
        Sequence, models.CASCADE, db_index=False, related_name="enrolments", verbose_name=_("sequence")
    )
    version = models.ForeignKey(SequenceVersion, models.CASCADE, db_index=False, related_name="+")
    member = models.ForeignKey(Member, models.CASCADE, related_name="enrolments", verbose_name=_("person"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.ACTIVE)
    exit_reason = models.CharField(_("left because"), max_length=20, choices=ExitReason, blank=True)
    step = models.PositiveSmallIntegerField(_("step"), default=0)
    trigger_event = models.CharField(_("started by"), max_length=100, choices=Trigger)
    origin_kind = models.CharField(max_length=60, blank=True)
    origin_id = models.UUIDField(null=True)
    merge_values = models.JSONField(default=dict)
    enrolled_by = models.ForeignKey(
        User, models.SET_NULL, null=True, db_index=False, related_name="+", verbose_name=_("by")
    )
    ended_at = models.DateTimeField(_("ended"), null=True)

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        db_table = "sequence_enrolments"
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["sequence", "status", "-created_at"], name="enrolments_of_sequence"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["sequence", "member"],
                name="enrolments_one_under_way",
                condition=Q(status="active"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sequence_id} {self.member_id}"
