"""Making and removing the schema of a church.

``create_schema`` and ``drop_schema`` are the whole interface: how the tables come into a new schema
is their own business.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache

from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from psycopg import sql

from .blueprint import Blueprint, runs_python
from .context import connection
from .models import Church

# At most one: what this process wrote down when it made its first church.
_blueprints: list[Blueprint] = []


def _church_labels() -> set[str]:
    return {config.label for config in apps.get_app_configs() if config.name in settings.TENANT_APPS}


def _targets(loader: MigrationLoader) -> list[tuple[str, str]]:
    labels = _church_labels()
    return sorted(node for node in loader.graph.leaf_nodes() if node[0] in labels)


@cache
def migration_names() -> tuple[str, ...]:
    """The migrations that the code asks of a church's schema, as ``app.name``, sorted."""
    loader = MigrationLoader(None)
    labels = _church_labels()
    return tuple(sorted(f"{app}.{name}" for app, name in loader.graph.nodes if app in labels))


def applied_migrations(schema_name: str) -> tuple[str, ...]:
    """The migrations that a church's schema has, as ``app.name``, sorted."""
    table = sql.Identifier(schema_name, "django_migrations")
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("SELECT app, name FROM {} WHERE app = ANY(%s)").format(table), [sorted(_church_labels())]
        )
        return tuple(sorted(f"{app}.{name}" for app, name in cursor.fetchall()))


def state_of(names: Iterable[str]) -> str:
    """A short name (64 hexadecimal digits) for a set of migrations."""
    return hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()


def migration_state() -> str:
    """A name for the migrations that the code asks of a church's schema."""
    return state_of(migration_names())


def migrate_schema(schema_name: str) -> None:
    """Brings the tables of one existing schema up to the code's migrations."""
    before = connection.tenant
    connection.set_schema(schema_name, include_public=False)
    try:
        # Without public in the path, or its record of migrations would be taken for this schema's.
        MigrationRecorder(connection).ensure_schema()
        connection.set_schema(schema_name)
        executor = MigrationExecutor(connection)
        executor.migrate(_targets(executor.loader))
    finally:
        connection.set_tenant(before)


def create_schema(schema_name: str) -> None:
    """Makes the schema with all its tables. Inside a transaction it is undone with it."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema_name)))
        _make_tables(schema_name)


def _make_tables(schema_name: str) -> None:
    if not _history_is_repeatable():
        migrate_schema(schema_name)
        return
    before = connection.tenant
    connection.set_schema(schema_name)
    try:
        if _blueprints:
            _blueprints[0].repeat()
            return
        blueprint = Blueprint()
        with blueprint.written():
            migrate_schema(schema_name)
        if blueprint.is_repeatable:
            _blueprints.append(blueprint)
    finally:
        connection.set_tenant(before)


@cache
def _history_is_repeatable() -> bool:
    labels = _church_labels()
    migrations = MigrationLoader(None).disk_migrations
    return not any(
        runs_python(migration.operations) for (app, _name), migration in migrations.items() if app in labels
    )


def drop_schema(schema_name: str) -> None:
    """Removes the schema and everything in it."""
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(schema_name)))


def migrate_due_churches(report: object = print) -> int:
    """Migrates the churches that are behind the code, each in a transaction of its own.

    One query finds them. Returns how many were migrated; can be repeated after a failure.
    """
    state = migration_state()
    done = 0
    for church in Church.objects.due_for_migration(state).order_by("created_at"):
        with transaction.atomic():
            migrate_schema(church.schema_name)
            Church.objects.filter(pk=church.pk).update(migrated_to=state)
        done += 1
        if callable(report):
            report(f"{church.subdomain}: migrated")
    return done
