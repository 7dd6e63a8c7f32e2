"""From whom a church's messages come, and where answers to them go: ``sender_name`` and ``reply_to`` of a
church's settings.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminEmailInputWidget, UnfoldAdminTextInputWidget

from tenants.church_settings import register_entry
from tenants.models import Church

SENDER_NAME, REPLY_TO = "sender_name", "reply_to"
LONGEST_NAME, LONGEST_ADDRESS = 100, 254


def sender_name_of(church: Church) -> str:
    """The name that stands beside the sender's address."""
    return str(church.settings.get(SENDER_NAME) or church.name)


def reply_to_of(church: Church) -> str:
    """The address that answers go to; empty where the church has named none."""
    return str(church.settings.get(REPLY_TO) or "")


def validate_sender_name(value: Any) -> None:
    """Raises ValidationError unless ``value`` is one line of text, or empty."""
    if not isinstance(value, str) or len(value) > LONGEST_NAME or not value.isprintable():
        raise ValidationError(_("One line of at most %(most)d characters."), params={"most": LONGEST_NAME})


def validate_reply_to(value: Any) -> None:
    """Raises ValidationError unless ``value`` is an email address, or empty."""
    if not isinstance(value, str) or len(value) > LONGEST_ADDRESS:
        raise ValidationError(_("Enter a valid email address."))
    if value:
        validate_email(value)


def sender_name_field() -> forms.Field:
    """The field on the page of settings."""
    return forms.CharField(
        label=gettext_lazy("Sender of messages"),
        required=False,
        max_length=LONGEST_NAME,
        widget=UnfoldAdminTextInputWidget(),
        help_text=gettext_lazy("The name that people see. Empty: the name of your church."),
    )


def reply_to_field() -> forms.Field:
    """The field on the page of settings."""
    return forms.EmailField(
        label=gettext_lazy("Address for answers"),
        required=False,
        max_length=LONGEST_ADDRESS,
        widget=UnfoldAdminEmailInputWidget(),
        help_text=gettext_lazy("Where answers to messages go. Empty: they reach nobody."),
    )


def register() -> None:
    """Names the two entries; called once when the program starts."""
    register_entry(SENDER_NAME, validate_sender_name, form_field=sender_name_field)
    register_entry(REPLY_TO, validate_reply_to, form_field=reply_to_field)
