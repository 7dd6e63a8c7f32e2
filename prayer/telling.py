"""Telling: the team in its notifications, the requester by mail.

A job names the request and no address: whoever reads the queue, or a mail that failed, learns nothing of an
anonymous requester. The address is looked up and the link made when the mail is written.
"""

from __future__ import annotations

from collections.abc import Iterable
from smtplib import SMTPException
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import User
from notifications.domain import notify, users_with
from notifications.kinds import Kind, register
from tenants.context import current_church
from tenants.tasks import church_job, enqueue

from . import visibility
from .links import link_of
from .models import VISITORS, PrayerRequest, PrayerUpdate

URGENT, WAITING, ASSIGNED, WROTE = "prayer.urgent", "prayer.waiting", "prayer.assigned", "prayer.wrote"


class MailNotSentError(Exception):
    """A mail to a requester could not be sent; says nothing of the address."""


def name_kinds() -> None:
    """Names what users are told of; called once when the program starts."""
    texts = {
        URGENT: (_("Urgent prayer request"), _("An urgent prayer request needs somebody now")),
        WAITING: (_("New prayer request"), _("A new prayer request waits for review")),
        ASSIGNED: (_("Prayer request assigned"), _("A prayer request was assigned to you")),
        WROTE: (_("A requester wrote"), _("Somebody who asked for prayer has written again")),
    }
    for name, (title, text) in texts.items():
        register(
            Kind(
                name,
                title,
                lambda _data, text=text: str(text),  # type: ignore[misc]  # each its own
                permission=visibility.WRITE,
                is_urgent=name == URGENT,
            )
        )


def tell_team(kind: str, request: PrayerRequest, users: Iterable[User] | None = None) -> None:
    """Tells ``users`` (everybody with ``prayer:write``) a fact about a request, without a word of it."""
    notify(
        kind=kind,
        users=users_with(visibility.WRITE) if users is None else users,
        data={"prayer_request": str(request.pk)},
        url=reverse("admin:prayer_prayerrequest_change", args=[request.pk]),
    )


def tell_those_who_care(kind: str, request: PrayerRequest) -> None:
    """Tells whom the request is assigned to; everybody with ``prayer:write`` where it is nobody's."""
    tell_team(kind, request, [request.assigned_to] if request.assigned_to else None)


def mail_requester(request: PrayerRequest, about: str, *, update: PrayerUpdate | None = None) -> None:
    """Queues a mail to whoever asked, if there is an address and the request was not withdrawn.

    ``about`` names a template in ``prayer/mail``. To whom the church wrote down by itself it writes only
    where they wished it.
    """
    may_write = request.source in VISITORS or request.wants_mail
    if may_write and request.withdrawn_at is None and address_of(request):
        key = str(update.pk) if update else ""
        enqueue(send_to_requester, prayer_request_id=str(request.pk), about=about, update_id=key)


def address_of(request: PrayerRequest) -> str:
    """Where the requester is written to; empty where no address is known. Goes nowhere but into a mail."""
    if request.guest_email:
        return request.guest_email
    return request.requester.email if request.requester else ""


@church_job
def send_to_requester(*, prayer_request_id: str, about: str, update_id: str = "", number: int = 0) -> None:
    """Sends one mail that ``mail_requester`` queued."""
    request = PrayerRequest.objects.select_related("requester").filter(pk=prayer_request_id).first()
    if request is None or request.withdrawn_at is not None or not address_of(request):
        return
    update = PrayerUpdate.objects.filter(pk=UUID(update_id)).first() if update_id else None
    church = current_church()
    with translation.override(church.language), timezone.override(church.timezone):
        values: dict[str, Any] = {
            "church": church,
            "request": request,
            "link": link_of(request),
            "text": update.update_text if update else "",
            "prayed": ngettext(
                "%(number)d person has prayed for you.", "%(number)d people have prayed for you.", number
            )
            % {"number": number},
        }
        head, _sep, body = render_to_string(f"prayer/mail/{about}.txt", values).strip().partition("\n")
    message = EmailMessage(
        head.strip(),
        body.strip() + "\n",
        f"{church.name} <{settings.DEFAULT_FROM_EMAIL}>",
        to=[address_of(request)],
    )
    try:
        message.send()
    except (SMTPException, OSError) as error:
        # Without its cause: what a mail server says holds the address.
        raise MailNotSentError(type(error).__name__) from None
