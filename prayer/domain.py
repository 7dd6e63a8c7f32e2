"""The doors to prayer requests. One door, one transaction; what the requester does is in ``requester``,
'I prayed' in ``praying``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from core.link_secrets import digest_of
from core.rate_limits import Limit, TooManyRequestsError, count
from members.models import Member
from tenants.context import current_church

from . import signals, telling, urgency, visibility
from .links import secret_of
from .models import VISITORS, PrayerRequest, PrayerUpdate
from .values import LONGEST_TITLE, cleaned, text, title_of
from .wall_settings import urgent_words

# More than that from one place is marked; the pages refuse more than that by far.
MANY = Limit("prayer-many", 3, 10 * 60)
Priority, Status, Moderation = PrayerRequest.Priority, PrayerRequest.Status, PrayerRequest.Moderation
# Of who asked: under these names the doors take it, in these columns it stands.
REQUESTER = {"member": "requester", "name": "guest_name", "email": "guest_email"}
CHANGEABLE = frozenset(
    {
        "title", "description", "category", "priority", "status", "moderation", "is_anonymous", "is_public",
        "assigned_to", "testimony", "testimony_is_public", "wants_mail", *REQUESTER,
    }
)  # fmt: skip


@dataclass(frozen=True)
class Submitted:
    """A request that was made, and the secret of its link, which is told once."""

    request: PrayerRequest
    secret: str


def noticed_in(*texts: str) -> list[str]:
    """The urgent flags of texts, with the church's own words."""
    return urgency.flags_of("\n".join(texts), further=urgent_words())


def _comes_in_crowds(sender: str) -> bool:
    if not sender:
        return False
    try:
        count(MANY, f"{current_church().pk} {sender}")
    except TooManyRequestsError:
        return True
    return False


@transaction.atomic
def submit_request(
    *,
    description: str,
    source: str,
    title: str = "",
    name: str = "",
    email: str = "",
    member: Member | None = None,
    is_anonymous: bool = False,
    is_public: bool = True,
    category: str = "",
    priority: str = Priority.NORMAL,
    wants_mail: bool = False,
    assigned_to: User | None = None,
    moderation: str = "",
    sender: str = "",
    user: User | None = None,
) -> Submitted:
    """A new request, from whichever side: the public pages, the widget, the API, the admin.

    ``source`` is one of ``PrayerRequest.Source``. Whatever a visitor sends waits for review. What the
    church itself writes down is published unless ``moderation`` says otherwise. Urgent ones are held in
    either case and the team is told at once. ``sender`` tells from where it comes (an address, a browser);
    many from one place are marked. Raises ValidationError.
    """
    values = cleaned({"title": title, "description": description, "category": category})
    values |= {} if member else cleaned({"name": name, "email": email})
    is_visitor = source in VISITORS
    flags = noticed_in(values["title"], values["description"])
    if flags:
        priority = Priority.URGENT
    elif is_visitor and priority == Priority.URGENT:
        priority = Priority.HIGH
    if _comes_in_crowds(sender):
        flags = [*flags, urgency.MANY_FLAG]
    if is_visitor or priority == Priority.URGENT:
        moderation = Moderation.PENDING
    request = PrayerRequest(
        title=values["title"] or title_of(values["description"])[:LONGEST_TITLE],
        description=values["description"],
        category=values["category"],
        requester=member,
        guest_name=values.get("name"),
        guest_email=values.get("email"),
        priority=priority,
        moderation=moderation or Moderation.PUBLISHED,
        is_anonymous=is_anonymous,
        is_public=is_public,
        wants_mail=wants_mail,
        flags=flags,
        source=source,
        assigned_to=_assignable(assigned_to),
    )
    secret = secret_of(request)
    request.secret_digest = digest_of(secret)
    _note_times(request)
    request.save(force_insert=True)
    signals.prayer_requested.send(sender=PrayerRequest, request=request)
    _tell_of_new(request, by=user)
    return Submitted(request, secret)


def _tell_of_new(request: PrayerRequest, *, by: User | None) -> None:
    if request.is_urgent:
        telling.tell_team(telling.URGENT, request)
    elif request.moderation == Moderation.PENDING:
        telling.tell_team(telling.WAITING, request)
    if request.assigned_to and request.assigned_to != by:
        telling.tell_team(telling.ASSIGNED, request, [request.assigned_to])
    telling.mail_requester(request, "received")


def _assignable(user: User | None) -> User | None:
    """``user``, if they read every request. Raises ValidationError."""
    if user is not None and not (user.is_active and user.has_permission(visibility.WRITE)):
        raise ValidationError({"assigned_to": _("This user may not work with prayer requests.")})
    return user


def _note_times(request: PrayerRequest) -> None:
    """When it was first published, and when it was answered; derived from the states."""
    now = timezone.now()
    if request.moderation == Moderation.PUBLISHED and request.published_at is None:
        request.published_at = now
    if request.status == Status.ANSWERED:
        request.answered_at = request.answered_at or now
    elif request.status == Status.ACTIVE:
        request.answered_at = None


def _demand_consent(locked: PrayerRequest, values: dict[str, Any], user: User) -> None:
    """What only whoever asked may decide. Raises ValidationError, PermissionDenied."""
    errors = {}
    if locked.withdrawn_at is not None and (
        values.get("status", Status.CLOSED) != Status.CLOSED
        or values.get("moderation", Moderation.HIDDEN) == Moderation.PUBLISHED
        or values.get("is_public")
    ):
        errors["status"] = _("Whoever asked has withdrawn this request.")
    by_visitor = locked.source in VISITORS
    if values.get("is_public") and not locked.is_public and by_visitor:
        errors["is_public"] = _("Whoever asked did not want this on the prayer wall.")
    if locked.is_anonymous and values.get("is_anonymous") is False:
        if by_visitor:
            errors["is_anonymous"] = _("Whoever asked wants to stay anonymous.")
        elif not user.has_permission(visibility.CONFIDENTIAL):
            raise PermissionDenied
    if errors:
        raise ValidationError(errors)


def _reviewed(locked: PrayerRequest, values: dict[str, Any]) -> dict[str, Any]:
    """``values`` with what follows from them for review and priority: what is urgent is not published.

    Publishing an urgent one says that somebody has looked, so it is urgent no more.
    """
    publishes = values.get("moderation", locked.moderation) == Moderation.PUBLISHED
    if not publishes or values.get("priority", locked.priority) != Priority.URGENT:
        return values
    if "moderation" not in values:
        return {**values, "moderation": Moderation.PENDING}
    if "priority" in values and (
        values["priority"] != locked.priority or locked.moderation == Moderation.PUBLISHED
    ):
        raise ValidationError({"priority": _("An urgent request cannot be published.")})
    return {**values, "priority": Priority.HIGH}


@transaction.atomic
def change_request(*, request: PrayerRequest, user: User, **values: Any) -> PrayerRequest:
    """Changes what is given, out of ``CHANGEABLE``, and tells those whom it concerns.

    Of an anonymous request who asked is neither shown to nor changed by those without
    ``members:confidential``; what they send of it is left aside, so that their form does not empty what
    they do not see. Raises ValidationError, PermissionDenied and PrayerRequest.DoesNotExist.
    """
    if unknown := values.keys() - CHANGEABLE:
        raise ValidationError({name: _("There is no such field.") for name in unknown})
    locked = PrayerRequest.objects.select_for_update(of=("self",)).select_related("requester")
    stored = locked.get(pk=request.pk)
    if not visibility.may_know_name(user, stored):
        values = {name: value for name, value in values.items() if name not in REQUESTER}
    _demand_consent(stored, values, user)
    values = _reviewed(stored, cleaned(values))
    before = {name: getattr(stored, name) for name in ("status", "priority", "assigned_to_id")}
    if "assigned_to" in values:
        values["assigned_to"] = _assignable(values["assigned_to"])
    for name, value in values.items():
        setattr(stored, REQUESTER.get(name, name), value)
    if stored.requester_id:
        stored.guest_name = stored.guest_email = None
    stored.title = stored.title or title_of(stored.description)
    _note_times(stored)
    stored.save()
    _tell_of_change(stored, before, by=user)
    return stored


def _tell_of_change(request: PrayerRequest, before: dict[str, Any], *, by: User) -> None:
    if request.is_urgent and before["priority"] != Priority.URGENT:
        telling.tell_team(telling.URGENT, request)
    if request.status == Status.ANSWERED and before["status"] != Status.ANSWERED:
        signals.prayer_answered.send(sender=PrayerRequest, request=request)
        telling.mail_requester(request, "answered")
    assigned = request.assigned_to
    if assigned and assigned.pk not in {before["assigned_to_id"], by.pk}:
        telling.tell_team(telling.ASSIGNED, request, [assigned])


@transaction.atomic
def remove_request(*, request: PrayerRequest) -> None:
    """Deletes a request with its updates and prayers. Raises PrayerRequest.DoesNotExist."""
    PrayerRequest.objects.select_for_update().get(pk=request.pk).delete()


@transaction.atomic
def add_update(
    *, request: PrayerRequest, user: User, update_text: str, audience: str = PrayerUpdate.Audience.INTERNAL
) -> PrayerUpdate:
    """Writes an update. One that the requester may read is mailed to them.

    Raises ValidationError (``update_text``, ``audience``) and PrayerRequest.DoesNotExist.
    """
    _demand_audience(user, audience)
    locked = PrayerRequest.objects.select_for_update().get(pk=request.pk)
    clean = text("update_text", update_text, required=True)
    update = PrayerUpdate.objects.create(
        prayer_request=locked, update_text=clean, audience=audience, created_by=user
    )
    if audience in {PrayerUpdate.Audience.PUBLIC, PrayerUpdate.Audience.REQUESTER}:
        telling.mail_requester(locked, "update", update=update)
    return update


@transaction.atomic
def change_audience(*, update: PrayerUpdate, user: User, audience: str) -> PrayerUpdate:
    """Says anew who reads an update: puts on the wall what the requester wrote, or takes it off.

    Raises ValidationError (``audience``) and PrayerUpdate.DoesNotExist.
    """
    _demand_audience(user, audience)
    locked = PrayerUpdate.objects.select_for_update().get(pk=update.pk)
    _demand_audience(user, locked.audience)
    locked.audience = audience
    locked.save()
    return locked


def _demand_audience(user: User, audience: str) -> None:
    if audience not in visibility.audiences_for(user):
        raise ValidationError({"audience": _("You cannot write for these readers.")})
