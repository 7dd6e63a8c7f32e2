"""Writing down who gets a message, in portions, and noticing when all of it is sent.

Each portion is one transaction with the place up to which it went, under a lock on the message's row: a
worker that is killed leaves a portion whole or absent, and whoever comes next goes on from there. The
messages themselves are sent by ``automation.sending``.
"""

from __future__ import annotations

import logging
import time
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from automation.addresses import address_of
from automation.consent.reading import normal_address
from automation.models import AutomatedMessage as Message
from automation.models import BulkMail
from automation.sending.planning import plan_messages
from core import context
from members.models import Member
from members.rules.rule import UnavailableRuleError
from tenants import due
from tenants.context import current_church

from .domain import KIND, UNFINISHED, Status, end_early
from .recipients import addresses_written, declined_among, is_gone, people_meant
from .when import send_time

logger = logging.getLogger(__name__)

PORTION = 500
# Short, so that a worker that is told to stop can finish its work before it is killed.
SLICE_SECONDS = 20
LOOKED_AFTER_EVERY = timedelta(minutes=1)
Skip = Message.SkipReason


def connect() -> None:
    """Names the work; called once when the program starts."""
    due.register(due.DueKind(KIND, work=run, next_due=next_run))


def run() -> None:
    """Goes on with the church's messages to many for a while; safe to repeat and to be killed."""
    deadline = time.monotonic() + min(SLICE_SECONDS, settings.JOB_TIMEOUT / 3)
    unwritten = BulkMail.objects.filter(status__in=UNFINISHED, written_at=None).order_by("confirmed_at", "id")
    for mail in list(unwritten.select_related("created_by")):
        with context.working_for(mail.created_by, come_from="job"):
            while write_portion(mail.pk):
                if time.monotonic() >= deadline:
                    return
    for mail_id in _all_settled():
        _finish(mail_id)


def next_run() -> datetime | None:
    """When there is something to do next: at once while people are written down, else to see whether all
    was sent.
    """
    unfinished = BulkMail.objects.filter(status__in=UNFINISHED)
    if not unfinished.exists():
        return None
    now = timezone.now()
    return now if unfinished.filter(written_at=None).exists() else now + LOOKED_AFTER_EVERY


@transaction.atomic
def write_portion(mail_id: UUID) -> bool:
    """Writes down the next people; says whether there may be more."""
    found = BulkMail.objects.select_for_update(skip_locked=True, of=("self",)).filter(
        pk=mail_id, status__in=UNFINISHED, written_at=None
    )
    mail = found.select_related("created_by").first()
    if mail is None:
        return False
    if mail.created_by is None:
        # Nobody is left as whom its rule could be asked.
        logger.warning("message to many ended: its author is gone", extra={"bulk_mail": str(mail.pk)})
        end_early(mail)
        return False
    try:
        people = _next_people(mail)
    except UnavailableRuleError:
        logger.warning("message to many ended: its rule is hidden", extra={"bulk_mail": str(mail.pk)})
        end_early(mail)
        return False
    messages = _messages(mail, people)
    plan_messages([message for message in messages if message.status == Message.Status.PENDING])
    Message.objects.bulk_create([message for message in messages if message.status == Message.Status.SKIPPED])
    mail.status = Status.RUNNING
    if people:
        mail.written_up_to = people[-1].pk
    if len(people) < PORTION:
        mail.written_at = timezone.now()
    mail.save()
    return mail.written_at is None


def _next_people(mail: BulkMail) -> list[Member]:
    people = people_meant(mail.rule, mail.created_by).living()
    if mail.confirmed_at is not None:
        # Whoever is added while it runs was not counted when it was confirmed.
        people = people.filter(created_at__lte=mail.confirmed_at)
    if mail.written_up_to is not None:
        people = people.filter(pk__gt=mail.written_up_to)
    return list(people.order_by("pk")[:PORTION])


def _messages(mail: BulkMail, people: list[Member]) -> list[Message]:
    church, now = current_church(), timezone.now()
    declined, written = declined_among(mail, people), addresses_written(mail, people)
    messages = []
    for member in people:
        if is_gone(member):
            continue
        message = Message(
            recipient=member,
            bulk_mail=mail,
            message_type=mail.message_type,
            scheduled_for=send_time(now, member, church),
        )
        address = address_of(member, mail.message_type)
        if reason := _why_not(address, declined, written):
            message.status, message.skip_reason = Message.Status.SKIPPED, reason
        else:
            written.add(normal_address(address))
        messages.append(message)
    return messages


def _why_not(address: str, declined: set[str], written: set[str]) -> str:
    """Why nothing goes to ``address``; empty when something does."""
    if not address:
        return Skip.NO_ADDRESS
    if address in declined:
        return Skip.SUPPRESSED
    return Skip.SAME_ADDRESS if normal_address(address) in written else ""


def _all_settled() -> list[UUID]:
    open_messages = Message.objects.exclude(status__in=Message.SETTLED)
    running = BulkMail.objects.filter(status=Status.RUNNING).exclude(written_at=None)
    waiting = set(
        open_messages.filter(bulk_mail__in=running).values_list("bulk_mail_id", flat=True).distinct()
    )
    return [mail_id for mail_id in running.values_list("pk", flat=True) if mail_id not in waiting]


@transaction.atomic
def _finish(mail_id: UUID) -> None:
    mail = BulkMail.objects.select_for_update().filter(pk=mail_id, status=Status.RUNNING).first()
    if mail is not None:
        mail.status = Status.DONE
        mail.finished_at = timezone.now()
        mail.save()
