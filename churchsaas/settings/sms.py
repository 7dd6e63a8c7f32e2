"""Text messages, and what the providers of text messages and mail report."""

import re

from django.core.exceptions import ImproperlyConfigured

from automation.sms.account import sms_account, sms_price

from .environment import read

SMS_ACCOUNT = sms_account(read("SMS_PROVIDER"))
SMS_PRICE = sms_price(read("SMS_PRICE"))
# "user:password" of HTTP's basic authentication (RFC 7617), as the provider of mail is told to send it.
MAIL_WEBHOOK_SECRET = read("MAIL_WEBHOOK_SECRET")
if MAIL_WEBHOOK_SECRET and not re.fullmatch(r"[!-9;-~]+:[!-~]{16,}", MAIL_WEBHOOK_SECRET):
    raise ImproperlyConfigured(
        "MAIL_WEBHOOK_SECRET is a name and a password of at least 16 characters, like “reports:…”."
    )
MAIL_WEBHOOK_SIGNING_KEY = read("MAIL_WEBHOOK_SIGNING_KEY")
