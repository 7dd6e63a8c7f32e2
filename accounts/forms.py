"""Forms of the pages on which people sign in and set passwords."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.forms import AuthenticationForm

from core.network import client_address
from core.rate_limits import TooManyRequestsError

from . import domain


class SignInForm(AuthenticationForm):
    """Sign-in of both admin sites, through the same door and limits as the API's."""

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
        except domain.WrongCredentialsError as error:
            raise ValidationError(_("Email or password is wrong."), code="invalid_login") from error
        except TooManyRequestsError as error:
            raise ValidationError(
                _("Too many attempts. Try again in %(minutes)d minutes."),
                code="too_many",
                params={"minutes": -(-error.retry_after // 60)},
            ) from error
        return self.cleaned_data


class NewPasswordForm(forms.Form):
    password = forms.CharField(
        label=_("New password"),
        min_length=10,
        max_length=1024,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least ten characters."),
    )
