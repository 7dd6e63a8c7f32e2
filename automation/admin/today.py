"""What a church's first page says of messages: only what somebody has to decide."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Count, Q
from django.db.models.functions import Lower
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from automation.models import AutomatedMessage, Channel, Suppression
from core.admin import may
from members.admin.person_page import person_url
from members.models import Member
from tenants.sites import TodaySection, church_site

from .messages import to_decide_for
from .pages import WRITE, messages_url

BOUNCED_FOR = timedelta(days=30)
BOUNCED_SHOWN = 5


@church_site.today(position=50)
def messages_to_decide(request: HttpRequest) -> TodaySection | None:
    """Interrupted and failed messages, and people whose address does not exist."""
    if not (may(request, WRITE) and may(request, "members:read")):
        return None
    status = AutomatedMessage.Status
    counts = to_decide_for(request.user).aggregate(
        unknown=Count("pk", filter=Q(status=status.UNKNOWN)),
        failed=Count("pk", filter=Q(status=status.FAILED)),
    )
    bounced = [{"person": person, "url": person_url(person)} for person in _with_bounced_address()]
    if not bounced and not any(counts.values()):
        return None
    content = {
        **counts,
        "unknown_url": messages_url(show=status.UNKNOWN),
        "failed_url": messages_url(show=status.FAILED),
        "bounced": bounced[:BOUNCED_SHOWN],
        "more": len(bounced) > BOUNCED_SHOWN,
    }
    return TodaySection(_("Messages"), "automation/today.html", content)


def _with_bounced_address() -> Any:
    """People who still have an address to which a mail could not be delivered lately."""
    recent = Suppression.objects.filter(created_at__gte=timezone.now() - BOUNCED_FOR)
    addresses = recent.filter(channel=Channel.EMAIL, reason=Suppression.Reason.BOUNCED).exclude(address="")
    people = Member.objects.living().exclude(email="").alias(lower=Lower("email"))
    found = people.filter(lower__in=addresses.values("address")).order_by("last_name", "first_name", "id")
    return found[: BOUNCED_SHOWN + 1]
