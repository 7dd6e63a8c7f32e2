"""When a message to many reaches somebody: now, but for the hours in which nobody is disturbed."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from automation.timing import QuietHours, outside_quiet_hours
from members.models import Member
from tenants.models import Church

USUAL = {"start": "21:00", "end": "08:00"}


def quiet_hours_of(church: Church) -> QuietHours | None:
    """The church's quiet hours; None where it wants none."""
    stated: Any = church.settings.get("quiet_hours", USUAL)
    if not stated:
        return None
    return QuietHours(time.fromisoformat(stated["start"]), time.fromisoformat(stated["end"]))


def send_time(now: datetime, member: Member, church: Church) -> datetime:
    """``now``, or the end of the quiet hours where ``member`` lives, in UTC."""
    zone = ZoneInfo(getattr(member, "timezone", "") or church.timezone)
    return outside_quiet_hours(now, quiet_hours_of(church), zone)
