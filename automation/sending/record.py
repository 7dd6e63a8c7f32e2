"""What is written down before and after each attempt to send: the part that nothing gets lost or repeated by.

Before a message is handed over, that is committed; nothing is sent that is not ``processing`` in the
database. What became of it is committed together with the beginning of the next, so that each message costs
one commit. Whatever interrupts this between the two leaves a message ``processing``, which becomes
``unknown`` when its claim runs out.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from datetime import timedelta
from enum import Enum
from typing import Any, TypeVar
from uuid import UUID

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models.functions import Now
from django.db.utils import IntegrityError
from django.utils import timezone

from automation.models import AutomatedMessage
from automation.querysets import MessageQuerySet
from core.fixed_updates import FixedUpdate, Given

from .checks import Ready
from .claims import Claim, lease_ends

logger = logging.getLogger(__name__)
Status = AutomatedMessage.Status
Answer = TypeVar("Answer")

# After the first attempt.
RETRIES = 3
# Each wait is that many times as long as the one before.
GROWTH = 5
LONGEST_ERROR = 500
# How long what is known of a message that was sent is kept while the database is away.
SECONDS_OF_PATIENCE = 20.0


class Begun(Enum):
    """Whether a message may be handed over now."""

    YES = "yes"
    # It is not this worker's any more.
    TAKEN_AWAY = "taken away"
    # Somebody with the same address gets it, or got it.
    SAME_ADDRESS = "same address"


class Record:
    """Writes down the attempts of one claim, one after another. Ends with ``finish``."""

    def __init__(self, claim: Claim) -> None:
        self._claim = claim
        # The message, what became of it, and the statement that writes that, where it is a fixed one.
        self._outcome: tuple[UUID, dict[str, Any], FixedUpdate | None] | None = None

    def begin(self, ready: Ready) -> Begun:
        """Commits that a message is being sent, and what became of the one before. Where the database
        fails, the message is not sent now: nobody knows what it has committed.
        """
        try:
            with transaction.atomic():
                self._write()
                begun = self._mark(ready)
        except IntegrityError:
            # Rolled back with it was what became of the one before.
            self.finish()
            self._claim.leave_out([ready.message], AutomatedMessage.SkipReason.SAME_ADDRESS)
            return Begun.SAME_ADDRESS
        except (OperationalError, InterfaceError):
            if connection.in_atomic_block:
                raise
            self.finish()
            # It may have been committed; this worker knows that it has sent nothing.
            self._back(ready, "", attempts=ready.message.attempts, claimed_until=None)
            self.finish()
            return Begun.TAKEN_AWAY
        self._outcome = None
        return Begun.YES if begun else Begun.TAKEN_AWAY

    def _mark(self, ready: Ready) -> bool:
        return bool(
            _MARK.run(
                id=ready.message.pk,
                claim=self._claim.id,
                address=ready.address,
                once_key=ready.once_key,
                attempts=ready.message.attempts + 1,
                now=timezone.now(),
            )
        )

    def sent(self, ready: Ready, provider_id: str) -> None:
        """It was handed over and accepted."""
        values = {"provider_id": provider_id[:255], "now": timezone.now()}
        self._outcome = (ready.message.pk, values, _SENT)

    def failed(self, ready: Ready, reason: str) -> None:
        """It was not sent and never will be by itself."""
        self._note(ready, status=Status.FAILED, error_message=reason[:LONGEST_ERROR], claimed_until=None)

    def uncertain(self, ready: Ready, reason: str) -> None:
        """It may have been sent."""
        self._note(ready, status=Status.UNKNOWN, error_message=reason[:LONGEST_ERROR], claimed_until=None)

    def not_yet(self, ready: Ready, reason: str) -> None:
        """It was not sent, and is tried again after a wait; the last time it has failed."""
        attempts = ready.message.attempts + 1
        if attempts > RETRIES:
            self.failed(ready, reason)
            return
        self._back(ready, reason, attempts=attempts, claimed_until=Now() + wait_before(attempts))

    def provider_away(self, ready: Ready, reason: str) -> None:
        """It was not sent, for nothing that has to do with it: the attempt does not count."""
        self._back(ready, reason, attempts=ready.message.attempts, claimed_until=None)

    def finish(self) -> None:
        """Commits what became of the last one; waits for the database where it is away."""
        if self._outcome is not None:
            insist(self._write)
            self._outcome = None

    def _back(self, ready: Ready, reason: str, **values: Any) -> None:
        # Without the key, so that somebody with the same address may come first.
        error = reason[:LONGEST_ERROR]
        self._note(ready, status=Status.PENDING, once_key=None, claim=None, error_message=error, **values)

    def _note(self, ready: Ready, **values: Any) -> None:
        self._outcome = (ready.message.pk, values, None)

    def _write(self) -> None:
        """Writes what became of the one before, also where its claim ran out meanwhile and it was taken
        for interrupted: what is known counts. Not where a person has decided since; the claim is gone then.
        """
        if self._outcome is None:
            return
        message_id, values, fixed = self._outcome
        if fixed is not None:
            fixed.run(id=message_id, claim=self._claim.id, **values)
        else:
            _in_hand(message_id, self._claim.id).update(updated_at=timezone.now(), **values)


def _in_hand(message_id: Any, claim: Any) -> MessageQuerySet:
    return AutomatedMessage.objects.filter(
        pk=message_id, claim=claim, status__in=[Status.PROCESSING, Status.UNKNOWN]
    )


def _given(name: str, field: str = "") -> Given:
    return Given(name, AutomatedMessage._meta.get_field(field or name))


def _marking() -> tuple[MessageQuerySet, dict[str, Any]]:
    """What ``Claim.waiting`` asks, of a claim that has not run out: then it is anybody's."""
    mine = AutomatedMessage.objects.filter(
        pk=_given("id"),
        claim=_given("claim"),
        status=Status.PENDING,
        is_held=False,
        claimed_until__gt=Now(),
    )
    return mine, {
        "status": Status.PROCESSING,
        "address": _given("address"),
        "once_key": _given("once_key"),
        "attempts": _given("attempts"),
        "claimed_until": lease_ends(),
        "updated_at": _given("now", "updated_at"),
    }


def _sending() -> tuple[MessageQuerySet, dict[str, Any]]:
    return _in_hand(_given("id"), _given("claim")), {
        "status": Status.SENT,
        "sent_at": _given("now", "sent_at"),
        "provider_id": _given("provider_id"),
        "error_message": "",
        "claimed_until": None,
        "updated_at": _given("now", "updated_at"),
    }


# The two that are carried out for each message.
_MARK, _SENT = FixedUpdate(_marking), FixedUpdate(_sending)


def wait_before(attempt: int) -> timedelta:
    """How long to wait before the attempt that follows so many: longer each time, and never the same for
    two messages, so that they do not all come back at once.
    """
    seconds = settings.MESSAGE_RETRY * GROWTH ** (attempt - 1)
    return timedelta(seconds=seconds * random.uniform(0.75, 1.25))  # noqa: S311 - nothing is kept secret by it


def insist(write: Callable[[], Answer]) -> Answer:
    """``write()``, a single statement that may be repeated, again where the connection was lost."""
    deadline = time.monotonic() + min(SECONDS_OF_PATIENCE, settings.MESSAGE_LEASE)
    while True:
        try:
            return write()
        except (OperationalError, InterfaceError):
            if connection.in_atomic_block or time.monotonic() > deadline:
                raise
            logger.warning("the database is away; what was sent is written down as soon as it is back")
            connection.close()
            time.sleep(0.25)
