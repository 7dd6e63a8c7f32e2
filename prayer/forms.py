"""The forms that visitors fill in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import TRAP, RefusableForm, TrappedForm

from . import values
from .models import PrayerRequest

CATEGORY_NAMES = {
    "healing": _("Healing"),
    "family": _("Family"),
    "guidance": _("Guidance"),
    "grief": _("Grief"),
    "work": _("Work and study"),
    "faith": _("Faith"),
    "thanks": _("Thanks"),
    "other": _("Something else"),
}


def category_name(category: str) -> str:
    """The category in the language of the page; one that the church made up itself, as it is."""
    return str(CATEGORY_NAMES.get(category) or category.capitalize())


class AskForm(TrappedForm, RefusableForm):
    """Asks for prayer."""

    description = forms.CharField(
        label=_("What may we pray for?"),
        max_length=values.LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 7}),
    )
    category = forms.ChoiceField(
        label=_("About"),
        required=False,
        choices=[("", "—"), *((name, CATEGORY_NAMES[name]) for name in PrayerRequest.SUGGESTED_CATEGORIES)],
    )
    name = forms.CharField(
        label=_("Your name"),
        required=False,
        max_length=values.LONGEST_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label=_("Your email"),
        required=False,
        max_length=values.LONGEST_EMAIL,
        help_text=_("For your link, and for what we write to you. It is never shown."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    is_anonymous = forms.BooleanField(
        label=_("Stay anonymous"),
        required=False,
        help_text=_("Only the pastors and administrators can see your name and email, and nobody else."),
    )
    is_public = forms.BooleanField(
        label=_("It may stand on the prayer wall"),
        required=False,
        initial=True,
        help_text=_("With your first name, unless you stay anonymous. Otherwise only our team prays."),
    )
    wants_mail = forms.BooleanField(
        label=_("Tell me when somebody has prayed"),
        required=False,
        help_text=_("At most one mail a day."),
    )

    def wishes(self) -> dict[str, Any]:
        """What was filled in, as ``domain.submit_request`` takes it."""
        return {name: value for name, value in self.cleaned_data.items() if name != TRAP}


class WriteAgainForm(RefusableForm):
    """An update by the requester."""

    update_text = forms.CharField(
        label=_("Write to us"),
        max_length=values.LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
