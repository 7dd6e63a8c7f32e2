"""The fields that a column can fill, in plain words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.addresses import PARTS as ADDRESS_PARTS
from members.models import CustomField, Member

from .columns import CUSTOM
from .known_headers import KNOWN_NAMES

GROUPS = {
    "name": (
        gettext_lazy("Name"), ("first_name", "middle_name", "last_name", "prefix", "suffix", "nickname")
    ),
    "person": (
        gettext_lazy("Person"),
        ("birth_date", "gender", "marital_status", "membership_status", "baptized_date", "tags"),
    ),
    "contact": (gettext_lazy("Contact"), ("email", "phone", "home_phone", "work_phone", "timezone")),
    "address": (gettext_lazy("Address"), tuple(f"address.{part}" for part in ADDRESS_PARTS)),
    "mailing": (
        gettext_lazy("Mailing address"), tuple(f"mailing_address.{part}" for part in ADDRESS_PARTS)
    ),
    "household": (gettext_lazy("Household"), ("household_key", "household_role")),
    "key": (gettext_lazy("Keys"), ("external_key", "churchsaas_id")),
}  # fmt: skip

# What other systems have and this one has no field for.
USUAL = {
    "membership_date": gettext_lazy("Membership date"),
    "wedding_date": gettext_lazy("Wedding date"),
    "work_email": gettext_lazy("Work email"),
    "envelope": gettext_lazy("Envelope"),
}


@dataclass(frozen=True)
class Choice:
    """``field`` as in a mapping, what it is called, and the heading below which it stands."""

    field: str
    label: str
    group: str


def field_label(name: str, own_fields: Iterable[CustomField] = ()) -> str:
    """What the pages call a field of an import: ``address.city`` is City, ``birth_date`` Birthday."""
    kind, _dot, part = name.partition(".")
    if kind in ("address", "mailing_address") and part in ADDRESS_PARTS:
        return str(ADDRESS_PARTS[part])
    if kind == "household_key":
        return _("Key of the household")
    if kind == "churchsaas_id":
        return _("Key of the person here")
    if part:
        labels = {own_field.key: own_field.label for own_field in own_fields}
        return str(labels.get(part) or USUAL.get(part) or part.replace("_", " ").capitalize())
    known = {field.name: field.verbose_name for field in Member._meta.concrete_fields}
    return str(capfirst(known.get(name, name)))


def choices(own_fields: Iterable[CustomField]) -> list[Choice]:
    """Every field that a column can fill; the church's own ones come last."""
    own = list(own_fields)
    found = [
        Choice(name, field_label(name), str(title)) for title, names in GROUPS.values() for name in names
    ]
    found += [Choice(f"{CUSTOM}{one.key}", one.label, _("Fields of your own")) for one in own]
    taken = {choice.field for choice in found}
    # Kept under its usual name.
    found += [
        Choice(name, field_label(name), _("Kept as it is"))
        for name in KNOWN_NAMES
        if name.startswith(CUSTOM) and name not in taken
    ]
    return found
