"""A church's own fields as columns of a list."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from members.custom_fields.values import label_of_choice
from members.custom_fields.visibility import active_fields, visible_fields
from members.models import CustomField

from .cells import written_list
from .known_headers import folded_column

Kind = CustomField.Kind


def own_fields(user: Any) -> list[CustomField]:
    """The fields in use that ``user`` sees; all of them for the program itself (None)."""
    return active_fields() if user is None else visible_fields(user)


def keys_by_name(fields: Iterable[CustomField]) -> dict[str, str]:
    """Folded name of a column -> key of the field that is called so, or has that key."""
    known = list(fields)
    found = {folded_column(one.key): one.key for one in known}
    found |= {folded_column(one.label): one.key for one in known}
    found.pop("", None)
    return found


def written_own_value(field: CustomField, value: Any) -> str | int | float:
    """``value`` as it stands in a list, so that an import reads the same again."""
    if value is None or value == "":
        return ""
    match field.kind:
        case Kind.YES_NO if isinstance(value, bool):
            return "Yes" if value else "No"
        case Kind.NUMBER if isinstance(value, int | float) and not isinstance(value, bool):
            return value
        case Kind.CHOICE:
            return label_of_choice(field, value)
        case Kind.CHOICES if isinstance(value, list):
            return written_list(label_of_choice(field, item) for item in value)
    return str(value)
