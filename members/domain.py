"""The doors through which people change. One door, one transaction.

Admin, API and import all come through here, so the same values are refused on every path.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.fields import validate_partial_date
from tenants.context import current_church

from . import signals
from .models import Member
from .phone import normalized_phone

EDITABLE = {
    field.name
    for field in Member._meta.concrete_fields
    if field.editable and field.name not in {"id", "created_at", "updated_at"}
}
PHONES = ("phone", "home_phone", "work_phone")
LONGEST_TAG = 50
MOST_TAGS = 100


def normalized_tags(tags: Iterable[str]) -> list[str]:
    """Tags without blanks around them, each once whatever its case. Raises ValidationError."""
    found: dict[str, str] = {}
    for tag in tags:
        tag = " ".join(str(tag).split())
        if not tag or len(tag) > LONGEST_TAG:
            raise ValidationError({"tags": _("A tag has 1 to %(most)d characters.") % {"most": LONGEST_TAG}})
        found.setdefault(tag.casefold(), tag)
    if len(found) > MOST_TAGS:
        raise ValidationError({"tags": _("At most %(most)d tags.") % {"most": MOST_TAGS}})
    return list(found.values())


def normalized_values(values: dict[str, Any], *, country: str) -> dict[str, Any]:
    """``values`` of fields in the form in which they are stored.

    ``country`` is assumed for phone numbers without a country code. Raises ValidationError by
    field. Only what is given is looked at; ``import`` uses it to check a row without saving.
    """
    errors: dict[str, Any] = {}
    clean: dict[str, Any] = {}
    for name, value in values.items():
        if name not in EDITABLE:
            errors[name] = _("There is no such field.")
            continue
        try:
            clean[name] = _normalized_value(name, value, country)
        except ValidationError as error:
            errors[name] = error.error_dict[name] if hasattr(error, "error_dict") else error.error_list
    if errors:
        raise ValidationError(errors)
    return clean


def _normalized_value(name: str, value: Any, country: str) -> Any:
    if name in PHONES:
        return normalized_phone(value, country)
    if name == "tags":
        return normalized_tags(value)
    if name in {"address", "custom_fields"}:
        return value
    if name == "baptized_date":
        return Member._meta.get_field(name).to_python(value or None)
    text = " ".join(str(value).split())
    field = Member._meta.get_field(name)
    if field.max_length and len(text) > field.max_length:
        raise ValidationError(_("At most %(most)d characters.") % {"most": field.max_length})
    if not text and not field.blank:
        raise ValidationError(_("This is required."))
    if "\x00" in text:
        raise ValidationError(_("NUL characters are not allowed."))
    if name == "email" and text:
        validate_email(text)
    if name == "birth_date" and text:
        validate_partial_date(text)
    if name == "membership_status":
        return text.lower()
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
def create_member(*, origin: str, **values: Any) -> Member:
    """A new person. ``origin`` says who asks: ``api``, ``admin``, ``import`` … Raises ValidationError."""
    clean = normalized_values(values, country=current_church().country)
    missing = {name: _("This is required.") for name in ("first_name", "last_name") if not clean.get(name)}
    if missing:
        raise ValidationError(missing)
    member = Member(**clean)
    _save(member, new=True)
    signals.member_joined.send(sender=Member, member=member, origin=origin)
    return member


@transaction.atomic
def change_member(*, member: Member, origin: str, **values: Any) -> Member:
    """Changes what is given and leaves the rest. Raises ValidationError.

    Changes nothing, not even the time of the last change, when all values are as they were.
    """
    clean = normalized_values(values, country=current_church().country)
    locked = Member.objects.select_for_update().get(pk=member.pk)
    changed = [name for name, value in clean.items() if getattr(locked, name) != value]
    if not changed:
        return locked
    for name in changed:
        setattr(locked, name, clean[name])
    _save(locked, new=False)
    signals.member_changed.send(sender=Member, member=locked, fields=changed, origin=origin)
    return locked


@transaction.atomic
def remove_member(*, member: Member) -> None:
    """Deletes a person."""
    signals.member_removed.send(sender=Member, member=member)
    member.delete()


@transaction.atomic
def add_tags(*, member_ids: Collection[uuid.UUID], tags: Iterable[str]) -> int:
    """Gives each of the people every tag they lack; returns how many people changed."""
    wanted = normalized_tags(tags)
    changed = []
    for member in Member.objects.select_for_update().filter(pk__in=member_ids).order_by("pk"):
        combined = normalized_tags([*member.tags, *wanted])
        if combined != member.tags:
            member.tags = combined
            member.refresh_search_document()
            changed.append(member)
    _save_tags(changed)
    if changed:
        signals.members_tagged.send(sender=Member, member_ids=[m.pk for m in changed], tags=wanted)
    return len(changed)


@transaction.atomic
def remove_tags(*, member_ids: Collection[uuid.UUID], tags: Iterable[str]) -> int:
    """Takes the tags, in any case, from each of the people; returns how many people changed."""
    unwanted = {tag.casefold() for tag in normalized_tags(tags)}
    changed = []
    for member in Member.objects.select_for_update().filter(pk__in=member_ids).order_by("pk"):
        kept = [tag for tag in member.tags if tag.casefold() not in unwanted]
        if kept != member.tags:
            member.tags = kept
            member.refresh_search_document()
            changed.append(member)
    _save_tags(changed)
    return len(changed)


def _save_tags(members: list[Member]) -> None:
    now = timezone.now()
    for member in members:
        member.updated_at = now
    Member.objects.bulk_update(members, ["tags", "search_document", "updated_at"], batch_size=500)
