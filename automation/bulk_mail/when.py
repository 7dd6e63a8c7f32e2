"""When a message to many reaches somebody: now, but for the hours in which nobody is disturbed."""

from __future__ import annotations

from datetime import datetime

from automation.enrolling.planning import zone_of
from automation.quiet_hours import quiet_hours_of
from automation.timing import outside_quiet_hours
from members.models import Member
from tenants.models import Church


def send_time(now: datetime, member: Member, church: Church) -> datetime:
    """``now``, or the end of the quiet hours where ``member`` lives, in UTC."""
    return outside_quiet_hours(now, quiet_hours_of(church), zone_of(member, church))
