"""The job that sends: a portion of one church's messages, and then the next church has its turn."""

from __future__ import annotations

import logging
import random
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from automation.consent import links
from automation.enrolling.progress import follow_up
from automation.models import Channel
from automation.sender import reply_to_of, sender_name_of
from automation.sms import providers
from automation.writing.rendering import Rendered, render
from tenants import due
from tenants.context import current_church, outside_churches
from tenants.models import Church

from .checks import Ready, ready_of
from .claims import claim_some, settle_interrupted
from .email import MailSender, Outgoing
from .outcomes import PermanentError, ProviderError, TemporaryError, UncertainError
from .planning import KIND, next_due
from .record import Begun, Record

logger = logging.getLogger(__name__)

# Until a provider that was away, or refused us, is asked again for this church.
REST = timedelta(minutes=5)
# How often a job looks whether its church was suspended.
SECONDS_BETWEEN_LOOKS = 5.0


def connect() -> None:
    """Names the work; called once when the program starts."""
    # Deferred: models are not loaded when this module's package is read.
    from tenants.signals import church_resumed, church_swept

    due.register(due.DueKind(KIND, work=send_some, next_due=next_due))
    church_resumed.connect(plan_again, dispatch_uid="automation.plan_again")
    church_swept.connect(plan_again, dispatch_uid="automation.plan_lost")


def plan_again(**_event: Any) -> None:
    """Plans the church's next messages where some wait; receives ``church_resumed`` and ``church_swept``."""
    if (at := next_due()) is not None:
        due.plan(KIND, at)


def send_some() -> datetime | bool | None:
    """Sends a portion of what is due in the church that was entered, and goes on with the sequences.

    Safe to repeat, and safe to be killed at any moment. Answers as ``tenants.due.DueKind`` says: True when
    there may be more, a time when a provider is away.
    """
    church = current_church()
    with translation.override(church.language):
        settle_interrupted()
        now = timezone.now()
        claim = claim_some(settings.MESSAGES_AT_ONCE, now=now)
        more = len(claim.messages) == settings.MESSAGES_AT_ONCE
        away = False
        if claim.messages:
            ready = ready_of(claim, church=church, now=now)
            portion = _Portion(church, Record(claim), ready)
            portion.send()
            away = portion.provider_is_away
            claim.give_back([each.message for each in portion.left_over])
            more = more or bool(portion.left_over)
        more = bool(follow_up()) or more
    if away:
        return now + REST * random.uniform(1, 1.5)  # noqa: S311 - nothing is kept secret by it
    return more


class _Portion:
    """The messages that one job sends, one after another."""

    def __init__(self, church: Church, record: Record, ready: list[Ready]) -> None:
        self.provider_is_away = False
        self.left_over = ready
        self._church = church
        self._record = record
        # Rendered beforehand, so that nothing stands between what became of one and the next.
        self._made = {each.message.pk: _made(each, church) for each in ready}
        # Channels whose provider is away.
        self._closed: set[str] = set()
        self._ends_at = time.monotonic() + settings.MESSAGES_SECONDS
        self._next_look = time.monotonic() + SECONDS_BETWEEN_LOOKS

    def send(self) -> None:
        """Sends while there is time; what is left over is not begun."""
        passed: list[Ready] = []
        waiting = list(self.left_over)
        try:
            with MailSender() as mail:
                while waiting and self._may_go_on():
                    ready = waiting.pop(0)
                    if ready.message.message_type in self._closed:
                        passed.append(ready)
                    elif self._record.begin(ready) is Begun.YES:
                        self._attempt(ready, mail)
        finally:
            self.left_over = passed + waiting
            self._record.finish()

    def _may_go_on(self) -> bool:
        now = time.monotonic()
        if now > self._ends_at:
            return False
        if now < self._next_look:
            return True
        self._next_look = now + SECONDS_BETWEEN_LOOKS
        # What became of the last one must not wait for the look.
        self._record.finish()
        with outside_churches():
            return Church.objects.active().filter(pk=self._church.pk).exists()

    def _attempt(self, ready: Ready, mail: MailSender) -> None:
        record = self._record
        made = self._made[ready.message.pk]
        if made is None:
            record.failed(ready, _("The message could not be put together."))
            return
        try:
            record.sent(ready, self._deliver(ready, made, mail))
        except ProviderError as error:
            logger.error("messages wait: %s", error, extra={"channel": ready.message.message_type})
            record.provider_away(ready, str(error))
            self._closed.add(ready.message.message_type)
            self.provider_is_away = True
        except TemporaryError as error:
            record.not_yet(ready, str(error))
        except PermanentError as error:
            record.failed(ready, str(error))
        except UncertainError as error:
            record.uncertain(ready, str(error))
        except Exception:
            # Whatever it was, nobody knows how far it got.
            logger.exception("sending a message failed")
            record.uncertain(ready, _("Sending was interrupted. Nobody knows whether it arrived."))

    def _deliver(self, ready: Ready, made: _Made, mail: MailSender) -> str:
        if ready.message.message_type == Channel.SMS:
            return providers.current().send(
                to=ready.address, text=made.rendered.text, church=self._church, message_id=ready.message.pk
            )
        return mail.send(message=_outgoing(ready, made, self._church))


@dataclass(frozen=True)
class _Made:
    """A message for its recipient, and the address at which its topic is declined."""

    rendered: Rendered
    declining: str


def _made(ready: Ready, church: Church) -> _Made | None:
    """The message for its recipient; None where it cannot be made, which must keep no other from going."""
    message = ready.message
    enrolment = message.enrolment
    try:
        if enrolment is not None:
            prepared, values = enrolment.version.steps[message.step], enrolment.merge_values
        else:
            prepared, values = message.bulk_mail.prepared, {}  # type: ignore[union-attr]  # one of the two is there
        declining, choosing = links.both_urls(message)
        rendered = render(
            prepared,
            member=message.recipient,
            church=church,
            merge_values=values,
            unsubscribe_url=declining,
            preferences_url=choosing,
            message_type=message.message_type,
        )
        return _Made(rendered, declining)
    except Exception:
        logger.exception("a message could not be put together")
        return None


def _outgoing(ready: Ready, made: _Made, church: Church) -> Outgoing:
    rendered = made.rendered
    return Outgoing(
        to=ready.address,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        from_name=sender_name_of(church),
        reply_to=reply_to_of(church),
        headers=links.one_click_headers(made.declining),
        message_id=ready.message.pk,
        church_id=church.pk,
        topic=ready.topic,
    )
