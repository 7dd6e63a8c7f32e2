"""What the page of an import shows: how far it is, what became of it, and the fate of each row."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from members.importing import domain, undo
from members.importing.fields import field_label
from members.importing.reports import described, names_of
from members.models import Member, MemberImport, MemberImportRow

ROWS_ON_PAGE = 50
LONGEST_VALUE = 100

Fate = MemberImportRow.Fate


def counts_of(member_import: MemberImport) -> list[dict[str, Any]]:
    """What the rows have come to; of a trial run, what they would."""
    names = ("created", "updated", "unchanged", "failed")
    fields: dict[str, Any] = {name: MemberImport._meta.get_field(name) for name in names}
    return [
        {
            "name": name,
            "label": capfirst(fields[name].verbose_name),
            "count": getattr(member_import, name),
        }
        for name in names
    ]


def page_of_import(request: HttpRequest, member_import: MemberImport) -> dict[str, Any]:
    """The context of ``members/import_page.html``; ``?fate=`` and ``?page=`` choose the rows."""
    fate = request.GET.get("fate", "")
    fate = fate if fate in Fate.values else ""
    rows = member_import.rows.order_by("row")
    page = Paginator(rows.filter(fate=fate) if fate else rows, ROWS_ON_PAGE).get_page(request.GET.get("page"))
    undone = undo.progress_of(member_import)
    changes = member_import.created + member_import.updated
    return {
        "is_settled": member_import.is_finished and not member_import.is_being_undone,
        "counts": counts_of(member_import),
        "page": page,
        "rows": _shown_rows(member_import, list(page.object_list)),
        "fate": fate,
        "fates": [("", _("All rows")), *((value, capfirst(label)) for value, label in Fate.choices)],
        "columns": [
            {"column": column["column"], "fields": ", ".join(map(field_label, column["fields"]))}
            for column in member_import.columns
        ],
        "can_be_carried_out": domain.can_be_carried_out(member_import),
        "can_be_undone": undone is None and changes and not undo.reason_against(member_import),
        "undo": undone,
        "undo_percent": 100 - 100 * undone["remaining"] // max(1, changes) if undone else 0,
    }


def _shown_rows(member_import: MemberImport, rows: list[MemberImportRow]) -> list[dict[str, Any]]:
    names = names_of(member_import, rows)
    ids = {row.member_id for row in rows if row.member_id}
    there = set(Member.objects.filter(pk__in=ids).values_list("pk", flat=True))
    return [
        {
            "row": row.row,
            "name": names[row.row],
            "member_id": row.member_id if row.member_id in there else None,
            "fate": row.fate,
            "fate_shown": capfirst(row.get_fate_display()),
            "undone": row.get_undone_display() if row.undone else "",
            "problem": described(row.errors),
            "spared": described(row.spared),
            "changes": _changes(row) if row.fate == Fate.UPDATED else [],
        }
        for row in rows
    ]


def _changes(row: MemberImportRow) -> list[dict[str, str]]:
    return [
        {
            "field": field_label(name),
            "before": _text(row.before.get(name)),
            "after": _text(row.after.get(name)),
        }
        for name in row.changed
    ]


def _text(value: Any) -> str:
    """A value in one line."""
    if isinstance(value, dict):
        value = ", ".join(_text(part) for part in value.values())
    elif isinstance(value, list):
        value = ", ".join(map(_text, value))
    text = "" if value is None else str(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"
