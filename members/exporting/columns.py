"""The columns of an export, named so that an import reads them back to the same fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from members.importing.cells import written_list
from members.importing.columns import CUSTOM
from members.importing.known_headers import FIELD_OF_NAME, folded_column
from members.importing.own_fields import written_own_value
from members.models import CustomField

Cell = str | int | float
Row = Mapping[str, Any]

PERSON: dict[str, str] = {
    "First name": "first_name",
    "Middle name": "middle_name",
    "Last name": "last_name",
    "Title": "prefix",
    "Suffix": "suffix",
    "Nickname": "nickname",
    "Email": "email",
    "Mobile phone": "phone",
    "Home phone": "home_phone",
    "Work phone": "work_phone",
    "Gender": "gender",
    "Marital status": "marital_status",
    "Birthday": "birth_date",
    "Membership status": "membership_status",
    "Baptized date": "baptized_date",
    "External key": "external_key",
    "Time zone": "timezone",
    # What an imported file said of the family, by which the next one knows the person again.
    "Household key": "household_key",
    "Household role": "household_role",
}
ADDRESS: dict[str, str] = {
    "Address 1": "line1",
    "Address 2": "line2",
    "City": "city",
    "State": "state",
    "Postal code": "postal_code",
    "Country": "country",
}
# Every column of a person that an export reads; nothing confidential is among them.
FIELDS = [
    "id", *PERSON.values(), "address", "mailing_address", "tags", "custom_fields", "created_at", "updated_at",
]  # fmt: skip


@dataclass(frozen=True)
class Column:
    """One column: its name, and what stands in it. A row holds ``FIELDS`` and ``home``."""

    name: str
    value: Callable[[Row], Cell]


def columns_of(own_fields: Sequence[CustomField]) -> list[Column]:
    """The columns in order. ``own_fields`` are those of the church that whoever asks may see."""
    columns = [Column("ChurchSaaS ID", _of_person("id"))]
    columns += [Column(name, _of_person(field)) for name, field in PERSON.items()]
    columns += [Column(name, _of_address("address", part)) for name, part in ADDRESS.items()]
    columns += [
        Column(f"Mailing {name.lower()}", _of_address("mailing_address", part))
        for name, part in ADDRESS.items()
    ]
    columns += [
        Column("Tags", lambda row: written_list(row["tags"])),
        Column("Household", lambda row: row["home"].name),
        Column("Role there", lambda row: row["home"].role),
        Column("Also in", lambda row: written_list(row["home"].also_in)),
    ]
    ends = [Column("Added", _of_person("created_at")), Column("Changed", _of_person("updated_at"))]
    return [*columns, *_own_columns(own_fields, [*columns, *ends]), *ends]


def _own_columns(own_fields: Sequence[CustomField], others: Sequence[Column]) -> list[Column]:
    """A column for each field, called as it is; one that is called like another column by its key."""
    taken = {folded_column(column.name) for column in others}
    taken |= {name for name, field in FIELD_OF_NAME.items() if not field.startswith(CUSTOM)}
    columns = []
    for own_field in own_fields:
        folded = folded_column(own_field.label)
        name = own_field.label if folded and folded not in taken else f"{CUSTOM}{own_field.key}"
        taken.add(folded)
        columns.append(Column(name, _of_own_field(own_field)))
    return columns


def _of_person(field: str) -> Callable[[Row], Cell]:
    return lambda row: _plain(row[field])


def _of_address(field: str, part: str) -> Callable[[Row], Cell]:
    return lambda row: _plain(row[field].get(part))


def _of_own_field(own_field: CustomField) -> Callable[[Row], Cell]:
    return lambda row: written_own_value(own_field, row["custom_fields"].get(own_field.key))


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value)
