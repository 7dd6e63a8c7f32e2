"""The words that more than one table uses."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Channel(models.TextChoices):
    """How a message reaches somebody."""

    EMAIL = "email", _("Email")
    SMS = "sms", _("Text message")


class Topic(models.TextChoices):
    """What a message is about; people can decline each on its own."""

    NEWS = "news", _("News of the church")
    FOLLOW_UP = "follow_up", _("Welcome and follow-up")
    PRAYER = "prayer", _("Prayer")
    EVENTS = "events", _("Events")
    GREETINGS = "greetings", _("Birthday greetings")


class Trigger(models.TextChoices):
    """What starts a sequence for a person."""

    NEW_MEMBER = "new_member", _("Somebody is new")
    FIRST_VISIT = "first_visit", _("Somebody comes for the first time")
    PRAYER_REQUEST = "prayer_request", _("Somebody asks for prayer")
    EVENT_REGISTERED = "event_registered", _("Somebody registers for an event")
    BIRTHDAY = "birthday", _("Somebody has their birthday")
    TAG_ADDED = "tag_added", _("Somebody gets a tag")
    MANUAL = "manual", _("You start it by hand")


class ExitReason(models.TextChoices):
    """Why somebody left a sequence before its end."""

    UNSUBSCRIBED = "unsubscribed", _("Declined such messages")
    DECEASED = "deceased", _("Deceased")
    ARCHIVED = "archived", _("Archived")
    REPLIED = "replied", _("Replied")
    VISITED = "visited", _("Was visited")
    TAG_REMOVED = "tag_removed", _("Lost the tag")
    UNDELIVERABLE = "undeliverable", _("Cannot be reached")
    TAKEN_OUT = "taken_out", _("Taken out by hand")
    SEQUENCE_REMOVED = "sequence_removed", _("The sequence was removed")
    MERGED = "merged", _("Went on as another entry of the same person")
