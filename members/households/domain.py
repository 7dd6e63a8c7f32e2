"""The doors through which households change. One door, one transaction.

Everybody who is in any household has exactly one main one. Whatever touches that locks the people
first, in the order of their ids, and the households after them; imports do the same.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from core.history import not_recorded, record_changed, record_removed
from members.models import Household, HouseholdMembership, Member
from members.phone import normalized_phone
from members.values import normalized_address, normalized_text, one_line
from tenants.context import current_church

from .naming import household_name, normalized_role

ADDRESSES = ("address", "mailing_address")
TEXTS = ("name", "external_key")


class _ChangedMeanwhileError(Exception):
    """Somebody joined the household before it was locked."""


def normalized_values(values: dict[str, Any]) -> dict[str, Any]:
    """``values`` of a household's fields in the form in which they are stored.

    Raises ValidationError by field.
    """
    errors: dict[str, Any] = {}
    clean: dict[str, Any] = {}
    for name, value in values.items():
        try:
            clean[name] = _normalized_value(name, value)
        except ValidationError as error:
            errors[name] = error.error_list
    if errors:
        raise ValidationError(errors)
    return clean


def _normalized_value(name: str, value: Any) -> Any:
    if name in ADDRESSES:
        return normalized_address(value)
    if name == "phone":
        return normalized_phone(one_line(value), current_church().country)
    if name in TEXTS:
        return normalized_text(Household._meta.get_field(name), value)
    raise ValidationError(_("There is no such field."))


def _save(household: Household, *, new: bool) -> None:
    try:
        with transaction.atomic():
            household.save(force_insert=new)
    except IntegrityError as error:
        if "households_external_key_once" in str(error):
            raise ValidationError({"external_key": _("Another household has this key.")}) from error
        raise


def _locked_people(ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Member]:
    """The people, locked until the transaction ends. Raises Member.DoesNotExist."""
    wanted = set(ids)
    people = Member.objects.select_for_update().filter(pk__in=wanted).order_by("pk")
    found = {member.pk: member for member in people}
    if len(found) != len(wanted):
        raise Member.DoesNotExist
    return found


def _locked_household(household: Household) -> Household:
    return Household.objects.select_for_update().get(pk=household.pk)


def _locked_membership(membership: HouseholdMembership) -> HouseholdMembership:
    """The membership as it is now, its person locked. Raises DoesNotExist of either."""
    _locked_people([membership.member_id])
    return HouseholdMembership.objects.select_related("household", "member").get(pk=membership.pk)


def _join(member: Member, household: Household, *, role: str, primary: bool) -> HouseholdMembership:
    """Puts a locked person into the household; the first one they are in is their main one."""
    memberships = HouseholdMembership.objects.filter(member=member)
    if memberships.filter(household=household).exists():
        text = _("%(name)s is in this household already.")
        raise ValidationError({"member_id": text % {"name": member}})
    main = memberships.filter(is_primary=True).first()
    if main and primary:
        _set_primary(main, is_primary=False)
    return HouseholdMembership.objects.create(
        member=member, household=household, role=role, is_primary=primary or main is None
    )


def _set_primary(membership: HouseholdMembership, *, is_primary: bool) -> None:
    membership.is_primary = is_primary
    membership.save(update_fields=["is_primary", "updated_at"])


def _make_primary(membership: HouseholdMembership) -> None:
    """Makes it the main one of a locked person in place of the one that was."""
    for other in HouseholdMembership.objects.filter(member_id=membership.member_id, is_primary=True):
        _set_primary(other, is_primary=False)
    _set_primary(membership, is_primary=True)


def _promote_oldest(member_ids: Collection[uuid.UUID], *, batch: uuid.UUID | None = None) -> None:
    """Gives each of the people, who are locked, the household that they are in the longest as their
    main one, where they are in some and have no main one.
    """
    oldest: dict[uuid.UUID, HouseholdMembership] = {}
    with_main: set[uuid.UUID] = set()
    memberships = HouseholdMembership.objects.filter(member_id__in=member_ids)
    for membership in memberships.select_related("household", "member").order_by("created_at", "id"):
        oldest.setdefault(membership.member_id, membership)
        if membership.is_primary:
            with_main.add(membership.member_id)
    promoted = [membership for member_id, membership in oldest.items() if member_id not in with_main]
    for membership in promoted:
        membership.is_primary = True
    HouseholdMembership.objects.filter(pk__in=[membership.pk for membership in promoted]).update(
        is_primary=True, updated_at=timezone.now()
    )
    record_changed([(membership, {"is_primary": False}) for membership in promoted], batch=batch)


@transaction.atomic
def create_household(*, people: Sequence[tuple[Member, str]] = (), **values: Any) -> Household:
    """A new household of ``people``, each with a role; without a name it is called after them.

    It is the main household of those who are in no other. Raises ValidationError, and
    Member.DoesNotExist for somebody who was deleted meanwhile.
    """
    clean = normalized_values({name: value for name, value in values.items() if name != "name" or value})
    roles = [(member.pk, normalized_role(role)) for member, role in people]
    locked = _locked_people(pk for pk, _role in roles)
    if not clean.get("name"):
        clean["name"] = household_name((role, locked[pk].last_name) for pk, role in roles)
    if not clean["name"]:
        raise ValidationError({"name": _("This is required.")})
    household = Household(**clean)
    _save(household, new=True)
    for pk, role in roles:
        _join(locked[pk], household, role=role, primary=False)
    return household


@transaction.atomic
def change_household(*, household: Household, **values: Any) -> Household:
    """Changes what is given and leaves the rest. Raises ValidationError."""
    clean = normalized_values(values)
    locked = _locked_household(household)
    changed = {name: value for name, value in clean.items() if getattr(locked, name) != value}
    if changed:
        for name, value in changed.items():
            setattr(locked, name, value)
        _save(locked, new=False)
    return locked


@transaction.atomic
def remove_household(*, household: Household) -> None:
    """Deletes a household and keeps its people; another of theirs becomes their main one."""
    _lock_with_people(household)
    _take_out(HouseholdMembership.objects.filter(household=household))
    household.delete()


def _lock_with_people(household: Household) -> None:
    """Locks everybody in the household, and then it. Raises Household.DoesNotExist."""
    while True:
        try:
            with transaction.atomic():
                ids = _ids_in(household)
                # Somebody who is deleted meanwhile leaves the household too.
                list(Member.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk"))
                _locked_household(household)
                if not _ids_in(household) <= ids:
                    # Rolling back gives the locks back, so that they can be taken in order again.
                    raise _ChangedMeanwhileError
                return
        except _ChangedMeanwhileError:
            continue


def _ids_in(household: Household) -> set[uuid.UUID]:
    return set(HouseholdMembership.objects.filter(household=household).values_list("member_id", flat=True))


@transaction.atomic
def add_to_household(
    *, household: Household, member: Member, role: str = "", primary: bool | None = None
) -> HouseholdMembership:
    """Puts a person into a household, with ``primary`` as their main one; their first always is.

    Raises ValidationError when they are in it already, and DoesNotExist of person or household.
    """
    clean = normalized_role(role)
    locked = _locked_people([member.pk])[member.pk]
    return _join(locked, _locked_household(household), role=clean, primary=bool(primary))


@transaction.atomic
def change_membership(
    *, membership: HouseholdMembership, role: str | None = None, primary: bool | None = None
) -> HouseholdMembership:
    """Changes the role, where one is given, and makes it the main household with ``primary``.

    Raises ValidationError when the main household is to be none: another one has to be made it.
    """
    clean = None if role is None else normalized_role(role)
    locked = _locked_membership(membership)
    if primary is False and locked.is_primary:
        raise ValidationError({"is_primary": _("Make another household the main one instead.")})
    if clean is not None and clean != locked.role:
        locked.role = clean
        locked.save(update_fields=["role", "updated_at"])
    if primary and not locked.is_primary:
        _make_primary(locked)
    return locked


@transaction.atomic
def leave_household(*, membership: HouseholdMembership) -> None:
    """Takes a person out of a household; of their others the oldest becomes the main one."""
    locked = _locked_membership(membership)
    _take_out(HouseholdMembership.objects.filter(pk=locked.pk))


@transaction.atomic
def move_member(*, membership: HouseholdMembership, household: Household) -> HouseholdMembership:
    """Takes a person out of one household and into another, with their role.

    It becomes their main one if the former was. Who is in it already just leaves the other. Raises
    DoesNotExist.
    """
    former = _locked_membership(membership)
    target = _locked_household(household)
    present = HouseholdMembership.objects.filter(household=target, member_id=former.member_id).first()
    if present is None:
        present = _join(former.member, target, role=former.role, primary=former.is_primary)
    elif former.is_primary:
        _make_primary(present)
    if present.pk != former.pk:
        _take_out(HouseholdMembership.objects.filter(pk=former.pk))
    return present


@transaction.atomic
def split_household(*, household: Household, member_ids: Collection[uuid.UUID], name: str = "") -> Household:
    """Starts a new household with some of the people of ``household``, who leave it.

    Their roles go with them, and it is the main one of those whose main one the former was. Raises
    ValidationError, and DoesNotExist when the household is gone.
    """
    people = _locked_people(
        Member.objects.filter(household_memberships__household=household, pk__in=member_ids).values_list(
            "pk", flat=True
        )
    )
    moving = list(
        HouseholdMembership.objects.filter(household=_locked_household(household), member_id__in=people)
        .select_related("member", "household")
        .order_by("created_at", "id")
    )
    if not moving:
        raise ValidationError({"people": _("Choose who is to be in the new household.")})
    started = create_household(name=name or household_name((m.role, m.member.last_name) for m in moving))
    for membership in moving:
        move_member(membership=membership, household=started)
    return started


@transaction.atomic
def withdraw(*, membership_ids: Collection[uuid.UUID], batch: uuid.UUID | None = None) -> int:
    """Takes many memberships back, as an undo does; returns how many there were.

    ``batch`` names the undo in the history.
    """
    held = HouseholdMembership.objects.filter(pk__in=membership_ids)
    people = set(held.values_list("member_id", flat=True))
    list(Member.objects.select_for_update().filter(pk__in=people).order_by("pk").values_list("pk"))
    return _take_out(held, batch=batch)


def _take_out(held: QuerySet[HouseholdMembership], *, batch: uuid.UUID | None = None) -> int:
    """Deletes the memberships, whose people are locked, and sees to their main households."""
    memberships = list(held.select_related("member", "household"))
    with not_recorded():
        HouseholdMembership.objects.filter(pk__in=[membership.pk for membership in memberships]).delete()
    record_removed(memberships, batch=batch)
    _promote_oldest([membership.member_id for membership in memberships], batch=batch)
    return len(memberships)


@transaction.atomic
def remove_empty(*, household_ids: Collection[uuid.UUID], batch: uuid.UUID | None = None) -> int:
    """Deletes those of the households in which nobody is; returns how many. ``batch`` as in ``withdraw``."""
    locked = list(Household.objects.select_for_update().filter(pk__in=household_ids).order_by("pk"))
    lived_in = set(
        HouseholdMembership.objects.filter(household__in=locked).values_list("household_id", flat=True)
    )
    empty = [household for household in locked if household.pk not in lived_in]
    record_removed(empty, batch=batch)
    with not_recorded():
        Household.objects.filter(pk__in=[household.pk for household in empty]).delete()
    return len(empty)
