"""The doors through which users change and sign in. One door, one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from core.network import address_bucket
from core.rate_limits import Limit, count, forget, give_back
from tenants.context import current_church, current_church_or_none, enter_church, outside_churches
from tenants.domain import note_activity, provision_church
from tenants.models import Church
from tenants.tasks import enqueue

from . import links, signals, tasks
from .models import User
from .permissions import Role
from .querysets import normalized_email
from .sessions import domain as sessions
from .two_factor.challenges import challenge_for

LOGIN_BY_ACCOUNT_AND_ADDRESS = Limit("login-account-address", 5, 15 * 60)
LOGIN_BY_ACCOUNT = Limit("login-account", 20, 15 * 60)
LOGIN_BY_ADDRESS = Limit("login-address", 100, 15 * 60)
RESETS_BY_ACCOUNT = Limit("reset-account", 3, 15 * 60)
PASSWORDS_BY_USER = Limit("present-password", 5, 15 * 60)


class WrongCredentialsError(Exception):
    """Unknown address, wrong password or an account that is switched off; which, stays untold."""


class SecondStepRequiredError(Exception):
    """The password is right, and a code is asked for besides: the sign-in goes on with ``challenge``."""

    def __init__(self, challenge: str) -> None:
        super().__init__("A code is asked for besides the password.")
        self.challenge = challenge


class LastAdministratorError(Exception):
    """The church would be left without anybody who can manage it."""


def _account_key(email: str) -> str:
    # By id, not by host: a church's other host names do not give further attempts.
    church = current_church_or_none()
    return f"{church.id if church else 'platform'}|{normalized_email(email)}"


def sign_in(*, email: str, password: str, address: str, request: Any = None) -> User:
    """The user, if the password is right. Raises WrongCredentialsError, TooManyRequestsError, and
    SecondStepRequiredError for who has a second factor; ``two_factor.domain.finish_sign_in`` goes on.

    Attempts are counted before the password is looked at, the narrowest limit first: what that one
    refuses must not use up the account's limit for everybody else. A success sets the account's
    counters back and returns its own attempt to the address.
    """
    account, bucket = _account_key(email), address_bucket(address)
    count(LOGIN_BY_ACCOUNT_AND_ADDRESS, f"{account}|{bucket}")
    count(LOGIN_BY_ACCOUNT, account)
    count(LOGIN_BY_ADDRESS, bucket)
    user = authenticate(request, email=email, password=password)
    if not isinstance(user, User):
        raise WrongCredentialsError
    forget(LOGIN_BY_ACCOUNT_AND_ADDRESS, f"{account}|{bucket}")
    forget(LOGIN_BY_ACCOUNT, account)
    give_back(LOGIN_BY_ADDRESS, bucket)
    if user.has_second_factor:
        raise SecondStepRequiredError(challenge_for(user.two_factor))
    note_sign_in(user=user)
    return user


def note_sign_in(*, user: User) -> None:
    """Remembers that ``user`` has signed in, with every step that it takes."""
    User.objects.filter(pk=user.pk).update(last_login=timezone.now())
    if church := current_church_or_none():
        note_activity(church=church)


def check_own_password(*, user: User, password: str) -> None:
    """Raises ValidationError (``password``) unless it is the user's present one, and
    TooManyRequestsError: an unlocked computer is no place to try passwords.
    """
    count(PASSWORDS_BY_USER, str(user.pk))
    present: User = User.objects.here().get(pk=user.pk)
    if not present.check_password(password):
        raise ValidationError({"password": _("This is not your present password.")})
    forget(PASSWORDS_BY_USER, str(user.pk))


def _validated(user: User) -> User:
    user.email = normalized_email(user.email)
    user.full_clean(exclude=["password", "tenant"], validate_constraints=False)
    taken = User.objects.here().with_email(user.email).exclude(pk=user.pk)
    if taken.exists():
        raise ValidationError({"email": _("Somebody with this email address exists already.")})
    return user


@contextmanager
def _address_is_free() -> Iterator[None]:
    """Around saving: of two who take an address at once, the second gets ValidationError."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if "tenant_users_email_once" not in str(error):
            raise
        raise ValidationError({"email": _("Somebody with this email address exists already.")}) from error


@transaction.atomic
def create_user(
    *,
    email: str,
    role: str,
    first_name: str = "",
    last_name: str = "",
    password: str | None = None,
    is_active: bool = True,
) -> User:
    """A new user of the church that was entered. Raises ValidationError.

    Without a password the account waits for its invitation link (``invite`` mails one).
    """
    church = current_church()
    user = User(
        tenant=church,
        email=email,
        role=role,
        first_name=first_name,
        last_name=last_name,
        is_active=is_active,
    )
    _validated(user)
    if password is not None:
        try:
            validate_password(password, user)
        except ValidationError as error:
            raise ValidationError({"password": error.messages}) from error
    user.set_password(password)
    with _address_is_free():
        user.save(force_insert=True)
    signals.user_joined.send(sender=User, user=user)
    return user


def open_church(
    *,
    name: str,
    subdomain: str,
    admin_email: str,
    admin_password: str | None = None,
    mail_invitation: bool = False,
    **church_values: Any,
) -> tuple[Church, User]:
    """A new church and its first administrator, both or neither.

    ``church_values`` are ``plan_type``, ``timezone_name``, ``language`` and ``country`` of
    ``tenants.domain.provision_church``. ``mail_invitation`` queues the mail by which the
    administrator sets a password. Raises ValidationError.
    """
    with outside_churches(), transaction.atomic():
        church = provision_church(name=name, subdomain=subdomain, **church_values)
        with enter_church(church):
            try:
                user = create_user(email=admin_email, role=Role.ADMIN, password=admin_password)
            except ValidationError as error:
                # Told in the words of this door.
                raise ValidationError(
                    {f"admin_{field}": messages for field, messages in error.message_dict.items()}
                ) from error
            if mail_invitation:
                invite(user=user)
    return church, user


def link_for(user: User, purpose: links.Purpose) -> str:
    """The address of the page on which ``user`` sets a password."""
    return f"{current_church().url}/set-password/{links.make_token(user, purpose)}/"


def send_link(*, user: User, purpose: links.Purpose) -> None:
    """Mails ``user`` the link for ``purpose``; called by the job in ``accounts.tasks``."""
    church = current_church()
    subjects = {
        links.INVITATION: _("You have been invited to %(church)s"),
        links.RESET: _("A new password for %(church)s"),
    }
    content = {"user": user, "church": church, "link": link_for(user, purpose)}
    text = render_to_string(f"accounts/mail/{purpose.name}.txt", content)
    EmailMessage(subjects[purpose] % {"church": church.name}, text, to=[user.email]).send()


def invite(*, user: User) -> None:
    """Queues the mail with the link by which ``user`` sets a first password."""
    enqueue(tasks.mail_link, email=user.email, purpose=links.INVITATION.name)


def request_reset(*, email: str, address: str) -> None:
    """Queues a mail with the link to set a new password, if there is such a user.

    The same work is done for every address, so that neither answer nor time tells which exist.
    Raises TooManyRequestsError.
    """
    count(RESETS_BY_ACCOUNT, f"{_account_key(email)}|{address_bucket(address)}")
    enqueue(tasks.mail_link, email=normalized_email(email), purpose=links.RESET.name)


@transaction.atomic
def set_password_by_link(*, token: str, password: str) -> User:
    """Sets the password that a mailed link allows to set; the link, all logins and browser sessions end.
    A second factor stays.

    Raises InvalidLinkError, ValidationError.
    """
    user = links.user_of_token(token, lock=True)
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise ValidationError({"password": error.messages}) from error
    user.set_password(password)
    user.save(update_fields=["password", "updated_at"])
    sessions.end_all(user=user)
    return user


def change_password(*, user: User, current: str, password: str) -> User:
    """Sets a new password for who knows the present one, and signs them out everywhere but here.

    Django ties browser sessions to the password besides, and keeps the one in which it was changed when
    the page asks for that. Raises ValidationError (``current``, ``password``) and TooManyRequestsError.
    """
    count(PASSWORDS_BY_USER, str(user.pk))
    with transaction.atomic():
        locked: User = User.objects.here().select_for_update().get(pk=user.pk)
        if not locked.check_password(current):
            raise ValidationError({"current": _("This is not your present password.")})
        try:
            validate_password(password, locked)
        except ValidationError as error:
            raise ValidationError({"password": error.messages}) from error
        locked.set_password(password)
        locked.save(update_fields=["password", "updated_at"])
        sessions.end_all(user=locked, keep=user.present_session)
    forget(PASSWORDS_BY_USER, str(user.pk))
    return locked


def _lock_administrators_without(user: User) -> None:
    """Raises LastAdministratorError when ``user`` is the only administrator.

    Locks all of them, so that two who demote each other at once do not both succeed.
    """
    administrators = list(User.objects.here().administrators().select_for_update().order_by("pk"))
    if user.pk in {other.pk for other in administrators} and len(administrators) == 1:
        raise LastAdministratorError


@transaction.atomic
def change_user(*, user: User, **changes: Any) -> User:
    """Changes email, names, role or whether the user may sign in. Raises ValidationError and
    LastAdministratorError. Whoever loses a role or access is stopped at the next request.
    """
    allowed = {"email", "first_name", "last_name", "role", "is_active"}
    if unknown := changes.keys() - allowed:
        raise ValidationError({field: _("This cannot be changed.") for field in unknown})
    loses = changes.get("role", Role.ADMIN) != Role.ADMIN or changes.get("is_active") is False
    if loses:
        _lock_administrators_without(user)
    locked: User = User.objects.here().select_for_update().get(pk=user.pk)
    for field, value in changes.items():
        setattr(locked, field, value)
    _validated(locked)
    with _address_is_free():
        locked.save(update_fields=[*changes, "updated_at"])
    if not locked.is_active:
        sessions.end_all(user=locked)
    elif "role" in changes:
        signals.sign_ins_changed.send(sender=User, user=locked)
    return locked


@transaction.atomic
def delete_user(*, user: User) -> None:
    """Removes the user. Raises LastAdministratorError."""
    _lock_administrators_without(user)
    signals.user_removed.send(sender=User, user=user)
    signals.sign_ins_changed.send(sender=User, user=user)
    user.delete()
