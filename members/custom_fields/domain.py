"""The doors through which a church's own fields change. One door, one transaction.

Values lie under a field's ``key``, which never changes: a new label, other choices and putting a
field away lose nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import F, Func, Max
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.permissions import Role
from members.models import CustomField, Member, SavedList

from .conversion import convert_values
from .values import PREFIX

LONGEST_LABEL = 100
LONGEST_HELP = 255
LONGEST_KEY = 60
MOST_FIELDS = 200
MOST_CHOICES = 200
LAST_POSITION = 32_767
WITH_CHOICES = {CustomField.Kind.CHOICE, CustomField.Kind.CHOICES}
CHANGEABLE = {"label", "help_text", "kind", "choices", "visible_to", "order_index"}


def key_from(text: str, taken: Collection[str]) -> str:
    """A key made of ``text``: letters ``a-z``, digits and ``_``, none of ``taken``, no number."""
    base = slugify(text).replace("-", "_").strip("_")[: LONGEST_KEY - 10]
    if not base or base[0].isdigit():
        base = f"field_{base}".rstrip("_")
    key, number = base, 1
    while key in taken:
        number += 1
        key = f"{base}_{number}"
    return key


def one_line(value: Any) -> str:
    return " ".join(str(value or "").split())


def _label(value: Any) -> str:
    label = one_line(value)
    if not label:
        raise ValidationError(_("This is required."))
    if len(label) > LONGEST_LABEL or "\x00" in label:
        raise ValidationError(_("At most %(most)d characters.") % {"most": LONGEST_LABEL})
    return label


def _help_text(value: Any) -> str:
    text = one_line(value)
    if len(text) > LONGEST_HELP or "\x00" in text:
        raise ValidationError(_("At most %(most)d characters.") % {"most": LONGEST_HELP})
    return text


def _kind(value: Any) -> str:
    if value not in CustomField.Kind.values:
        raise ValidationError(_("There is no such kind of field."))
    return str(value)


def _visible_to(value: Iterable[Any]) -> list[str]:
    """Roles in the table's order. Administrators see every field and need not be named."""
    named = set(value)
    if unknown := named - set(Role.values):
        raise ValidationError(_("There is no role “%(role)s”.") % {"role": str(min(map(str, unknown)))[:40]})
    # Named alone, an administrator means that nobody else sees it.
    return [role for role in Role.values if role in named and (role != Role.ADMIN or named == {Role.ADMIN})]


def _position(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LAST_POSITION:
        raise ValidationError(_("This must be a whole number from 0 to %d.") % LAST_POSITION)
    return value


def _choices(
    given: Iterable[Mapping[str, Any]], known: Sequence[Mapping[str, Any]] = ()
) -> list[dict[str, Any]]:
    """Choices with a key each: that of a known choice, or one made from the label.

    Raises ValidationError for a label that is empty, too long or there twice, and an unknown key.
    """
    known_by_key = {str(choice["key"]): choice for choice in known}
    by_label = {str(choice["label"]).casefold(): key for key, choice in known_by_key.items()}
    entries = [(str(entry.get("key") or ""), _label(entry.get("label")), entry) for entry in given]
    taken = {*known_by_key, *(key for key, _text, _entry in entries)}
    found: dict[str, dict[str, Any]] = {}
    for stated, label, entry in entries:
        if stated and stated not in known_by_key:
            raise ValidationError(_("There is no choice with the key “%(key)s”.") % {"key": stated[:40]})
        key = stated or by_label.get(label.casefold(), "")
        if not key or key in found:
            key = key_from(label, taken)
        taken.add(key)
        found[key] = {"key": key, "label": label} | ({"archived": True} if entry.get("archived") else {})
    if len({entry["label"].casefold() for entry in found.values()}) < len(entries):
        raise ValidationError(_("Two choices have the same name."))
    if len(found) > MOST_CHOICES:
        raise ValidationError(_("At most %(most)d choices.") % {"most": MOST_CHOICES})
    return list(found.values())


_CLEANERS: dict[str, Any] = {
    "label": _label,
    "help_text": _help_text,
    "kind": _kind,
    "visible_to": _visible_to,
    "order_index": _position,
}


def _clean(values: Mapping[str, Any], known_choices: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    errors: dict[str, Any] = {}
    clean: dict[str, Any] = {}
    for name, value in values.items():
        try:
            if name not in CHANGEABLE:
                raise ValidationError(_("There is no such field."))
            clean[name] = _choices(value, known_choices) if name == "choices" else _CLEANERS[name](value)
        except ValidationError as error:
            errors[name] = error.messages
    if errors:
        raise ValidationError(errors)
    return clean


def _check_choices(field: CustomField) -> None:
    if field.kind in WITH_CHOICES:
        if not any(not choice.get("archived") for choice in field.choices):
            raise ValidationError({"choices": _("Give at least one choice.")})
    elif field.choices:
        field.choices = []


def _save(field: CustomField, *, new: bool) -> None:
    try:
        with transaction.atomic():
            field.save(force_insert=new)
    except IntegrityError as error:
        if "custom_fields_" in str(error):
            raise ValidationError({"label": _("Another field has this name.")}) from error
        raise


@transaction.atomic
def create_custom_field(
    *,
    label: str,
    kind: str,
    choices: Iterable[Mapping[str, Any]] = (),
    visible_to: Iterable[str] = (),
    help_text: str = "",
    order_index: int | None = None,
) -> CustomField:
    """A new field. Its key is made from ``label``, its place is the last. Raises ValidationError."""
    clean = _clean(
        {
            "label": label,
            "kind": kind,
            "choices": list(choices),
            "visible_to": list(visible_to),
            "help_text": help_text,
            **({} if order_index is None else {"order_index": order_index}),
        }
    )
    keys = set(CustomField.objects.values_list("key", flat=True))
    return _add(CustomField(key=key_from(clean["label"], keys), **clean), positioned=order_index is not None)


def _add(field: CustomField, *, positioned: bool = False) -> CustomField:
    count, last = CustomField.objects.aggregate(count=models.Count("pk"), last=Max("order_index")).values()
    if count >= MOST_FIELDS:
        raise ValidationError({"label": _("At most %(most)d fields.") % {"most": MOST_FIELDS}})
    if not positioned:
        field.order_index = min(LAST_POSITION, (last or 0) + 1)
    _check_choices(field)
    _save(field, new=True)
    return field


def _locked(field: CustomField) -> CustomField:
    return CustomField.objects.select_for_update().get(pk=field.pk)


@transaction.atomic
def change_custom_field(*, field: CustomField, **values: Any) -> CustomField:
    """Changes what is given and leaves the rest. Raises ValidationError.

    ``choices`` are all that there shall be: those with the key of a present one rename it or put it
    away (``archived``), those without are new. A choice that is left out goes away, or is put away
    where somebody has it. ``kind`` changes where every value that people have can be read as the new
    kind, and changes these values with it.
    """
    locked = _locked(field)
    clean = _clean(values, locked.choices)
    before = CustomField(key=locked.key, kind=locked.kind, choices=locked.choices)
    if all(getattr(locked, name) == value for name, value in clean.items()):
        return locked
    for name, value in clean.items():
        setattr(locked, name, value)
    if "choices" in clean and locked.kind in WITH_CHOICES and before.kind in WITH_CHOICES:
        locked.choices += _left_out_but_used(before, locked.choices)
    _check_choices(locked)
    if locked.kind != before.kind:
        convert_values(before, locked)
    _save(locked, new=False)
    return locked


def _left_out_but_used(before: CustomField, choices: list[dict[str, Any]]) -> list[dict[str, Any]]:
    kept = {choice["key"] for choice in choices}
    left_out = [choice for choice in before.choices if choice["key"] not in kept]
    return [{**choice, "archived": True} for choice in left_out if _is_chosen(before, choice["key"])]


def _is_chosen(field: CustomField, choice: str) -> bool:
    wanted: Any = [choice] if field.kind == CustomField.Kind.CHOICES else choice
    return Member.objects.filter(custom_fields__contains={field.key: wanted}).exists()


@transaction.atomic
def archive_custom_field(*, field: CustomField) -> CustomField:
    """Puts a field away: it is shown nowhere, and its values wait for it."""
    return _set_archived(field, timezone.now())


@transaction.atomic
def restore_custom_field(*, field: CustomField) -> CustomField:
    """Takes a field out again, with the values that it had."""
    return _set_archived(field, None)


def _set_archived(field: CustomField, when: Any) -> CustomField:
    locked = _locked(field)
    if (locked.archived_at is None) != (when is None):
        locked.archived_at = when
        locked.save(update_fields=["archived_at", "updated_at"])
    return locked


@transaction.atomic
def reorder_custom_fields(*, ids: Sequence[UUID]) -> None:
    """Puts the fields in the order of ``ids``; those that are not named come after them, as they were.

    Raises ValidationError (``ids``) for one that does not exist.
    """
    fields = {
        field.pk: field for field in CustomField.objects.select_for_update().order_by("order_index", "pk")
    }
    if any(identifier not in fields for identifier in ids):
        raise ValidationError({"ids": _("There is no such field.")})
    order = [fields[key] for key in dict.fromkeys([*ids, *fields])]
    for position, field in enumerate(order, start=1):
        if field.order_index != position:
            field.order_index = position
            field.save(update_fields=["order_index", "updated_at"])


@transaction.atomic
def remove_custom_field(*, field: CustomField) -> None:
    """Deletes a field that was put away, that nobody has a value of and that no saved list asks for.

    Raises ValidationError otherwise.
    """
    locked = _locked(field)
    if locked.archived_at is None:
        raise ValidationError(_("Put the field away first; what people have in it stays then."))
    people = Member.objects.filter(custom_fields__has_key=locked.key).count()
    if people:
        text = ngettext(
            "%(count)d person has a value in this field, so it stays.",
            "%(count)d people have a value in this field, so it stays.",
            people,
        )
        raise ValidationError(text % {"count": people})
    if SavedList.objects.filter(rule__contains={"conditions": [{"field": f"{PREFIX}{locked.key}"}]}).exists():
        raise ValidationError(_("A saved list asks for this field, so it stays."))
    locked.delete()


def may_define(user: Any) -> bool:
    """Whether ``user`` may define fields; None is the program itself."""
    return user is None or bool(user.has_permission("settings:write"))


def planned_field(name: str, taken: Iterable[CustomField]) -> CustomField:
    """A field, not saved yet, for what a file calls ``name``: a date where it ends in ``_date``."""
    fields = list(taken)
    words = one_line(name.replace("_", " "))
    key = key_from(name, {field.key for field in fields})
    kind = CustomField.Kind.DATE if key.endswith("_date") else CustomField.Kind.TEXT
    label = _free_label(f"{words[:1].upper()}{words[1:]}"[: LONGEST_LABEL - 10] or key, fields)
    return CustomField(key=key, label=label, kind=kind)


def _free_label(label: str, fields: Iterable[CustomField]) -> str:
    taken = {field.label.casefold() for field in fields}
    free, number = label, 1
    while free.casefold() in taken:
        number += 1
        free = f"{label} {number}"
    return free


@transaction.atomic
def define_planned_fields(*, fields: Iterable[CustomField]) -> None:
    """Saves fields that ``planned_field`` made. Raises ValidationError."""
    for field in fields:
        _add(field)


@transaction.atomic
def define_stray_keys(**_event: Any) -> list[CustomField]:
    """Defines a field of text for each key under which people have values and that no field has, as
    from before there were definitions; receives each day's ``church_swept``. Returns the new fields.

    A key that is longer than one of a field can be stays as it is, and unseen.
    """
    known = list(CustomField.objects.all())
    each = Func(F("custom_fields"), function="jsonb_object_keys", output_field=models.TextField())
    found = Member.objects.order_by().annotate(each_key=each).values_list("each_key", flat=True).distinct()
    strays = sorted(set(found) - {field.key for field in known})
    new: list[CustomField] = []
    for key in strays[: MOST_FIELDS - len(known)]:
        if key and len(key) <= LONGEST_KEY:
            field = planned_field(key, [*known, *new])
            field.key, field.kind = key, CustomField.Kind.TEXT
            new.append(_add(field))
    return new
