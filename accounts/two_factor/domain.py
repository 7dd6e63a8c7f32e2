"""The doors of the second factor: setting it up, using it, switching it off. One door, one transaction.

Whoever would change one's own proves that it is them by password and code: an unlocked computer is
not enough. Tries are counted before anything is looked at, and so exactly.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import domain, tasks
from accounts.models import TwoFactor, User
from accounts.sessions import domain as sessions
from core.network import address_bucket
from core.rate_limits import Limit, count, forget, give_back
from tenants.context import current_church_or_none
from tenants.tasks import enqueue

from . import challenges, codes

CODES_BY_USER = Limit("two-factor-user", 5, 15 * 60)
CODES_BY_ADDRESS = Limit("two-factor-address", 100, 15 * 60)
# How long a set-up that was begun waits for its first code.
SET_UP_LIFETIME = timedelta(minutes=30)


class WrongCodeError(Exception):
    """The code is wrong or was used, or the challenge is worth nothing here; which, stays untold."""


def finish_sign_in(*, challenge: str, code: str, address: str) -> User:
    """The user whose password was right before, if the code is too. Raises WrongCodeError and
    TooManyRequestsError.

    Only who holds a good challenge can use up an account's tries; all others use up those of their
    address. A success sets the account's tries back.
    """
    bucket = address_bucket(address)
    try:
        user_id = challenges.user_id_of(challenge)
    except challenges.InvalidChallengeError as error:
        count(CODES_BY_ADDRESS, bucket)
        raise WrongCodeError from error
    count(CODES_BY_USER, str(user_id))
    count(CODES_BY_ADDRESS, bucket)
    with transaction.atomic():
        users = User.objects.here().active().filter(pk=user_id)
        factor = _locked(user__in=users).exclude(confirmed_at=None).first()
        if factor is None or not challenges.is_for(challenge, factor) or not _takes(factor, code):
            raise WrongCodeError
        domain.note_sign_in(user=factor.user)
    forget(CODES_BY_USER, str(user_id))
    give_back(CODES_BY_ADDRESS, bucket)
    return factor.user


def begin_set_up(*, user: User, password: str) -> TwoFactor:
    """A new secret for ``user``, which asks for nothing until ``confirm``. Raises ValidationError
    (``password``) and TooManyRequestsError.
    """
    domain.check_own_password(user=user, password=password)
    with transaction.atomic():
        # Whoever begins twice at once waits here.
        owner = User.objects.here().select_for_update().get(pk=user.pk)
        factor = _locked(user=owner).first() or TwoFactor(user=owner)
        if factor.confirmed_at is not None:
            raise ValidationError({"password": _("Two-factor sign-in is on already.")})
        factor.secret = codes.new_secret()
        factor.begun_at = timezone.now()
        factor.save()
    return factor


def being_set_up(user: User) -> TwoFactor | None:
    """What ``user`` has begun to set up and not yet confirmed."""
    since = timezone.now() - SET_UP_LIFETIME
    return TwoFactor.objects.filter(user=user, confirmed_at=None, begun_at__gt=since).first()


def address_for_app(factor: TwoFactor) -> str:
    """What an authenticator app reads, as an address: the secret, the church and whose it is."""
    church = current_church_or_none()
    issuer = church.name if church else str(settings.UNFOLD_PLATFORM["SITE_TITLE"])
    return codes.address_for_app(factor.secret, account=factor.user.email, issuer=issuer)


def confirm(*, user: User, code: str) -> list[str]:
    """Switches on what was begun, for who shows by a first code that their app has it. Answers the
    recovery codes, which nobody can read again.

    Signs the user out everywhere but here. Raises ValidationError (``code``), TooManyRequestsError.
    """
    count(CODES_BY_USER, str(user.pk))
    with transaction.atomic():
        pending = being_set_up(user)
        factor = _locked(pk=pending.pk, confirmed_at=None).first() if pending else None
        if factor is None:
            raise ValidationError({"code": _("Begin the set-up first.")})
        step = codes.step_of(factor.secret, code, after=factor.last_step)
        if step is None:
            raise _not_valid()
        factor.last_step = step
        factor.confirmed_at = timezone.now()
        fresh = _give_new_codes(factor)
        sessions.end_all(user=user, keep=user.present_session)
        _tell_by_mail(user, "on")
    forget(CODES_BY_USER, str(user.pk))
    return fresh


def renew_recovery_codes(*, user: User, password: str, code: str) -> list[str]:
    """New recovery codes; the old ones are worth nothing any more. Raises ValidationError
    (``password``, ``code``) and TooManyRequestsError.
    """
    with transaction.atomic():
        fresh = _give_new_codes(_proven(user, password, code))
        _tell_by_mail(user, "codes")
    return fresh


def switch_off(*, user: User, password: str, code: str) -> None:
    """Lets ``user`` sign in by password alone again. Raises ValidationError (``password``, ``code``)
    and TooManyRequestsError. Whose role must have a second factor is asked to set up another.
    """
    with transaction.atomic():
        _proven(user, password, code).delete()
        _tell_by_mail(user, "off")


@transaction.atomic
def reset(*, user: User, by: User | None) -> None:
    """Takes the second factor from somebody who has lost theirs, and signs them out everywhere.

    ``by`` is the administrator who does it (None: the operator). Raises ValidationError for one's own,
    which takes password and code.
    """
    if by is not None and by.pk == user.pk:
        raise ValidationError(
            {"two_factor": _("Your own you switch off by password and code, on “Two-factor sign-in”.")}
        )
    factor = _locked(user=user).first()
    if factor is None:
        return
    factor.delete()
    sessions.end_all(user=user)
    _tell_by_mail(user, "off")


def _tell_by_mail(user: User, what: str) -> None:
    """Queues the mail by which ``user`` learns of it who did not do it. The platform's superusers, for
    whom no church's job works, see it on their page.
    """
    if current_church_or_none() is not None:
        enqueue(tasks.mail_two_factor_change, user_id=str(user.pk), what=what)


def _locked(**wanted: Any) -> Any:
    return TwoFactor.objects.select_for_update(of=("self",)).select_related("user").filter(**wanted)


def _takes(factor: TwoFactor, code: str) -> bool:
    """Whether the locked ``factor`` accepts ``code``, by time or for recovery; it is used up by that."""
    step = codes.step_of(factor.secret, code, after=factor.last_step)
    if step is not None:
        factor.last_step = step
        factor.save(update_fields=["last_step", "updated_at"])
        return True
    used = codes.matching_digest(factor.secret, code, factor.recovery_digests)
    if used is None:
        return False
    factor.recovery_digests = [digest for digest in factor.recovery_digests if digest != used]
    factor.save(update_fields=["recovery_digests", "updated_at"])
    return True


def _proven(user: User, password: str, code: str) -> TwoFactor:
    """The user's locked second factor, for who has both password and code."""
    domain.check_own_password(user=user, password=password)
    count(CODES_BY_USER, str(user.pk))
    factor = _locked(user=user).exclude(confirmed_at=None).first()
    if factor is None:
        raise ValidationError({"code": _("Two-factor sign-in is not on.")})
    if not _takes(factor, code):
        raise _not_valid()
    forget(CODES_BY_USER, str(user.pk))
    return factor


def _give_new_codes(factor: TwoFactor) -> list[str]:
    fresh = codes.new_recovery_codes()
    factor.recovery_digests = [codes.digest(factor.secret, code) for code in fresh]
    factor.save()
    return fresh


def _not_valid() -> ValidationError:
    return ValidationError({"code": _("This code is not valid. Wait for the next one.")})
