"""What becomes of a message that failed or was interrupted: a person says so, or a provider's report."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from automation.enrolling.planning import zone_of
from automation.models import AutomatedMessage
from automation.quiet_hours import quiet_hours_of
from automation.timing import outside_quiet_hours
from tenants import due
from tenants.context import current_church

from .planning import KIND


@transaction.atomic
def send_again(*, message: AutomatedMessage) -> AutomatedMessage:
    """Sends a failed or interrupted message once more, at once or after the quiet hours; the same checks
    are made as for any other. Raises ValidationError when it is neither, as when somebody was quicker.
    """
    locked = _demand_undecided(message)
    church = current_church()
    zone = zone_of(locked.recipient, church)
    locked.status = AutomatedMessage.Status.PENDING
    locked.scheduled_for = outside_quiet_hours(timezone.now(), quiet_hours_of(church), zone)
    locked.attempts = 0
    locked.error_message = ""
    locked.claim = locked.claimed_until = locked.once_key = locked.decided_at = None
    locked.is_held = False
    locked.save()
    due.plan(KIND, locked.scheduled_for)
    return locked


@transaction.atomic
def leave_as_it_is(*, message: AutomatedMessage) -> AutomatedMessage:
    """Nothing more is done about a failed or interrupted message, and nobody is asked about it again.
    Raises ValidationError when it is neither.
    """
    locked = _demand_undecided(message)
    locked.decided_at = timezone.now()
    # What a worker that was taken for dead might yet report counts no more.
    locked.claim = None
    locked.save()
    return locked


def note_arrival(*, message_id: UUID, at: datetime) -> None:
    """A provider's report shows that a message went out: one that was interrupted is ``sent`` after all.

    One statement, and of what the status still says then: a worker may be writing at the same row.
    """
    AutomatedMessage.objects.filter(pk=message_id, status=AutomatedMessage.Status.UNKNOWN).update(
        status=AutomatedMessage.Status.SENT, sent_at=at, error_message="", updated_at=timezone.now()
    )


def _demand_undecided(message: AutomatedMessage) -> AutomatedMessage:
    """The message, locked. Without the person: whoever changes one locks them before their messages."""
    locked = AutomatedMessage.objects.select_for_update().get(pk=message.pk)
    if locked.status not in {AutomatedMessage.Status.FAILED, AutomatedMessage.Status.UNKNOWN}:
        raise ValidationError({"status": _("Nothing has to be decided about this message.")})
    return locked
