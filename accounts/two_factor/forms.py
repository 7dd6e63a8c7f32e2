"""Forms of the pages of the second factor, and its entry on the page of the church's settings."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminPasswordWidget,
    UnfoldAdminTextInputWidget,
)

from accounts.permissions import Role


class RolesWidget(UnfoldAdminCheckboxSelectMultipleWidget):
    """Boxes to tick, one for each role, told together as a group."""

    use_fieldset = True


def requirement_field() -> forms.Field:
    """The roles whose people must use two-factor sign-in."""
    return forms.MultipleChoiceField(
        label=_("Who must use two-factor sign-in"),
        choices=Role.choices,
        required=False,
        widget=RolesWidget,
        help_text=_(
            "At their next page they are asked to set it up. Programs that sign in with their name are "
            "refused until then."
        ),
    )


def _code_field(**attributes: str) -> forms.CharField:
    return forms.CharField(
        label=_("Code"),
        max_length=40,
        widget=UnfoldAdminTextInputWidget(
            attrs={
                "autocomplete": "one-time-code",
                "autocapitalize": "none",
                "spellcheck": "false",
                **attributes,
            }
        ),
    )


class PresentPasswordForm(forms.Form):
    """One's present password, before a set-up begins."""

    password = forms.CharField(
        label=_("Present password"),
        max_length=1024,
        strip=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "current-password"}),
    )


class CodeForm(forms.Form):
    """The code that an app shows."""

    code = _code_field(inputmode="numeric")


class SecondStepForm(forms.Form):
    """The code that an app shows, or one from paper."""

    code = _code_field(autofocus="autofocus")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].help_text = _(
            "The six digits that your app shows, or one of your recovery codes."
        )


class ProofForm(PresentPasswordForm, SecondStepForm):
    """Password and code: it is really the account's owner."""

    field_order = ("password", "code")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["code"].widget.attrs["autofocus"]
