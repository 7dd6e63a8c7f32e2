"""A church in: the same church, or, where that one still is, a copy of it."""

from __future__ import annotations

import uuid
from pathlib import Path

import psycopg
from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.encryption import missing_keys
from tenants import provisioning, signals
from tenants.context import enter_church, outside_churches
from tenants.domain import add_domain, register_church
from tenants.hosts import forget_hosts
from tenants.models import Church
from tenants.subdomains import normalized_subdomain

from . import tables
from .archive import ArchiveError, ArchiveReader, read_archive
from .carrying import files_in
from .exporting import Report, church_fields
from .manifest import Manifest


def import_church(
    *, path: Path, subdomain: str | None = None, suspended: bool = False, report: Report
) -> Church:
    """Makes the church that ``path`` holds: same id, same users with their passwords, same rows
    and files.

    Where a church with its id exists, ``subdomain`` must be given and the new one is a copy: it
    gets an id of its own, so that no token of one is good at the other, and neither the sessions
    nor the own hosts of the original. One that is imported ``suspended`` sends nothing until it is
    resumed: the original may be sending the same. All happens in one transaction. ``report`` gets a line
    for each table. Raises ArchiveError, and ValidationError for a subdomain or host that is taken.
    """
    with read_archive(path) as archive:
        manifest = archive.manifest
        _check_migrations(manifest)
        _check_keys(manifest)
        with outside_churches(), transaction.atomic():
            try:
                church = _church_of(manifest)
                exported_id = church.id
                if suspended:
                    church.status = Church.Status.SUSPENDED
                _register(church, manifest, subdomain)
                provisioning.create_schema(church.schema_name)
                _fill(archive, church, report)
                _bind(church, exported_id)
                files_in(archive, church, report)
                tables.check_foreign_keys()
            except psycopg.Error as error:
                raise ArchiveError(_("The rows do not fit: %s") % error.diag.message_primary) from error
            except (DatabaseError, UnicodeError) as error:
                raise ArchiveError(_("The rows do not fit: %s") % str(error).partition("\n")[0]) from error
            if not church.is_suspended:
                with enter_church(church):
                    signals.church_resumed.send(sender=Church, church=church)
            transaction.on_commit(forget_hosts)
    return church


def _check_migrations(manifest: Manifest) -> None:
    here, there = set(provisioning.migration_names()), set(manifest.migrations)
    if here == there:
        return
    differences = [
        _("only in the file: %s") % ", ".join(sorted(there - here)) if there - here else "",
        _("only here: %s") % ", ".join(sorted(here - there)) if here - there else "",
    ]
    raise ArchiveError(
        _(
            "The file was made with other migrations (%(there)s) than this installation has (%(here)s); "
            "%(differences)s. Import it with the release that made it, or bring the church up to this "
            "release there (manage.py migrate) and export it again."
        )
        % {
            "there": provisioning.state_of(there)[:12],
            "here": provisioning.migration_state()[:12],
            "differences": "; ".join(filter(None, differences)),
        }
    )


def _check_keys(manifest: Manifest) -> None:
    missing = missing_keys(list(manifest.key_proofs))
    if missing:
        raise ArchiveError(
            ngettext(
                "The file holds values encrypted with a key that this installation lacks. Add key "
                "%(keys)s of the other installation's FIELD_ENCRYPTION_KEYS at the end of "
                "FIELD_ENCRYPTION_KEYS here.",
                "The file holds values encrypted with keys that this installation lacks. Add keys "
                "%(keys)s of the other installation's FIELD_ENCRYPTION_KEYS at the end of "
                "FIELD_ENCRYPTION_KEYS here.",
                len(missing),
            )
            % {"keys": ", ".join(map(str, missing))}
        )


def _church_of(manifest: Manifest) -> Church:
    fields = church_fields()
    if odd := {field.name for field in fields} ^ manifest.church.keys():
        raise ArchiveError(_("The church in the file has other columns: %s.") % ", ".join(sorted(odd)))
    try:
        church = Church(**{field.name: field.to_python(manifest.church[field.name]) for field in fields})
    except (ValidationError, TypeError, ValueError) as error:
        raise ArchiveError(_("The church in the file cannot be read.")) from error
    if not isinstance(church.id, uuid.UUID) or not isinstance(church.settings, dict):
        raise ArchiveError(_("The church in the file cannot be read."))
    return church


def _register(church: Church, manifest: Manifest, subdomain: str | None) -> None:
    existing = Church.objects.filter(id=church.id).first()
    if existing and not subdomain:
        raise ArchiveError(
            _(
                "The church of this file exists here already: %(name)s (%(subdomain)s). "
                "Give another subdomain (--subdomain) to make a copy of it."
            )
            % {"name": existing.name, "subdomain": existing.subdomain}
        )
    if existing:
        church.id = uuid.uuid4()
    church.subdomain = normalized_subdomain(subdomain or church.subdomain)
    church.schema_name = Church.schema_for(church.id)
    church.migrated_to = provisioning.migration_state()
    times = {name: getattr(church, name) for name in ("created_at", "updated_at")}
    register_church(church=church)
    # Saving set them to now.
    Church.objects.filter(pk=church.pk).update(**times)
    if not existing:
        for host in manifest.hosts:
            add_domain(church=church, host=host)


def _fill(archive: ArchiveReader, church: Church, report: Report) -> None:
    schema, manifest = church.schema_name, archive.manifest
    tables.use_plain_formats()
    made = tables.columns_by_table(schema)
    listed = {table.name: table.columns for table in manifest.tables}
    if made.keys() != listed.keys() or any(set(made[name]) != set(listed[name]) for name in made):
        raise ArchiveError(_("The tables in the file are not those of its migrations."))
    if {entry.name for entry in tables.sequences(schema)} != {entry.name for entry in manifest.sequences}:
        raise ArchiveError(_("The sequences in the file are not those of its migrations."))
    tables.empty(schema, made)
    for table in manifest.tables:
        rows = tables.rows_in(schema, table.name, table.columns, archive.rows_of(table))
        if rows != table.rows:
            raise ArchiveError(_("The file is damaged: rows of %s are missing.") % table.name)
        report(_("%(table)s: %(rows)d rows") % {"table": table.name, "rows": rows})
    tables.set_sequences(schema, manifest.sequences)
    tables.analyze(schema, made)


def _owner_columns() -> list[tuple[str, str]]:
    """Table and column of everything in a church's schema that names the church it belongs to."""
    return [
        (model._meta.db_table, str(field.column))
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_config.name in settings.TENANT_APPS
        for field in model._meta.concrete_fields
        if field.remote_field and field.remote_field.model is Church
    ]


def _bind(church: Church, exported_id: uuid.UUID) -> None:
    """Checks that all rows are the exported church's, and makes them the copy's if it is one."""
    is_copy = church.id != exported_id
    for table, column in _owner_columns():
        if tables.owners(church.schema_name, table, column) - {None, exported_id}:
            raise ArchiveError(_("The file is damaged: %s holds rows of another church.") % table)
        if is_copy:
            tables.change_owner(church.schema_name, table, column, church.id)
    if is_copy:
        # A session's cookie would be good at both churches.
        with enter_church(church, even_suspended=True):
            Session.objects.all().delete()
