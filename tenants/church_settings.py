"""What rooms above keep in a church's ``settings``: each entry with its rule and its field on the page.

``tenants`` stores the entries and knows what none of them means.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError


@dataclass(frozen=True)
class Entry:
    """``validate`` raises ValidationError for a value that will not do; ``form_field`` makes the field
    of the settings page.
    """

    name: str
    validate: Callable[[Any], None]
    form_field: Callable[[], forms.Field]


_entries: dict[str, Entry] = {}


def register_entry(
    name: str, validate: Callable[[Any], None], *, form_field: Callable[[], forms.Field]
) -> None:
    """Gives the entry ``name`` of every church's settings its rule; called in ``AppConfig.ready``."""
    _entries[name] = Entry(name, validate, form_field)


def entries() -> list[Entry]:
    """Every entry that a room has registered."""
    return list(_entries.values())


def checked(new: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
    """``new`` settings, in place of ``old`` ones. Raises ValidationError (``settings.<name>``).

    A registered entry that is left out stays as it was: who sets a colour must not lift a rule by it.
    """
    kept = {name: old[name] for name in _entries if name in old}
    settings = {**kept, **new}
    errors = {}
    for name in _entries.keys() & settings.keys():
        try:
            _entries[name].validate(settings[name])
        except ValidationError as error:
            errors[f"settings.{name}"] = error.messages
    if errors:
        raise ValidationError(errors)
    return settings
