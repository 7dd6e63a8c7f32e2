"""Giving a field another kind without losing what people have in it."""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import ngettext

from core.history import record_changed
from members.models import CustomField, Member
from tenants.context import current_church

from .values import Reading, plain_text, stored_value

ROWS_IN_STATEMENT = 500
NEVER = re.compile(r"(?!)")
# What a kind would read and drop: zeros in front, as numbers of envelopes have; a time of day.
SAYS_MORE: dict[str, re.Pattern[str]] = {
    CustomField.Kind.NUMBER: re.compile(r"^\s*(?:\+|-?0[0-9])"),
    CustomField.Kind.DATE: re.compile(":"),
}


def convert_values(before: CustomField, after: CustomField) -> None:
    """Reads every value of the field anew as the kind that it has ``after``, and saves it so.

    Raises ValidationError (``kind``) when one of them would be lost.
    """
    reading = Reading(current_church().country)
    people = Member.objects.select_for_update().filter(custom_fields__has_key=before.key).order_by("pk")
    changed: list[tuple[Member, dict[str, Any]]] = []
    lost = 0
    now = timezone.now()
    for member in people:
        value = member.custom_fields[before.key]
        try:
            new = _converted(before, after, value, reading)
        except ValidationError:
            lost += 1
            continue
        if new != value or type(new) is not type(value):
            changed.append((member, {"custom_fields": member.custom_fields}))
            member.custom_fields = {**member.custom_fields, before.key: new}
            member.updated_at = now
    if lost:
        text = ngettext(
            "%(count)d person has a value that cannot be read as this kind.",
            "%(count)d people have values that cannot be read as this kind.",
            lost,
        )
        raise ValidationError({"kind": text % {"count": lost}})
    members = [member for member, _before in changed]
    Member.objects.bulk_update(members, ["custom_fields", "updated_at"], batch_size=ROWS_IN_STATEMENT)
    record_changed(changed)


def _converted(before: CustomField, after: CustomField, value: Any, reading: Reading) -> Any:
    """``value`` as ``after`` stores it. Raises ValidationError where something would be left out."""
    text = plain_text(before, value)
    new = stored_value(after, text, reading)
    if new is None or SAYS_MORE.get(after.kind, NEVER).search(text):
        raise ValidationError("")
    return new
