"""Where Twilio hands over what people answer, and reports what became of messages: on the platform's host,
for all churches, since they may share one number.
"""

from __future__ import annotations

import re
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from twilio.request_validator import RequestValidator
from twilio.twiml.messaging_response import MessagingResponse

from automation.models import ProviderEvent, Suppression
from automation.provider_events.guarding import MalformedError, RefusedError, webhook
from automation.provider_events.recording import Report, record

from .account import Twilio
from .addresses import platform_url
from .incoming import Incoming, take_in

LARGEST = 64 * 1024
SID = re.compile(r"[A-Z]{2}[0-9a-f]{32}")
NUMBER = re.compile(r"\+[1-9]\d{6,14}")
# What becomes of a message in the end; what Twilio reports before is of no interest.
ENDS = {
    "delivered": ProviderEvent.Kind.DELIVERED,
    "undelivered": ProviderEvent.Kind.BOUNCED,
    "failed": ProviderEvent.Kind.FAILED,
}
# https://www.twilio.com/docs/api/errors: the number is unknown, a landline's, or no number.
NO_NUMBER = {"21211", "21614", "30005", "30006"}
OPTED_OUT = "21610"


def _account_that_signed(request: HttpRequest) -> Twilio:
    """The account, when it signed the request. Raises Http404 where there is none, and RefusedError.

    https://www.twilio.com/docs/usage/security#validating-requests: signed is the address as Twilio knows
    it. Of that what the settings say is right whatever a proxy in front makes of it.
    """
    account: Twilio | None = settings.SMS_ACCOUNT
    if account is None:
        raise Http404
    address = f"{platform_url()}{request.get_full_path()}"
    signature = request.headers.get("X-Twilio-Signature", "")
    if not RequestValidator(account.token).validate(address, request.POST, signature):
        raise RefusedError
    if request.POST.get("AccountSid") != account.account:
        raise RefusedError
    return account


@webhook(largest=LARGEST)
def incoming(request: HttpRequest) -> HttpResponse:
    """Takes a text message that somebody sent to our number."""
    account = _account_that_signed(request)
    given = request.POST
    sid, number = given.get("MessageSid", ""), given.get("From", "")
    if not SID.fullmatch(sid):
        raise MalformedError
    answer = MessagingResponse()
    is_ours = account.sender in {given.get("To"), given.get("MessagingServiceSid")}
    # From a short code, or from another network than the phone's, nobody was written to.
    if is_ours and NUMBER.fullmatch(number):
        text = take_in(
            Incoming(
                sid=sid,
                sender=account.sender,
                number=number,
                text=given.get("Body", ""),
                told=given.get("OptOutType", "").upper(),
            )
        )
        if text:
            answer.message(text)
    return HttpResponse(str(answer), content_type="text/xml; charset=utf-8")


@webhook(largest=LARGEST)
def status(request: HttpRequest) -> HttpResponse:
    """Takes what Twilio reports of a message, to the address that was given along with it."""
    _account_that_signed(request)
    given = request.POST
    sid, state, code = (given.get(name, "") for name in ("MessageSid", "MessageStatus", "ErrorCode"))
    if not SID.fullmatch(sid):
        raise MalformedError
    try:
        church, message = UUID(request.GET.get("church", "")), UUID(request.GET.get("message", ""))
    except ValueError as error:
        raise MalformedError from error
    if kind := ENDS.get(state):
        report = Report(
            event_id=f"twilio:{sid}:{state}",
            kind=kind,
            at=timezone.now(),
            detail=code if code.isdecimal() else "",
            declines=_declines(code),
        )
        record(church_id=church, message_id=message, report=report)
    return HttpResponse()


def _declines(code: str) -> str:
    if code == OPTED_OUT:
        return Suppression.Reason.STOP
    return Suppression.Reason.BOUNCED if code in NO_NUMBER else ""


urlpatterns = [
    path("webhooks/sms/twilio", incoming, name="twilio_incoming"),
    path("webhooks/sms/twilio/status", status, name="twilio_status"),
]
