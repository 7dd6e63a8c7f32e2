"""A church out: every row and file, as it stood at one moment."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.encryption import key_proofs
from tenants import provisioning
from tenants.context import outside_churches
from tenants.models import Church

from . import tables
from .archive import ArchiveWriter, written_archive
from .carrying import files_out
from .manifest import Manifest, TableEntry

Report = Callable[[str], Any]


def export_church(*, church: Church, path: Path, report: Report) -> Manifest:
    """Writes the church to the file ``path``, which appears only when it is whole.

    One transaction reads everything, so that rows which belong together are together in the file,
    and people may go on working meanwhile. It locks no more than the church's own tables. Call it
    outside of a transaction. ``report`` gets a line for each table. Raises OSError.
    """
    with written_archive(path) as archive, outside_churches(), transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        tables.use_plain_formats()
        church = Church.objects.get(pk=church.pk)
        schema = church.schema_name
        manifest = Manifest(
            created_at=timezone.now().isoformat(),
            church=church_as_json(church),
            hosts=tuple(church.domains.filter(is_primary=False).values_list("domain", flat=True)),
            migrations=_migrations(schema),
            key_proofs=tuple(key_proofs()),
            tables=tuple(
                _table(archive, schema, name, columns, report)
                for name, columns in tables.columns_by_table(schema).items()
            ),
            # A sequence knows no snapshot. Read last, it stands at or behind every exported row.
            sequences=tuple(tables.sequences(schema)),
            files=files_out(archive, church, report),
        )
        archive.add_manifest(manifest)
    return manifest


def _table(
    archive: ArchiveWriter, schema: str, name: str, columns: tuple[str, ...], report: Report
) -> TableEntry:
    entry = archive.add_table(name, columns, tables.rows_out(schema, name, columns))
    report(_("%(table)s: %(rows)d rows") % {"table": name, "rows": entry.rows})
    return entry


def _migrations(schema: str) -> tuple[str, ...]:
    applied = provisioning.applied_migrations(schema)
    wanted = provisioning.migration_names()
    # Squashed migrations leave the names of those they replaced behind; they make no difference.
    return wanted if set(wanted) <= set(applied) else applied


def church_as_json(church: Church) -> dict[str, Any]:
    """The church's row: values that JSON has as themselves, all others as text."""
    return {field.name: _as_json(field.value_from_object(church)) for field in church_fields()}


def church_fields() -> list[Any]:
    """The columns of a church's row that a file carries."""
    # The schema is made anew: named after the id, at the migrations of the installation.
    left_out = {"schema_name", "migrated_to"}
    return [field for field in Church._meta.concrete_fields if field.name not in left_out]


def _as_json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, uuid.UUID) else value
