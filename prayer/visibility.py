"""Who reads what of a prayer request. API, pages, timeline and doors all ask here; see docs/prayer.md.

* ``prayer:write`` reads every request; ``prayer:read`` those that were looked at and published, be they for
  the wall or for the team alone, and none that is urgent or was withdrawn.
* Who asked anonymously is known to those with ``members:confidential`` alone; how a guest is reached, of
  the others, to those with ``prayer:write``.
* Internal updates are for ``prayer:write``, confidential ones for ``members:confidential``.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from .models import PrayerRequest, PrayerUpdate
from .querysets import PrayerRequestQuerySet

READ, WRITE, CONFIDENTIAL = "prayer:read", "prayer:write", "members:confidential"


def requests_for(user: Any) -> PrayerRequestQuerySet:
    """The requests that exist for ``user``."""
    if user.has_permission(WRITE):
        return PrayerRequest.objects.all()
    if not user.has_permission(READ):
        return PrayerRequest.objects.none()
    return PrayerRequest.objects.filter(moderation="published", withdrawn_at=None).exclude(priority="urgent")


def may_know_name(user: Any, request: PrayerRequest) -> bool:
    """Whether ``user`` may learn who asked."""
    return not request.is_anonymous or user.has_permission(CONFIDENTIAL)


def may_know_address(user: Any, request: PrayerRequest) -> bool:
    """Whether ``user`` may learn how a guest is reached."""
    return user.has_permission(WRITE) and may_know_name(user, request)


def name_for(user: Any, request: PrayerRequest) -> str:
    """Who asked, as ``user`` may know it; empty where they may not, or where nobody is known."""
    if not may_know_name(user, request):
        return ""
    return str(request.requester) if request.requester_id else request.guest_name or ""


def email_for(user: Any, request: PrayerRequest) -> str:
    """The address that a guest gave, as ``user`` may know it. A member's is on the member's page."""
    return (request.guest_email or "") if may_know_address(user, request) else ""


def name_on_the_wall(request: PrayerRequest) -> str:
    """How visitors see who asked: by the first name; empty for an anonymous request."""
    if request.is_anonymous:
        return ""
    if request.requester_id:
        return str(getattr(request.requester, "first_name", ""))
    return (request.guest_name or "").partition(" ")[0]


def asked_by(user: Any, member_id: Any) -> PrayerRequestQuerySet:
    """The requests of a member that ``user`` may know to be theirs."""
    found = requests_for(user).filter(requester_id=member_id)
    return found if user.has_permission(CONFIDENTIAL) else found.filter(is_anonymous=False)


def audiences_for(user: Any) -> list[str]:
    """The audiences to which ``user`` belongs, and for which they may write."""
    audience = PrayerUpdate.Audience
    if not user.has_permission(WRITE):
        return [audience.PUBLIC] if user.has_permission(READ) else []
    known = [audience.PUBLIC, audience.REQUESTER, audience.INTERNAL]
    return [*known, audience.CONFIDENTIAL] if user.has_permission(CONFIDENTIAL) else list(known)


def updates_for(user: Any, request: PrayerRequest) -> QuerySet[PrayerUpdate]:
    """The updates of a request that exist for ``user``, in their order."""
    updates = request.updates.filter(audience__in=audiences_for(user))
    return updates.select_related("created_by").order_by("created_at", "id")


def updates_for_requester(request: PrayerRequest) -> QuerySet[PrayerUpdate]:
    """What whoever has the secret link reads."""
    audience = PrayerUpdate.Audience
    return request.updates.filter(
        Q(audience__in=[audience.PUBLIC, audience.REQUESTER]) | Q(by_requester=True)
    ).order_by("created_at", "id")
