"""The doors through which people change. One door, one transaction.

Admin, API and import all come through here, so the same values are refused on every path.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import context
from core.fields import validate_partial_date
from core.history import not_recorded, record_changed, record_created, record_removed
from tenants.context import current_church
from tenants.models import validate_timezone

from . import signals
from .custom_fields.values import merged, normalized_custom_values
from .custom_fields.visibility import active_fields
from .households.importing import place_imported
from .models import CustomField, HouseholdMembership, Member
from .phone import normalized_phone
from .photos import drop_photos
from .querysets import ERASED
from .values import normalized_address, normalized_text, one_line

EDITABLE = {
    field.name
    for field in Member._meta.concrete_fields
    if field.editable and field.name not in {"id", "created_at", "updated_at"}
}
ADDRESSES = ("address", "mailing_address")
PHONES = ("phone", "home_phone", "work_phone")
LONGEST_TAG = 50
MOST_TAGS = 100


def normalized_tags(tags: Iterable[str]) -> list[str]:
    """Tags without blanks around them, each once whatever its case. Raises ValidationError."""
    found: dict[str, str] = {}
    for tag in map(one_line, tags):
        if not tag or len(tag) > LONGEST_TAG:
            raise ValidationError({"tags": _("A tag has 1 to %(most)d characters.") % {"most": LONGEST_TAG}})
        found.setdefault(tag.casefold(), tag)
    if len(found) > MOST_TAGS:
        raise ValidationError({"tags": _("At most %(most)d tags.") % {"most": MOST_TAGS}})
    return list(found.values())


def normalized_values(
    values: dict[str, Any], *, country: str, fields: Iterable[CustomField] | None = None
) -> dict[str, Any]:
    """``values`` of fields in the form in which they are stored.

    ``country`` is assumed for phone numbers without a country code. ``custom_fields`` names the own
    fields to change, with None for a value to take away; ``fields`` are the church's, for who reads
    many rows. Raises ValidationError by field (``custom_fields.shirt``). Only what is given is looked
    at; ``import`` uses it to check a row without saving.
    """
    errors: dict[str, Any] = {}
    clean: dict[str, Any] = {}
    for name, value in values.items():
        if name not in EDITABLE:
            errors[name] = _("There is no such field.")
            continue
        try:
            if name == "custom_fields":
                known = active_fields() if fields is None and value else fields or ()
                clean[name] = normalized_custom_values(value, fields=known, country=country)
            else:
                clean[name] = _normalized_value(name, value, country)
        except ValidationError as error:
            errors |= error.error_dict if hasattr(error, "error_dict") else {name: error.error_list}
    if errors:
        raise ValidationError(errors)
    return clean


def _normalized_value(name: str, value: Any, country: str) -> Any:
    if name in PHONES:
        return normalized_phone(one_line(value), country)
    if name == "tags":
        return normalized_tags(value)
    if name in ADDRESSES:
        return normalized_address(value)
    if name == "baptized_date":
        return _field(name).to_python(value or None)
    return _normalized_text(name, value)


def _field(name: str) -> Any:
    return Member._meta.get_field(name)


def _normalized_text(name: str, value: Any) -> str:
    if name == "membership_status":
        value = one_line(value).lower()
        if value == ERASED:
            raise ValidationError(_("This status is kept for people who were erased."))
    text = normalized_text(_field(name), value)
    if name == "email" and text:
        validate_email(text)
    if name == "birth_date" and text:
        validate_partial_date(text)
    if name == "timezone" and text:
        validate_timezone(text)
    return text


def _save(member: Member, *, new: bool) -> None:
    member.refresh_search_document()
    try:
        with transaction.atomic():
            member.save(force_insert=new)
    except IntegrityError as error:
        if "members_external_key_once" in str(error):
            raise ValidationError({"external_key": _("Another person has this key.")}) from error
        raise


@transaction.atomic
def create_member(**values: Any) -> Member:
    """A new person. Raises ValidationError."""
    clean = normalized_values(values, country=current_church().country)
    missing = {name: _("This is required.") for name in ("first_name", "last_name") if not clean.get(name)}
    if missing:
        raise ValidationError(missing)
    if named := clean.get("custom_fields"):
        clean["custom_fields"] = merged({}, named)
    member = Member(**clean)
    _save(member, new=True)
    signals.member_joined.send(sender=Member, member=member, origin=context.origin.get())
    return member


@transaction.atomic
def change_member(*, member: Member, **values: Any) -> Member:
    """Changes what is given and leaves the rest; of ``custom_fields`` too just the keys that are named,
    of which None takes the value away. Raises ValidationError.

    Changes nothing, not even the time of the last change, when all values are as they were.
    """
    clean = normalized_values(values, country=current_church().country)
    locked = Member.objects.select_for_update().get(pk=member.pk)
    if "custom_fields" in clean:
        clean["custom_fields"] = merged(locked.custom_fields, clean["custom_fields"])
    before = {name: known for name, value in clean.items() if (known := getattr(locked, name)) != value}
    if not before:
        return locked
    for name in before:
        setattr(locked, name, clean[name])
    _save(locked, new=False)
    _announce_change(locked, before)
    return locked


def _announce_change(member: Member, before: Mapping[str, Any]) -> None:
    """``before``: the changed fields with the values that they had."""
    signals.member_changed.send(
        sender=Member, member=member, fields=sorted(before), origin=context.origin.get()
    )
    if given := _tags_given(member, before):
        signals.members_tagged.send(sender=Member, member_ids=[member.pk], tags=given)


def _tags_given(member: Member, before: Mapping[str, Any]) -> list[str]:
    had = {tag.casefold() for tag in before.get("tags", member.tags)}
    return [tag for tag in member.tags if tag.casefold() not in had]


@transaction.atomic
def save_imported(
    *,
    new: Collection[Member],
    changed: Collection[tuple[Member, Mapping[str, Any]]],
    batch: uuid.UUID | None = None,
    start_sequences: bool = False,
) -> None:
    """Saves many people in a few statements. ``batch`` names the import in the history;
    ``start_sequences`` goes on to whoever receives ``members_imported``.

    The values come from ``normalized_values``; ``changed`` are people who were fetched with
    ``select_for_update`` in this transaction, each with the fields that differ and the values that
    they had. Raises IntegrityError when somebody else took an external key in the meantime.
    """
    changed_members = [member for member, _before in changed]
    for member in [*new, *changed_members]:
        member.refresh_search_document()
    Member.objects.bulk_create(new, batch_size=500)
    _save_many(changed_members)
    record_created(new, batch=batch)
    record_changed(changed, batch=batch)
    place_imported(new=new, changed=changed, batch=batch)
    for member in new:
        signals.member_joined.send(sender=Member, member=member, origin=context.origin.get())
    for member, before in changed:
        _announce_change(member, before)
    tagged = {member.pk: given for member, before in changed if (given := _tags_given(member, before))}
    signals.members_imported.send(
        sender=Member, members=new, tagged=tagged, batch=batch, start_sequences=start_sequences
    )


def _save_many(members: Collection[Member]) -> None:
    # One INSERT … ON CONFLICT: bulk_update's CASE for each field and row takes ten times as long.
    Member.objects.bulk_create(
        members,
        batch_size=500,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=[*sorted(EDITABLE), "folded_name", "search_document", "updated_at"],
    )


@transaction.atomic
def take_back_imported(
    *,
    removed: Collection[Member],
    changed: Collection[tuple[Member, Mapping[str, Any]]],
    batch: uuid.UUID,
) -> None:
    """Deletes people whom an import made and saves others as they were before it, in a few statements.

    All of them are locked; ``changed`` come with the fields that differ and the values that they had
    until now. What the import made around the removed people goes with them.
    """
    for member in removed:
        signals.member_removed.send(sender=Member, member=member)
    drop_photos(removed)
    ids = [member.pk for member in removed]
    record_removed(HouseholdMembership.objects.filter(member_id__in=ids), batch=batch)
    record_removed(removed, batch=batch)
    with not_recorded():
        Member.objects.filter(pk__in=ids).delete()
    for member, _before in changed:
        member.refresh_search_document()
    _save_many([member for member, _before in changed])
    record_changed(changed, batch=batch)
    for member, before in changed:
        _announce_change(member, before)


@transaction.atomic
def remove_member(*, member: Member) -> None:
    """Deletes a person, and their photo for good."""
    # First of all rows, as every door does that sees to a person's households.
    list(Member.objects.select_for_update().filter(pk=member.pk).values_list("pk"))
    signals.member_removed.send(sender=Member, member=member)
    drop_photos([member])
    member.delete()


@transaction.atomic
def add_tags(*, member_ids: Collection[uuid.UUID], tags: Iterable[str]) -> int:
    """Gives each of the people every tag they lack; returns how many people changed."""
    wanted = normalized_tags(tags)
    changed = []
    for member in Member.objects.select_for_update().filter(pk__in=member_ids).order_by("pk"):
        combined = normalized_tags([*member.tags, *wanted])
        if combined != member.tags:
            changed.append((member, combined))
    _save_tags(changed)
    if changed:
        ids = [member.pk for member, _tags in changed]
        signals.members_tagged.send(sender=Member, member_ids=ids, tags=wanted)
    return len(changed)


@transaction.atomic
def remove_tags(*, member_ids: Collection[uuid.UUID], tags: Iterable[str]) -> int:
    """Takes the tags, in any case, from each of the people; returns how many people changed."""
    unwanted = {one_line(tag).casefold() for tag in tags}
    changed = []
    for member in Member.objects.select_for_update().filter(pk__in=member_ids).order_by("pk"):
        kept = [tag for tag in member.tags if tag.casefold() not in unwanted]
        if kept != member.tags:
            changed.append((member, kept))
    _save_tags(changed)
    return len(changed)


def _save_tags(changed: list[tuple[Member, list[str]]]) -> None:
    now = timezone.now()
    before = [(member, {"tags": member.tags}) for member, _tags in changed]
    for member, tags in changed:
        member.tags = tags
        member.updated_at = now
        member.refresh_search_document()
    members = [member for member, _tags in changed]
    Member.objects.bulk_update(members, ["tags", "search_document", "updated_at"], batch_size=500)
    record_changed(before)
