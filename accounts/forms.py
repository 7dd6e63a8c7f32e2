"""Forms of the pages on which people sign in, set passwords and manage users."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.forms import AuthenticationForm
from unfold.widgets import UnfoldAdminEmailInputWidget, UnfoldAdminPasswordWidget

from core.network import client_address
from core.rate_limits import TooManyRequestsError
from tenants.sites import SignInGoesOn

from . import domain
from .models import User
from .two_factor import second_step


def too_many(error: TooManyRequestsError) -> ValidationError:
    """What a form says when a limit is used up."""
    return ValidationError(
        _("Too many attempts. Try again in %(minutes)d minutes."),
        code="too_many",
        params={"minutes": -(-error.retry_after // 60)},
    )


class SignInForm(AuthenticationForm):
    """Sign-in of both admin sites, through the same door and limits as the API's."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].widget.attrs.update({"autocomplete": "username", "inputmode": "email"})

    def clean(self) -> dict[str, Any]:
        email = self.cleaned_data.get("username")
        password = self.cleaned_data.get("password")
        if not email or not password:
            return self.cleaned_data
        try:
            self.user_cache = domain.sign_in(
                email=email,
                password=password,
                address=client_address(self.request),
                request=self.request,
            )
        except domain.SecondStepRequiredError as step:
            raise SignInGoesOn(second_step.begin(self.request, step.challenge)) from step
        except domain.WrongCredentialsError as error:
            raise ValidationError(_("Email or password is wrong."), code="invalid_login") from error
        except TooManyRequestsError as error:
            raise too_many(error) from error
        return self.cleaned_data


def _password_field(label: Any, *, autocomplete: str, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=1024,
        strip=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": autocomplete}),
        help_text=help_text,
    )


class NewPasswordForm(forms.Form):
    """A password, typed twice."""

    password = _password_field(
        _("New password"), autocomplete="new-password", help_text=_("At least ten characters.")
    )
    again = _password_field(_("New password again"), autocomplete="new-password")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if "password" in values and "again" in values and values["password"] != values["again"]:
            self.add_error("again", _("The two passwords differ."))
        return values


class OwnPasswordForm(NewPasswordForm):
    """A new password of one's own, for who knows the present one. Validating it changes it."""

    current = _password_field(_("Present password"), autocomplete="current-password")
    field_order = ("current", "password", "again")

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        if self.errors:
            return values
        try:
            self.user = domain.change_password(
                user=self.user, current=values["current"], password=values["password"]
            )
        except TooManyRequestsError as error:
            raise too_many(error) from error
        return values

    def save(self) -> User:
        return self.user


class ForgottenPasswordForm(forms.Form):
    """The address to which a link is sent, if somebody signs in with it."""

    email = forms.EmailField(
        label=_("Email"),
        max_length=255,
        widget=UnfoldAdminEmailInputWidget(attrs={"autocomplete": "username"}),
    )
