"""From the names of a file's columns to the fields of a person.

Names are compared without case, blanks and punctuation, so ``First Name``, ``first_name`` and
``firstName`` are one. The known names (``known_headers``) are those of other systems, of this project's
own fields, and usual spellings where they can mean only one thing; a church's own fields are known by
what it calls them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from .known_headers import FIELD_OF_NAME, KNOWN_NAMES, folded_column

CUSTOM = "custom_fields."
LONGEST_CUSTOM_NAME = 100


@dataclass
class Column:
    """One column: its place in a row (from 0), its name in the file, and the fields that it fills."""

    position: int
    name: str
    fields: list[str] = field(default_factory=list)


def field_for(target: str) -> str | None:
    """The field that ``target`` of a mapping names, or None. ``custom_fields.…`` may be anything."""
    target = target.strip()
    if target.startswith(CUSTOM):
        name = " ".join(target.removeprefix(CUSTOM).split())
        return f"{CUSTOM}{name}" if 0 < len(name) <= LONGEST_CUSTOM_NAME else None
    return FIELD_OF_NAME.get(folded_column(target))


def columns_of(
    header: list[str],
    *,
    mapping: Mapping[str, Any],
    external_key: str,
    own_fields: Mapping[str, str] | None = None,
) -> list[Column]:
    """Every column of ``header`` with its fields; those without fields will be ignored.

    ``mapping`` (name of a column: field, or None to ignore it) goes before what the names say; a
    column that is not mentioned keeps the meaning of its name. The column ``external_key`` gives
    the person's key in another system, besides what else it says. ``own_fields`` are the church's:
    folded name -> key. Of two columns that would fill the same field the one with the surer name does,
    the other is ignored. Raises ValidationError with the keys ``file``, ``mapping`` and ``external_key``.
    """
    columns = guessed_columns(header, mapping=mapping, external_key=external_key, own_fields=own_fields)
    _require_names(columns)
    return columns


def guessed_columns(
    header: list[str],
    *,
    mapping: Mapping[str, Any],
    external_key: str,
    own_fields: Mapping[str, str] | None = None,
) -> list[Column]:
    """As ``columns_of``, for somebody to correct: a file whose names say too little is no error yet."""
    columns = [Column(position, name) for position, name in enumerate(header)]
    by_name = _by_folded_name(columns)
    stated = _read_mapping(mapping, by_name)
    taken: set[str] = set()
    for folded_name, field_name in stated.items():
        if field_name is not None:
            by_name[folded_name].fields.append(field_name)
            taken.add(field_name)
    if external_key:
        _take_key(by_name.get(folded_column(external_key)), external_key, taken)
    _guess(by_name, stated.keys(), taken, own_fields or {})
    return columns


def _take_key(column: Column | None, external_key: str, taken: set[str]) -> None:
    if column is None:
        raise ValidationError({"external_key": _no_such_column(external_key)})
    if "external_key" not in column.fields:
        if "external_key" in taken:
            raise ValidationError({"external_key": _("The mapping names another column as the key.")})
        column.fields.append("external_key")
        taken.add("external_key")


def _guess(
    by_name: Mapping[str, Column], stated: Collection[str], taken: set[str], own_fields: Mapping[str, str]
) -> None:
    """Gives the columns that nobody has spoken of the fields that their names mean."""
    own = set()
    for name, column in by_name.items():
        known = FIELD_OF_NAME.get(name, CUSTOM)
        target = f"{CUSTOM}{own_fields.get(name)}"
        if name in own_fields and name not in stated and known.startswith(CUSTOM) and target not in taken:
            column.fields.append(target)
            taken.add(target)
            own.add(name)
    for field_name, names in KNOWN_NAMES.items():
        known_names = [*names.split(), folded_column(field_name)]
        candidates = [n for n in known_names if n in by_name and n not in stated and n not in own]
        if candidates and field_name not in taken:
            by_name[candidates[0]].fields.append(field_name)
    for name, column in by_name.items():
        if not column.fields and column.name.startswith(CUSTOM) and name not in stated:
            custom = field_for(column.name)
            column.fields += [custom] if custom and custom not in taken else []


def _by_folded_name(columns: list[Column]) -> dict[str, Column]:
    by_name: dict[str, Column] = {}
    for column in columns:
        name = folded_column(column.name)
        if not name:
            continue
        if name in by_name:
            raise ValidationError(
                {"file": _("Two columns are called “%(name)s”.") % {"name": column.name[:100]}}
            )
        by_name[name] = column
    return by_name


def _no_such_column(name: str) -> str:
    return _("The file has no column “%(name)s”.") % {"name": str(name)[:100]}


def _read_mapping(mapping: Mapping[str, Any], by_name: Mapping[str, Column]) -> dict[str, str | None]:
    """Folded name of a column -> its field, or None. Raises ValidationError (``mapping``)."""
    problems: list[str] = []
    stated: dict[str, str | None] = {}
    for name, target in mapping.items():
        folded_name = folded_column(name)
        found = field_for(target) if isinstance(target, str) else None
        if folded_name not in by_name:
            problems.append(_no_such_column(name))
        elif target is not None and found is None:
            problems.append(_("There is no field “%(name)s”.") % {"name": str(target)[:100]})
        elif found is not None and found in stated.values():
            problems.append(_("Two columns are mapped to “%(name)s”.") % {"name": found})
        else:
            stated[folded_name] = found
    if problems:
        raise ValidationError({"mapping": problems})
    return stated


def _require_names(columns: list[Column]) -> None:
    """Without names a row can only be somebody who is known by the key of another system."""
    found = {name for column in columns for name in column.fields}
    if found >= {"first_name", "last_name"} or "external_key" in found:
        return
    raise ValidationError(
        {
            "file": _(
                "The first line must name the columns, with one for the first name and one for the"
                " last name. Found: %(names)s."
            )
            % {"names": ", ".join(column.name for column in columns if column.name)[:300]}
        }
    )
