"""The tables of automation, one module a subject."""

from .bulk_mail import BulkMail
from .messages import AutomatedMessage, ProviderEvent
from .sequences import EmailTemplate, Enrolment, Sequence, SequenceVersion
from .suppressions import Suppression
from .words import Channel, ExitReason, Topic, Trigger

__all__ = [
    "AutomatedMessage",
    "BulkMail",
    "Channel",
    "EmailTemplate",
    "Enrolment",
    "ExitReason",
    "ProviderEvent",
    "Sequence",
    "SequenceVersion",
    "Suppression",
    "Topic",
    "Trigger",
]
