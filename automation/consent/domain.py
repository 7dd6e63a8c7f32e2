"""The doors of the list of declined addresses, through which everybody goes: the person's own page, text
messages, what providers report, and the church.
"""

from __future__ import annotations

from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from automation.models import Channel, Suppression, Topic
from core.history import wipe
from core.models import HistoryEntry
from members.phone import normalized_phone
from tenants.context import current_church

from .reading import digest_of_address, normal_address

Reason = Suppression.Reason
# The person's own word, which the church cannot take back for them.
FINAL = frozenset({Reason.COMPLAINED, Reason.STOP})
# Where one address is declined twice, the weightier reason stays.
_WEIGHT = {
    Reason.BY_HAND: 0,
    Reason.BOUNCED: 1,
    Reason.UNSUBSCRIBED: 2,
    Reason.STOP: 3,
    Reason.COMPLAINED: 4,
}  # fmt: skip
LONGEST_ADDRESS = 255


@transaction.atomic
def suppress(
    *, channel: str, address: str, topic: str = "", reason: str, user: User | None = None
) -> Suppression:
    """Sees to it that ``address`` gets nothing more on ``channel`` about ``topic`` (empty: about anything).

    What is declined already stays as it is, but for a weightier reason. ``address`` is taken as it is
    kept of the person; ``add_by_hand`` is for what somebody typed.
    """
    made, is_new = Suppression.objects.get_or_create(
        address_digest=digest_of_address(address),
        channel=channel,
        topic=topic,
        defaults={
            "address": normal_address(address)[:LONGEST_ADDRESS],
            "reason": reason,
            "created_by": user,
        },
    )
    if is_new or (_WEIGHT[Reason(reason)] <= _WEIGHT[Reason(made.reason)] and made.address):
        return made
    locked = Suppression.objects.select_for_update().filter(pk=made.pk).first()
    if locked is None:
        # Lifted in between; what was said last counts.
        return suppress(channel=channel, address=address, topic=topic, reason=reason, user=user)
    if _WEIGHT[Reason(reason)] > _WEIGHT[Reason(locked.reason)]:
        locked.reason = reason
    # Of an erased person there was the digest alone; now the address is known again.
    locked.address = normal_address(address)[:LONGEST_ADDRESS]
    locked.save(update_fields=["reason", "address", "updated_at"])
    return locked


@transaction.atomic
def lift(*, channel: str, address: str, topic: str | None = None) -> int:
    """Lets ``address`` get messages again: what was declined about ``topic`` (empty: about anything), or
    everything where none is given. Returns how many entries were taken away.

    For what the person says themselves; the church lifts by ``lift_by_church``.
    """
    declined = Suppression.objects.filter(channel=channel, address_digest=digest_of_address(address))
    if topic is not None:
        declined = declined.filter(topic=topic)
    # One by one, so that the history tells of each.
    rows = list(declined.select_for_update().order_by("pk"))
    for row in rows:
        row.delete()
    return len(rows)


@transaction.atomic
def add_by_hand(*, channel: str, address: str, topic: str = "", user: User | None = None) -> Suppression:
    """Notes that somebody told the church to leave them alone. Raises ValidationError (``channel``,
    ``address``, ``topic``).
    """
    errors: dict[str, str] = {}
    if channel not in Channel.values:
        errors["channel"] = _("Choose one of: %(choices)s.") % {"choices": ", ".join(Channel.values)}
    if topic and topic not in Topic.values:
        errors["topic"] = _("Choose one of: %(choices)s.") % {"choices": ", ".join(Topic.values)}
    if errors:
        raise ValidationError(errors)
    return suppress(
        channel=channel,
        address=checked_address(channel, address),
        topic=topic,
        reason=Reason.BY_HAND,
        user=user,
    )


def checked_address(channel: str, address: str) -> str:
    """A typed address in the form in which it is kept. Raises ValidationError (``address``)."""
    if channel == Channel.SMS:
        try:
            number = normalized_phone(address, current_church().country)
        except ValidationError as error:
            raise ValidationError({"address": error.messages}) from error
        if not number or ";" in number:
            raise ValidationError({"address": _("Give a number without an extension.")})
        return number
    address = normal_address(address)
    try:
        validate_email(address)
    except ValidationError as error:
        raise ValidationError({"address": error.messages}) from error
    if len(address) > LONGEST_ADDRESS:
        raise ValidationError({"address": _("At most %(most)d characters.") % {"most": LONGEST_ADDRESS}})
    return address


def with_address(typed: str) -> Q:
    """Finds entries by what somebody typed: a part of an address, or all of it, however it is written; also
    of whom only the digest is left.
    """
    found = Q(address__icontains=typed.strip()) | Q(address_digest=digest_of_address(typed))
    try:
        number = normalized_phone(typed, current_church().country)
    except ValidationError:
        return found
    return found | Q(address_digest=digest_of_address(number)) if number else found


def why_final(suppression: Suppression) -> str:
    """Why the church cannot lift this one; empty where it can."""
    match suppression.reason:
        case Reason.COMPLAINED:
            return _(
                "This person reported a message of yours as unwanted. Only they can change that, on the page"
                " behind the link in each of your messages: more messages would harm the church’s good name"
                " with every mail provider."
            )
        case Reason.STOP:
            return _(
                "This person answered STOP, and the phone company holds messages back too. Only they can"
                " change that, with a text message START to your number."
            )
    return ""


@transaction.atomic
def lift_by_church(*, suppression: Suppression) -> None:
    """Takes one entry away. Raises ValidationError where only the person can, and
    Suppression.DoesNotExist where it is gone.
    """
    locked = Suppression.objects.select_for_update().get(pk=suppression.pk)
    if reason := why_final(locked):
        raise ValidationError(reason)
    locked.delete()


@transaction.atomic
def forget_addresses(addresses: Collection[str]) -> None:
    """Leaves of what was declined for these addresses the digests alone, so that the wish still counts."""
    digests = {digest_of_address(address) for address in addresses if address}
    rows = Suppression.objects.filter(address_digest__in=digests)
    ids = list(rows.values_list("pk", flat=True))
    rows.update(address="")
    wipe(HistoryEntry.objects.filter(about__in=ids))
    # Of those that were lifted since, the history alone still tells.
    typed = {normal_address(address) for address in addresses if address}
    kind = Suppression._meta.label_lower
    wipe(HistoryEntry.objects.filter(kind=kind, object_repr__in=typed))
