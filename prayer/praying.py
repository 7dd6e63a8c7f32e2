"""'I prayed': the door, and telling the requester of it once a day at most."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Min
from django.utils import timezone

from accounts.models import User
from tenants.due import DueKind, plan, register
from tenants.tasks import enqueue

from .models import Prayer, PrayerRequest
from .telling import address_of, send_to_requester

MAILS = "prayer.prayed_mails"
# The first mail waits a little, so that it tells of more than one.
GATHERED_FOR = timedelta(hours=1)
BETWEEN_MAILS = timedelta(days=1)
MAILS_AT_ONCE = 200


@transaction.atomic
def pray(
    *, request: PrayerRequest, user: User | None = None, browser: str = ""
) -> tuple[PrayerRequest, bool]:
    """Counts one prayer of a user, or of a visitor's browser (a digest, at most 64 characters).

    Answers the request as it is now, and whether this one counted: each counts once. Raises
    PrayerRequest.DoesNotExist where the request is gone or closed, ValueError without user and browser.
    """
    if user is None and not browser:
        raise ValueError("Somebody has prayed: a user or a browser.")
    # The lock puts parallel clicks in a row; the constraints would refuse the second anyway.
    locked = PrayerRequest.objects.select_for_update().get(pk=request.pk, status__in=["active", "answered"])
    who = {"user": user} if user is not None else {"browser": browser}
    if Prayer.objects.filter(prayer_request=locked, **who).exists():
        return locked, False
    Prayer.objects.create(prayer_request=locked, **who)
    PrayerRequest.objects.filter(pk=locked.pk).update(prayed_count=F("prayed_count") + 1)
    locked.prayed_count += 1
    _plan_mail(locked)
    return locked, True


def _plan_mail(request: PrayerRequest) -> None:
    if not request.wants_mail or request.mail_due_at is not None or not address_of(request):
        return
    due = timezone.now() + GATHERED_FOR
    if request.mailed_at is not None:
        due = max(due, request.mailed_at + BETWEEN_MAILS)
    PrayerRequest.objects.filter(pk=request.pk).update(mail_due_at=due)
    plan(MAILS, due)


def mail_what_is_due() -> None:
    """Queues the mails that are due, each with the number of prayers since the last one."""
    now = timezone.now()
    with transaction.atomic():
        due = PrayerRequest.objects.select_for_update(skip_locked=True).filter(mail_due_at__lte=now)
        for request in due.order_by("mail_due_at")[:MAILS_AT_ONCE]:
            prayers = Prayer.objects.filter(prayer_request=request, created_at__lte=now)
            if request.mailed_at is not None:
                prayers = prayers.filter(created_at__gt=request.mailed_at)
            number = prayers.count()
            PrayerRequest.objects.filter(pk=request.pk).update(mail_due_at=None, mailed_at=now)
            if number and request.wants_mail and request.withdrawn_at is None:
                key = str(request.pk)
                enqueue(send_to_requester, prayer_request_id=key, about="prayed", number=number)


def next_mail() -> datetime | None:
    """When the next mail is due."""
    waiting = PrayerRequest.objects.exclude(mail_due_at=None)
    found: datetime | None = waiting.aggregate(at=Min("mail_due_at"))["at"]
    return found


def name_due_work() -> None:
    """Called once when the program starts."""
    register(DueKind(MAILS, work=mail_what_is_due, next_due=next_mail))
