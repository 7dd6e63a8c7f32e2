"""Asking who is signed in for their password once more, before what cannot be undone."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from core.rate_limits import Limit, count, forget

from .models import User

CONFIRMATIONS_BY_USER = Limit("password-confirmation", 5, 15 * 60)


def confirm_password(*, user: User, password: str) -> None:
    """Raises ValidationError (``password``) unless it is the user's own, and TooManyRequestsError.

    Attempts are counted before the password is looked at: an unlocked computer is no place to try them.
    """
    count(CONFIRMATIONS_BY_USER, str(user.pk))
    if not User.objects.here().get(pk=user.pk).check_password(password):
        raise ValidationError({"password": _("This is not your password.")})
    forget(CONFIRMATIONS_BY_USER, str(user.pk))
