"""Field by field: what each of two people has, and what is kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from members import domain as people
from members.models import Member
from tenants.context import current_church

SURVIVOR, ABSORBED, BOTH, VALUE = "survivor", "absorbed", "both", "value"
CUSTOM = "custom_fields"
FIELDS = [
    field.name
    for field in Member._meta.concrete_fields
    if field.name in people.EDITABLE and field.name != CUSTOM
]


@dataclass(frozen=True)
class FieldChoice:
    """One field of both people. ``field`` is its name, ``custom_fields.<key>`` for one of the church's own;
    ``choice`` is whose value is kept, ``both`` for tags that are united and ``value`` for another one.
    """

    field: str
    survivor: Any
    absorbed: Any
    choice: str
    value: Any

    @property
    def differs(self) -> bool:
        return bool(self.survivor != self.absorbed)


def is_empty(value: Any) -> bool:
    return value is None or value in ("", [], {})


def choose(
    *,
    survivor: Member,
    absorbed: Member,
    choices: Mapping[str, Any] | None = None,
    hidden: Collection[str] = (),
) -> list[FieldChoice]:
    """Every field with the value that is kept: as ``choices`` says, else the survivor's unless it is empty.

    ``choices`` is field -> ``"survivor"``, ``"absorbed"`` or any other value, which is stored instead; for
    ``tags`` also ``"both"``, as they are by default. Raises ValidationError by field (``choices.email``).
    ``hidden`` are keys of custom fields of which no choice may be made.
    """
    wanted = _flat(choices or {})
    keys = sorted(survivor.custom_fields.keys() | absorbed.custom_fields.keys())
    custom = [f"{CUSTOM}.{key}" for key in keys]
    open_to_choice = {*FIELDS, *custom} - {f"{CUSTOM}.{key}" for key in hidden}
    if unknown := wanted.keys() - open_to_choice:
        raise ValidationError({f"choices.{name}": _("There is no such field.") for name in sorted(unknown)})
    chosen = [
        _field_choice(name, getattr(survivor, name), getattr(absorbed, name), wanted) for name in FIELDS
    ]
    chosen += [
        _field_choice(
            f"{CUSTOM}.{key}", survivor.custom_fields.get(key), absorbed.custom_fields.get(key), wanted
        )
        for key in keys
    ]
    return chosen


def _flat(choices: Mapping[str, Any]) -> dict[str, Any]:
    """``{"custom_fields": {"shirt": …}}`` means the same as ``{"custom_fields.shirt": …}``."""
    flat: dict[str, Any] = {}
    for name, choice in choices.items():
        if name == CUSTOM and isinstance(choice, dict):
            flat |= {f"{CUSTOM}.{key}": inner for key, inner in choice.items()}
        else:
            flat[name] = choice
    return flat


def _field_choice(name: str, own: Any, other: Any, wanted: Mapping[str, Any]) -> FieldChoice:
    choice = wanted.get(name, BOTH if name == "tags" else _default(name, own, other))
    if choice == SURVIVOR:
        return FieldChoice(name, own, other, SURVIVOR, own)
    if choice == ABSORBED:
        return FieldChoice(name, own, other, ABSORBED, other)
    if choice == BOTH and name == "tags":
        return FieldChoice(name, own, other, BOTH, _normalized(name, own, [*own, *other]))
    return FieldChoice(name, own, other, VALUE, _normalized(name, own, choice))


def _default(name: str, own: Any, other: Any) -> str:
    if is_empty(own):
        return SURVIVOR if is_empty(other) else ABSORBED
    # The same day, and only the other knows the year.
    knows_more = name == "birth_date" and own.startswith("--") and other.endswith(own[1:])
    return ABSORBED if knows_more else SURVIVOR


def _normalized(name: str, own: Any, value: Any) -> Any:
    """A value that neither has, as the doors of people store it."""
    field, _dot, key = name.partition(".")
    try:
        if not key and not isinstance(value, _kind(own)):
            raise ValidationError(_("This is of another kind than the field."))
        given = {key: value} if key else value
        clean = people.normalized_values({field: given}, country=current_church().country)[field]
    except ValidationError as error:
        raise ValidationError({f"choices.{name}": error.messages}) from error
    return clean[key] if key else clean


def _kind(own: Any) -> type:
    """What JSON has for a field that holds ``own``: text for text and days, else the same."""
    return type(own) if isinstance(own, dict | list) else str


def kept_values(chosen: Collection[FieldChoice]) -> dict[str, Any]:
    """What the survivor has afterwards, by field."""
    values: dict[str, Any] = {CUSTOM: {}}
    for field in chosen:
        if field.field.startswith(f"{CUSTOM}."):
            if field.value is not None:
                values[CUSTOM][field.field.partition(".")[2]] = field.value
        else:
            values[field.field] = field.value
    return values
