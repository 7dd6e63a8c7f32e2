"""The daily mail: what those who want it so were told since yesterday morning, in one mail for each."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone, translation

from accounts.models import User
from tenants import due
from tenants.context import current_church

from .kinds import kinds
from .mail import mail_soon
from .models import Notification

NAME = "notifications.digest"
# By the church's own clock.
SENT_AT = time(7)
LINES_IN_MAIL = 50


def next_mail_after(moment: datetime) -> datetime:
    """When the church's next daily mail goes out after ``moment``: at seven by its own clock."""
    zone = ZoneInfo(current_church().timezone)
    local = moment.astimezone(zone)
    day = local.date()
    if local.time() >= SENT_AT:
        day += timedelta(days=1)
    return datetime.combine(day, SENT_AT, tzinfo=zone)


def next_due() -> datetime | None:
    """When the next mail is due: the first morning after the oldest fact that waits."""
    oldest = Notification.objects.to_mail().order_by("created_at").values_list("created_at", flat=True)
    moment = oldest.first()
    return None if moment is None else next_mail_after(moment)


def send_due() -> None:
    """Queues a mail for everybody for whom something waits. Safe to repeat: what went into a mail is
    marked in the transaction that queues it.
    """
    waiting = Notification.objects.to_mail().order_by("user").values_list("user_id", flat=True).distinct()
    for user_id in list(waiting):
        _queue_mail(user_id)


@transaction.atomic
def _queue_mail(user_id: UUID) -> None:
    # A second worker passes over what this one has in hand.
    rows = list(
        Notification.objects.to_mail()
        .filter(user=user_id)
        .select_for_update(skip_locked=True)
        .order_by("number")
    )
    user = User.objects.here().active().filter(pk=user_id).first()
    shown = [row for row in rows if user and (kind := kinds.get(row.kind)) and kind.is_for(user)]
    if user and shown:
        mail_soon(to=user.email, template="notifications/mail/digest.txt", values=_values(user, shown))
    Notification.objects.filter(pk__in=[row.pk for row in rows]).update(mailed_at=timezone.now())


def _values(user: User, rows: list[Notification]) -> dict[str, Any]:
    church = current_church()
    with translation.override(church.language), timezone.override(church.timezone):
        lines = [
            {"text": row.text, "link": f"{church.url}{row.url}" if row.url else ""}
            for row in rows[:LINES_IN_MAIL]
        ]
    return {
        "name": user.get_short_name(),
        "lines": lines,
        "total": len(rows),
        "more": max(0, len(rows) - LINES_IN_MAIL),
    }


def plan_again(**_event: Any) -> None:
    """Plans the mail where some wait; receives ``tenants.signals.church_resumed``."""
    if (at := next_due()) is not None:
        due.plan(NAME, at)
