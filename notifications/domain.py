"""The doors through which users are told something, and say what they have read and want to be told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from tenants import due
from tenants.context import current_church
from tenants.models import Church
from tenants.sockets import tell_processes

from . import digest
from .kinds import Kind, kinds, kinds_for
from .models import Choice, Notification, NotificationCounter, NotificationPreference

# What somebody has read, or was mailed, is kept this long.
READ_KEPT = timedelta(days=90)
# The event by which streams learn that there is something to read. Users are ids; None: everybody.
CHANGED = "notifications.changed"
# So many ids are well below what one event may hold.
USERS_IN_EVENT = 150


@transaction.atomic
def notify(
    *, kind: str, users: Iterable[User], data: dict[str, Any] | None = None, url: str = ""
) -> list[Notification]:
    """Tells ``users`` one fact, each once; who may not know of it, wants not to, or is switched off, is
    left out. Who wants mail gets it in tomorrow's.

    ``data`` must hold JSON's types and nothing confidential; ``url`` is a path on the church's host.
    Raises KeyError for a kind that no room has named. Costs the same few statements for any number.
    """
    known = kinds[kind]
    wanted = {user.pk: user for user in users if user.is_active and known.is_for(user)}
    choices = _choices(known, wanted)
    told = [pk for pk in sorted(wanted) if choices.get(pk) != Choice.OFF]
    numbers = _next_numbers(told)
    made = Notification.objects.bulk_create(
        Notification(
            user=wanted[pk],
            number=numbers[pk],
            kind=kind,
            data=data or {},
            url=url,
            by_mail=choices.get(pk) == Choice.DIGEST,
        )
        for pk in told
    )
    if any(notification.by_mail for notification in made):
        due.plan(digest.NAME, digest.next_mail_after(timezone.now()))
    tell_streams([notification.user_id for notification in made if not notification.by_mail])
    return made


def _choices(kind: Kind, users: Mapping[UUID, User]) -> dict[UUID, str]:
    """What those of ``users`` chose who chose anything; for an urgent kind that does not count."""
    if kind.is_urgent or not users:
        return {}
    chosen = NotificationPreference.objects.filter(kind=kind.name, user__in=list(users))
    return dict(chosen.values_list("user_id", "choice"))


def _next_numbers(users: list[UUID]) -> dict[UUID, int]:
    """The next number of each. Their counters stay locked until the commit, so that numbers come to
    light in their order; they are locked in the order of their keys, so that nobody waits in a circle.
    """
    if not users:
        return {}
    counters = NotificationCounter.objects.filter(user__in=users)
    locked = dict(counters.select_for_update().order_by("user").values_list("user_id", "newest"))
    if missing := [pk for pk in users if pk not in locked]:
        NotificationCounter.objects.bulk_create(
            [NotificationCounter(user_id=pk) for pk in missing], ignore_conflicts=True
        )
        locked = dict(counters.select_for_update().order_by("user").values_list("user_id", "newest"))
    counters.update(newest=F("newest") + 1)
    return {pk: newest + 1 for pk, newest in locked.items()}


def tell_streams(users: list[UUID]) -> None:
    """Lets the open streams of ``users`` look at the commit what is new, and whether their sign-in still
    stands.
    """
    church = str(current_church().pk)
    for start in range(0, len(users), USERS_IN_EVENT):
        some = [str(pk) for pk in users[start : start + USERS_IN_EVENT]]
        tell_processes({"type": CHANGED, "church": church, "users": some})


def users_with(permission: str) -> list[User]:
    """The church's active users whose role allows ``"area:action"``."""
    return [user for user in User.objects.here().active() if user.has_permission(permission)]


def unread_count(user: User) -> int:
    """How many notifications ``user`` has not read."""
    return Notification.objects.shown_to(user).unread().count()


@transaction.atomic
def mark_read(*, user: User, notification_id: UUID) -> Notification:
    """Notes that ``user`` has read one of their own. Raises Notification.DoesNotExist for any other."""
    locked = Notification.objects.shown_to(user).select_for_update().get(pk=notification_id)
    if locked.read_at is None:
        locked.read_at = timezone.now()
        locked.save(update_fields=["read_at", "updated_at"])
        tell_streams([user.pk])
    return locked


@transaction.atomic
def mark_all_read(*, user: User, up_to: int | None = None) -> int:
    """Notes that ``user`` has read all of their own, or those up to the number ``up_to``, so that what
    came in meanwhile stays unread. Returns how many that were.
    """
    unread = Notification.objects.shown_to(user).unread()
    if up_to is not None:
        unread = unread.filter(number__lte=up_to)
    now = timezone.now()
    changed = unread.update(read_at=now, updated_at=now)
    if changed:
        tell_streams([user.pk])
    return changed


def preferences_of(user: User) -> list[tuple[Kind, str]]:
    """Each kind of which ``user`` may be told, with how they are."""
    chosen = dict(NotificationPreference.objects.filter(user=user).values_list("kind", "choice"))
    return [
        (kind, Choice.IN_APP.value if kind.is_urgent else chosen.get(kind.name, Choice.IN_APP.value))
        for kind in kinds_for(user)
    ]


@transaction.atomic
def set_preferences(*, user: User, choices: Mapping[str, str]) -> None:
    """Says how ``user`` wants to be told of some kinds. Raises ValidationError by kind: for one of which
    they are not told, a choice that there is not, and an urgent one that is not told in the app.
    """
    offered = {kind.name: kind for kind in kinds_for(user)}
    errors = {}
    for name, choice in choices.items():
        if name not in offered:
            errors[name] = _("There is no such kind of notification.")
        elif choice not in Choice.values:
            errors[name] = _("Choose one of: %(choices)s.") % {"choices": ", ".join(Choice.values)}
        elif offered[name].is_urgent and choice != Choice.IN_APP:
            errors[name] = _("Urgent notifications are always shown in the app.")
    if errors:
        raise ValidationError(errors)
    NotificationPreference.objects.bulk_create(
        [NotificationPreference(user=user, kind=name, choice=choices[name]) for name in sorted(choices)],
        update_conflicts=True,
        unique_fields=["user", "kind"],
        update_fields=["choice", "updated_at"],
    )


def set_preference(*, user: User, kind: str, choice: str) -> None:
    """Says how ``user`` wants to be told of one kind. Raises ValidationError, as ``set_preferences``."""
    set_preferences(user=user, choices={kind: choice})


def sign_ins_changed(user: User, **_event: Any) -> None:
    """Lets the user's streams ask at once whether they may go on; receives ``accounts.signals``."""
    if user.tenant_id is not None:
        tell_streams([user.pk])


def church_changed(*, church: Church, **_event: Any) -> None:
    """Lets every stream of the church ask whether it may go on; receives ``church_settings_changed``."""
    tell_processes({"type": CHANGED, "church": str(church.pk), "users": None})


def forget_old(**_event: Any) -> None:
    """Deletes what was read or mailed long ago; receives ``tenants.signals.church_swept``."""
    before = timezone.now() - READ_KEPT
    Notification.objects.filter(Q(read_at__lt=before) | Q(mailed_at__lt=before)).delete()
