"""Which of the rooms' signals start sequences, and which end them."""

from __future__ import annotations

from events import signals as events
from members import signals as members
from prayer import signals as prayer
from tenants import signals as tenants

from . import triggers

RECEIVERS = (
    (members.member_joined, triggers.somebody_joined),
    (members.members_tagged, triggers.people_were_tagged),
    (members.members_imported, triggers.people_were_imported),
    (members.members_merging, triggers.people_are_merged),
    (prayer.prayer_requested, triggers.prayer_was_requested),
    (events.event_registered, triggers.somebody_registered),
    (events.registration_promoted, triggers.somebody_registered),
    (events.attendance_recorded, triggers.somebody_was_there),
    (tenants.church_day_began, triggers.birthdays_came),
)


def connect() -> None:
    """Called once when the program starts."""
    for signal, receiver in RECEIVERS:
        signal.connect(receiver, dispatch_uid=f"automation.{id(signal)}.{receiver.__name__}")
