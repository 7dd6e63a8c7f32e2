"""Addresses and forms of the pages of people."""

from __future__ import annotations

from typing import Any

LIST = "/admin/members/member/"
ADD = "/admin/members/member/add/"


def change(person: Any) -> str:
    """Address of the form of ``person``."""
    return f"{LIST}{person.pk}/change/"


def fields_of(person: Any, **changes: Any) -> dict[str, Any]:
    """What the form of ``person`` sends when nothing but ``changes`` was typed."""
    names = (
        "first_name middle_name last_name prefix suffix nickname email phone home_phone work_phone gender"
        " marital_status birth_date membership_status external_key timezone"
    )
    values = {name: getattr(person, name) for name in names.split()}
    parts = ("line1", "line2", "city", "state", "postal_code", "country")
    values |= {f"address_{part}": person.address.get(part, "") for part in parts}
    values |= {f"mailing_address_{part}": person.mailing_address.get(part, "") for part in parts}
    values |= {"tags": ", ".join(person.tags), "baptized_date": person.baptized_date or "", "_save": "Save"}
    return values | changes
