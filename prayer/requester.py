"""The doors of whoever asked, opened by the secret of their link and by nothing else.

Nobody is signed in here: the history says that it came from the pages, and of nobody's hand.
"""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from core.link_secrets import digest_of

from . import telling
from .domain import Moderation, Priority, Status, noticed_in
from .models import PrayerRequest, PrayerUpdate
from .values import text


def _locked(secret: str) -> PrayerRequest:
    """Raises PrayerRequest.DoesNotExist."""
    found = PrayerRequest.objects.select_for_update(of=("self",)).select_related("requester", "assigned_to")
    return found.get(secret_digest=digest_of(secret), withdrawn_at=None)


@transaction.atomic
def write_again(*, secret: str, update_text: str) -> PrayerUpdate:
    """An update by the requester, for the team; where it cannot wait, the request is urgent from now on.

    Raises ValidationError (``update_text``) and PrayerRequest.DoesNotExist.
    """
    request = _locked(secret)
    clean = text("update_text", update_text, required=True)
    flags = noticed_in(clean)
    update = PrayerUpdate.objects.create(
        prayer_request=request,
        update_text=clean,
        audience=PrayerUpdate.Audience.REQUESTER,
        by_requester=True,
    )
    if flags:
        request.flags = list(dict.fromkeys([*request.flags, *flags]))
        request.priority, request.moderation = Priority.URGENT, Moderation.PENDING
        request.status, request.answered_at = Status.ACTIVE, None
        request.save()
        telling.tell_team(telling.URGENT, request)
    else:
        telling.tell_those_who_care(telling.WROTE, request)
    return update


@transaction.atomic
def withdraw(*, secret: str) -> PrayerRequest:
    """Takes the request back: nobody but the team sees it any more, and no mail is sent.

    Raises PrayerRequest.DoesNotExist.
    """
    request = _locked(secret)
    request.status, request.moderation, request.is_public = Status.CLOSED, Moderation.HIDDEN, False
    request.withdrawn_at = timezone.now()
    request.wants_mail, request.mail_due_at = False, None
    request.save()
    telling.tell_those_who_care(telling.WROTE, request)
    return request


@transaction.atomic
def take_off_the_wall(*, secret: str) -> PrayerRequest:
    """The team prays on, visitors do not see it any more. Raises PrayerRequest.DoesNotExist."""
    request = _locked(secret)
    if request.is_public:
        request.is_public = False
        request.save()
    return request


@transaction.atomic
def wish_mails(*, secret: str, wanted: bool) -> PrayerRequest:
    """Whether mails tell of prayers. Raises PrayerRequest.DoesNotExist."""
    request = _locked(secret)
    if request.wants_mail != wanted:
        request.wants_mail = wanted
        if not wanted:
            request.mail_due_at = None
        request.save()
    return request
