"""Where the provider of mail reports what became of messages: on the platform's host, for all churches.

django-anymail knows the providers' reports and checks their signatures. The name and password of
MAIL_WEBHOOK_SECRET are asked for always: Amazon's and Postmark's reports have nothing else.
"""

from __future__ import annotations

import warnings
from functools import cache
from typing import Any

from anymail.exceptions import AnymailConfigurationError, AnymailError, AnymailWebhookValidationFailure
from anymail.signals import tracking
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.utils.module_loading import import_string

from .guarding import MalformedError, RefusedError, webhook

LARGEST = 1024 * 1024
# Name in the address -> anymail's module of the provider, what reads the reports, and how its key is named.
PROVIDERS = {
    "ses": ("amazon_ses", "AmazonSESTrackingWebhookView", ""),
    "mailgun": ("mailgun", "MailgunTrackingWebhookView", "webhook_signing_key"),
    "postmark": ("postmark", "PostmarkTrackingWebhookView", ""),
    "sendgrid": ("sendgrid", "SendGridTrackingWebhookView", "tracking_webhook_verification_key"),
}


@webhook(largest=LARGEST)
def mail_report(request: HttpRequest, provider: str) -> HttpResponse:
    """Takes the reports of the provider that sends this installation's mail; there is no other (404)."""
    backend, _view, _key = PROVIDERS.get(provider, ("", "", ""))
    if not settings.MAIL_WEBHOOK_SECRET or not backend or f".{backend}." not in settings.EMAIL_BACKEND:
        raise Http404
    if "Authorization" not in request.headers:
        # Amazon sends name and password only when it is asked.
        raise RefusedError(asks=True)
    reader = _reader(provider, settings.MAIL_WEBHOOK_SECRET, settings.MAIL_WEBHOOK_SIGNING_KEY)
    try:
        reader.run_validators(request)
    except AnymailWebhookValidationFailure:
        raise RefusedError from None
    except (AnymailError, ValueError, TypeError, AttributeError):
        raise MalformedError from None
    for event in _events(reader, request):
        tracking.send(sender=type(reader), event=event, esp_name=reader.esp_name)
    return HttpResponse()


def _events(reader: Any, request: HttpRequest) -> list[Any]:
    try:
        # Also answered so: mail that came in, sent here by a wrong setting at the provider.
        return list(reader.parse_events(request))
    except (AnymailError, AnymailConfigurationError, LookupError, ValueError, TypeError, AttributeError):
        raise MalformedError from None


@cache
def _reader(provider: str, secret: str, key: str) -> Any:
    """anymail's view, of which the parts are called that know the provider."""
    module, name, key_name = PROVIDERS[provider]
    # Not before it is needed: Amazon's library is large.
    view = import_string(f"anymail.webhooks.{module}.{name}")
    options = {"webhook_secret": secret}
    if key and key_name:
        options[key_name] = key
        if not hasattr(view, key_name):
            setattr(view, key_name, None)
    with warnings.catch_warnings():
        # It says of SendGrid that its own maintainers have no account there to test with.
        warnings.simplefilter("ignore")
        return view(**options)


urlpatterns = [path("webhooks/mail/<slug:provider>", mail_report, name="mail_reports")]
