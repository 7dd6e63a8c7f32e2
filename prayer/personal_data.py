"""What a person is told of their prayer requests, and what an erasure does with them."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.history import wipe
from core.models import HistoryEntry
from members.models import Member
from members.personal_data.registry import Erasure, Fate, Row, on_erasure, section

from .models import PrayerRequest, PrayerUpdate


@section(
    "prayer_requests",
    _("Prayer requests"),
    models=[PrayerRequest],
    labels={
        "created_at": _("when"), "updates": _("updates"), "prayed_count": _("prayers"),
        "assigned_to": _("assigned to"),
    },
)  # fmt: skip
def prayer_requests(member: Member) -> Iterable[Row]:
    found = PrayerRequest.objects.filter(requester=member).select_related("assigned_to")
    for request in found.prefetch_related("updates").order_by("created_at", "id"):
        yield {
            "created_at": request.created_at,
            "title": request.title,
            "description": request.description,
            "category": request.category,
            "status": str(request.get_status_display()),
            "is_anonymous": request.is_anonymous,
            "is_public": request.is_public,
            "assigned_to": str(request.assigned_to or ""),
            "prayed_count": request.prayed_count,
            "testimony": request.testimony,
            "updates": [update.update_text for update in request.updates.all()],
        }


def _by_guests(erasure: Erasure) -> list[PrayerRequest]:
    """Requests of guests with the person's address. It lies encrypted, so each is looked at."""
    guests = PrayerRequest.objects.filter(guest_email__isnull=False).only("guest_email")
    wanted = {email.lower() for email in erasure.emails}
    return [request for request in guests.iterator() if (request.guest_email or "").lower() in wanted]


def wipe_requests(erasure: Erasure) -> None:
    """Nothing that was written is left, nor a way back by the link; the numbers stay."""
    keys = [request.pk for request in _by_guests(erasure)]
    theirs = PrayerRequest.objects.filter(Q(pk__in=keys) | Q(requester__in=erasure.member_ids))
    ids = list(theirs.values_list("pk", flat=True))
    PrayerUpdate.objects.filter(prayer_request__in=ids).delete()
    PrayerRequest.objects.filter(pk__in=ids).update(
        title="", description="", testimony="", testimony_is_public=False, category="",
        guest_name=None, guest_email=None, wants_mail=False, mail_due_at=None, secret_digest="",
        is_public=False, moderation="hidden", status="closed", flags=[],
    )  # fmt: skip
    wipe(HistoryEntry.objects.filter(about__in=ids))


on_erasure(PrayerRequest, Fate.WIPED, wipe_requests)
