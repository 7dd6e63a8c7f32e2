"""The doors through which two entries become one person, and two again. One door, one transaction."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models.functions import Cast, Length
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from core import context
from core.history import not_recorded, record_changed, record_event, record_removed
from members import signals
from members.models import Member, MemberMerge, NotDuplicates
from members.photos import drop_photos_of_merges

from .choices import FieldChoice, choose, kept_values
from .moving import Moving, delete_alone, keep_one_main_household
from .snapshot import Snapshot, values_of
from .visibility import hidden_custom_fields

CAN_BE_UNDONE = timedelta(days=30)
# An empty text lies encrypted in this many characters.
LENGTH_OF_NOTHING = 100


@dataclass(frozen=True)
class Preview:
    """What a merge would make of two people, as far as who asks may see it."""

    survivor: Member
    absorbed: Member
    fields: list[FieldChoice]


def preview_merge(
    *, survivor: Member, absorbed: Member, choices: Mapping[str, Any] | None = None, user: User
) -> Preview:
    """Both values of each field and which is kept, with nothing changed. Raises ValidationError.

    Custom fields that the role of ``user`` does not see are left out, and so is all that is confidential;
    both are carried along by the merge.
    """
    _refuse_one_person(survivor, absorbed)
    hidden = hidden_custom_fields(user)
    chosen = choose(survivor=survivor, absorbed=absorbed, choices=choices, hidden=hidden)
    unseen = {f"custom_fields.{key}" for key in hidden}
    return Preview(survivor, absorbed, [field for field in chosen if field.field not in unseen])


def _refuse_one_person(survivor: Member, absorbed: Member) -> None:
    if survivor.pk == absorbed.pk:
        raise ValidationError({"member_id": _("This is the same person.")})


@transaction.atomic
def merge_members(
    *, survivor: Member, absorbed: Member, choices: Mapping[str, Any] | None = None, user: User
) -> MemberMerge:
    """Makes one person of two: ``survivor`` stays, with the values that ``choices`` says (see ``choose``)
    and with everything that referred to ``absorbed``, who goes.

    Raises ValidationError, and Member.DoesNotExist when one of them is gone by now.
    """
    _refuse_one_person(survivor, absorbed)
    kept, gone = _locked(survivor.pk, absorbed.pk)
    signals.members_merging.send(sender=Member, survivor=kept, absorbed=gone)
    hidden = hidden_custom_fields(user)
    values = kept_values(choose(survivor=kept, absorbed=gone, choices=choices, hidden=hidden))
    # By it an import knows a row again that says little else.
    values["import_fingerprint"] = kept.import_fingerprint or gone.import_fingerprint
    values["photo_id"] = kept.photo_id or gone.photo_id
    merge = MemberMerge(survivor=kept, absorbed_id=gone.pk, absorbed_name=str(gone)[:200], merged_by=user)
    if kept.photo_id:
        merge.absorbed_photo_id = gone.photo_id
    snapshot = Snapshot(survivor_id=str(kept.pk), absorbed=values_of(gone))
    Moving(survivor=kept, absorbed=gone, snapshot=snapshot, batch=merge.pk).everything()
    record_removed([gone], batch=merge.pk)
    with not_recorded():
        delete_alone(gone)
    _give(kept, values, snapshot, batch=merge.pk)
    keep_one_main_household([kept.pk])
    merge.snapshot = snapshot.text()
    merge.save(force_insert=True)
    record_event(kept, "merged_with", merge.absorbed_name, batch=merge.pk)
    signals.members_merged.send(sender=Member, survivor=kept, absorbed_id=merge.absorbed_id)
    return merge


def _locked(survivor_id: uuid.UUID, absorbed_id: uuid.UUID) -> tuple[Member, Member]:
    # In the order of their keys, so that two merges of the same people wait and do not block each other.
    rows = Member.objects.select_for_update().filter(pk__in=[survivor_id, absorbed_id]).order_by("pk")
    found = {member.pk: member for member in rows}
    if len(found) < 2:
        raise Member.DoesNotExist
    return found[survivor_id], found[absorbed_id]


def _give(member: Member, values: Mapping[str, Any], snapshot: Snapshot, *, batch: uuid.UUID) -> None:
    """Stores ``values`` in the survivor and notes what they changed."""
    before = {name: known for name, value in values.items() if (known := getattr(member, name)) != value}
    if not before:
        return
    snapshot.before = values_of(member, *before)
    for name in before:
        setattr(member, name, values[name])
    snapshot.after = values_of(member, *before)
    save_with_history(member, before, batch=batch)


def save_with_history(member: Member, before: Mapping[str, Any], *, batch: uuid.UUID) -> None:
    """Saves a person of whom the fields in ``before`` were changed. Raises ValidationError."""
    member.refresh_search_document()
    try:
        with not_recorded(), transaction.atomic():
            member.save()
    except IntegrityError as error:
        if "members_external_key_once" not in str(error):
            raise
        raise ValidationError({"choices.external_key": _("Another person has this key.")}) from error
    told = {
        Member._meta.get_field(name).name: value
        for name, value in before.items()
        if name != "import_fingerprint"
    }
    record_changed([(member, told)], batch=batch)
    signals.member_changed.send(
        sender=Member, member=member, fields=sorted(told), origin=context.origin.get()
    )


@transaction.atomic
def say_not_duplicates(*, first: Member, second: Member, user: User) -> NotDuplicates:
    """Notes that two people are two, so that they are not offered again. Saying it twice is as once.

    Raises ValidationError, and Member.DoesNotExist when one of them is gone by now.
    """
    if first.pk == second.pk:
        raise ValidationError({"second": _("This is the same person.")})
    _locked(first.pk, second.pk)
    smaller, larger = sorted((first.pk, second.pk))
    said, _made = NotDuplicates.objects.get_or_create(
        first_id=smaller, second_id=larger, defaults={"said_by": user}
    )
    return said


def can_be_undone_until(merge: MemberMerge) -> datetime | None:
    """Until when the merge can be undone; None when that is over or done."""
    until = merge.created_at + CAN_BE_UNDONE
    return until if merge.undone_at is None and until > timezone.now() else None


def listed_merges() -> models.QuerySet[MemberMerge]:
    """The merges, the latest first, without what an undo needs of each."""
    return MemberMerge.objects.defer("snapshot").select_related("survivor", "merged_by")


def forget_old_snapshots(**_event: Any) -> None:
    """Empties what was kept for an undo when its time is over; receives ``church_swept``."""
    stored: Any = Length(Cast("snapshot", models.TextField()))
    over = MemberMerge.objects.filter(created_at__lte=timezone.now() - CAN_BE_UNDONE)
    drop_photos_of_merges(over)
    over.alias(stored=stored).filter(stored__gt=LENGTH_OF_NOTHING).update(snapshot="")
