"""The pages of one message to many: preview, confirmation, and calling it off."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from automation.bulk_mail import domain
from automation.bulk_mail.reading import mails_for
from automation.bulk_mail.recipients import Recipients
from automation.models import BulkMail, Channel
from automation.quiet_hours import quiet_hours_of
from automation.sender import reply_to_of
from tenants.context import current_church
from tenants.guarded_pages import GuardedPages

from .presentation import step_name
from .preview_page import preview_page, test_sent
from .shown import demand_people, shown

BOTH = ("GET", "HEAD", "POST")


def _mail(request: HttpRequest, identifier: Any) -> BulkMail:
    demand_people(request)
    return get_object_or_404(mails_for(request.user), pk=identifier)


mail_pages = GuardedPages("mail", _mail)


def _url(page: str, mail: BulkMail) -> str:
    return reverse(f"admin:automation_bulkmail_{page}", args=[mail.pk])


@mail_pages.page("<uuid:mail_id>/preview/", "automation_bulkmail_preview", permission="automation:read")
def preview(request: HttpRequest, mail: BulkMail) -> HttpResponse:
    """How the message looks to somebody."""
    is_draft = mail.status == BulkMail.Status.DRAFT
    return preview_page(
        request,
        mail,
        test_url=_url("test", mail),
        back_url=_url("change", mail),
        next_url=_url("confirm", mail) if is_draft else "",
        is_draft=is_draft,
    )


@mail_pages.page(
    "<uuid:mail_id>/test/", "automation_bulkmail_test", permission="automation:write", methods=["POST"]
)
def test(request: HttpRequest, mail: BulkMail) -> HttpResponse:
    """Sends the message to whoever is signed in."""
    return test_sent(request, mail, preview_url=_url("preview", mail))


@mail_pages.page(
    "<uuid:mail_id>/confirm/", "automation_bulkmail_confirm", permission="automation:write", methods=BOTH
)
def confirm(request: HttpRequest, mail: BulkMail) -> HttpResponse:
    """Says how many people it reaches and who is left out; the button names the number and sends."""
    user: Any = request.user
    if request.method == "POST":
        try:
            expected = int(request.POST.get("expected", ""))
        except ValueError:
            expected = -1
        try:
            domain.confirm(mail=mail, user=user, expected=expected, seen=request.POST.get("seen", ""))
        except ValidationError as refusal:
            for text in refusal.messages:
                messages.error(request, text)
            return HttpResponseRedirect(_url("confirm", mail))
        messages.success(request, _("The message is on its way."))
    elif mail.status == BulkMail.Status.DRAFT:
        return _asked(request, mail)
    return HttpResponseRedirect(_url("change", mail))


def _asked(request: HttpRequest, mail: BulkMail) -> HttpResponse:
    user: Any = request.user
    try:
        recipients = domain.recipients_for(mail, user)
    except ValidationError as refusal:
        for text in refusal.messages:
            messages.error(request, text)
        return HttpResponseRedirect(_url("change", mail))
    quiet = quiet_hours_of(current_church())
    is_quiet = quiet is not None and quiet.cover(timezone.localtime().time())
    return shown(
        request,
        "automation/bulk_mail_confirm.html",
        _("Send it?"),
        among=BulkMail,
        mail=mail,
        name=step_name(mail),
        answers_lost=mail.message_type == Channel.EMAIL and not reply_to_of(current_church()),
        channel=domain.channel_name(mail),
        is_sms=mail.message_type == Channel.SMS,
        recipients=recipients,
        left_out=_left_out(recipients, mail),
        seen=domain.state_of(mail),
        quiet_until=quiet.end if is_quiet and quiet is not None else None,
        verb=ngettext("Send to %(count)d person", "Send to %(count)d people", recipients.reached)
        % {"count": recipients.reached},
        preview_url=_url("preview", mail),
        change_url=_url("change", mail),
    )


def _left_out(recipients: Recipients, mail: BulkMail) -> list[tuple[int, str]]:
    is_email = mail.message_type == Channel.EMAIL
    reasons = [
        (recipients.no_address, _("no email address") if is_email else _("no mobile phone")),
        (recipients.declined, _("declined messages about this")),
        (recipients.same_address, _("shares an address with somebody who gets it")),
        (recipients.gone, _("deceased or archived")),
    ]
    return [(number, reason) for number, reason in reasons if number]


@mail_pages.page(
    "<uuid:mail_id>/call-off/",
    "automation_bulkmail_call_off",
    permission="automation:write",
    methods=["POST"],
)
def call_off(request: HttpRequest, mail: BulkMail) -> HttpResponse:
    """Stops what was not sent yet."""
    try:
        domain.call_off(mail=mail)
    except ValidationError as refusal:
        for text in refusal.messages:
            messages.error(request, text)
    else:
        messages.success(request, _("What was not sent yet is not sent."))
    return HttpResponseRedirect(_url("change", mail))
