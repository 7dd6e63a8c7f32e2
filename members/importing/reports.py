"""What is said of the rows of an import: for whom they are, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from members.models import Member, MemberImport, MemberImportRow

from .fields import field_label


def names_of(member_import: MemberImport, rows: Collection[MemberImportRow]) -> dict[int, str]:
    """Row -> name: the person's now, or what the row says where there is no such person."""
    ids = {row.member_id for row in rows if row.member_id}
    people = Member.objects.filter(pk__in=ids).values_list("pk", "first_name", "last_name")
    known = {pk: f"{first} {last}" for pk, first, last in people}
    positions = {
        name: column["position"]
        for column in member_import.columns
        for name in column["fields"]
        if name in ("first_name", "last_name")
    }
    return {
        row.row: (known.get(row.member_id) if row.member_id else None) or _stated_name(row, positions)
        for row in rows
    }


def _stated_name(row: MemberImportRow, positions: dict[str, int]) -> str:
    said: dict[str, Any] = row.after or {
        name: row.cells[position] for name, position in positions.items() if position < len(row.cells)
    }
    return " ".join(text for name in ("first_name", "last_name") if (text := str(said.get(name, "")).strip()))


def described(reasons: Iterable[dict[str, str]]) -> str:
    """Errors or reasons of a row for people: ``Email: Enter a valid email address.``"""
    return " ".join(
        f"{field_label(reason['field'])}: {reason['message']}" if reason["field"] else reason["message"]
        for reason in reasons
    )
