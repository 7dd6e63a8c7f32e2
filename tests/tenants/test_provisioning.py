"""A church comes into being whole, or not at all."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.migrations import operations
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.domain import open_church
from tenants import signals
from tenants.blueprint import Blueprint, runs_python
from tenants.context import enter_church
from tenants.domain import delete_church, provision_church
from tenants.models import Church
from tenants.provisioning import applied_migrations, migrate_schema, migration_names
from tests.tenants.schemas import church_schemas, registered_schemas, shape_of

PASSWORD = "correct horse battery"
GOOD = {
    "name": "St Mary",
    "subdomain": "st-mary",
    "plan_type": "free",
    "timezone_name": "Africa/Nairobi",
    "country": "KE",
    "admin_email": "mary@st-mary.example",
    "admin_password": PASSWORD,
}


def sign_in(host: str, email: str, password: str = PASSWORD) -> int:
    return (
        Client(HTTP_HOST=host)
        .post("/api/auth/login", {"email": email, "password": password}, content_type="application/json")
        .status_code
    )


def test_a_new_church_has_a_host_a_schema_and_an_administrator(own_database):
    church, administrator = open_church(**GOOD)
    assert church.host == "st-mary.localhost"
    assert set(applied_migrations(church.schema_name)) >= set(migration_names())
    assert church.schema_name in church_schemas(own_database)
    assert administrator.permissions == ["*"]
    assert sign_in("st-mary.localhost", "mary@st-mary.example") == 200
    assert sign_in("grace.localhost", "mary@st-mary.example") == 401


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        ({"admin_email": "nobody"}, "admin_email", "valid email"),
        ({"admin_email": ""}, "admin_email", "blank"),
        ({"admin_password": "short"}, "admin_password", "too short"),
        ({"admin_password": "mary@st-mary.example"}, "admin_password", "too similar"),
        ({"timezone_name": "Mars/Olympus"}, "timezone", "no time zone"),
        ({"country": "Kenya"}, "country", "two letters"),
        ({"plan_type": "gold"}, "plan_type", "not a valid choice"),
        ({"language": "xx"}, "language", "not a valid choice"),
        ({"name": " "}, "name", "blank"),
        ({"subdomain": "grace"}, "subdomain", "taken"),
    ],
)
def test_a_failure_leaves_nothing(own_database, change, field, reason):
    before = church_schemas(own_database)
    with pytest.raises(ValidationError) as refusal:
        open_church(**{**GOOD, **change})
    assert list(refusal.value.message_dict) == [field]
    assert reason in " ".join(refusal.value.message_dict[field])
    assert church_schemas(own_database) == registered_schemas(own_database) == before
    assert not Church.objects.filter(subdomain="st-mary").exists()


def test_a_failure_of_a_room_above_leaves_nothing(own_database):
    """Whatever breaks after the schema was made takes it away again, and the name is free."""
    before = church_schemas(own_database)

    def fail(**kwargs):
        raise RuntimeError("broken")

    signals.church_provisioned.connect(fail)
    try:
        with pytest.raises(RuntimeError, match="broken"):
            open_church(**GOOD)
    finally:
        signals.church_provisioned.disconnect(fail)
    assert church_schemas(own_database) == registered_schemas(own_database) == before
    open_church(**GOOD)
    assert sign_in("st-mary.localhost", "mary@st-mary.example") == 200


def test_a_deleted_church_leaves_nothing(own_database):
    church = provision_church(name="Short", subdomain="short")
    assert church.schema_name in church_schemas(own_database)
    delete_church(church=church)
    assert church.schema_name not in church_schemas(own_database) | registered_schemas(own_database)
    assert Client(HTTP_HOST="short.localhost").get("/api/auth/me").status_code == 404
    assert provision_church(name="Short", subdomain="short").id != church.id


@pytest.mark.slow
def test_twenty_four_at_once_all_work_and_leave_no_orphan(own_database):
    """24 churches and, at the same moment, six rivals for a subdomain that one of them gets."""

    def make(subdomain: str) -> str:
        try:
            open_church(
                name=subdomain,
                subdomain=subdomain,
                admin_email=f"admin@{subdomain}.example",
                admin_password=PASSWORD,
            )
        except ValidationError as refusal:
            return refusal.messages[0]
        finally:
            connection.close()
        return "made"

    names = [f"church-{number}" for number in range(24)]
    with ThreadPoolExecutor(max_workers=30) as pool:
        results = list(pool.map(make, names + ["church-0"] * 6))

    assert results.count("made") == 24
    assert results.count("“church-0” is taken.") == 6
    assert church_schemas(own_database) == registered_schemas(own_database)
    assert Church.objects.count() == 26
    for name in names:
        assert sign_in(f"{name}.localhost", f"admin@{name}.example") == 200, name
    for church in Church.objects.all():
        assert set(applied_migrations(church.schema_name)) >= set(migration_names())


def test_what_is_repeated_is_what_migrating_makes(own_database):
    """The first church of a process is migrated, further ones get the same statements in one go."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA church_migrated")
    with CaptureQueriesContext(connection) as migrating:
        migrate_schema("church_migrated")
    provision_church(name="First", subdomain="first")
    with CaptureQueriesContext(connection) as repeating:
        second = provision_church(name="Second", subdomain="second")

    expected = shape_of(own_database, "church_migrated")
    assert len(expected) > 50
    assert shape_of(own_database, second.schema_name) == expected
    assert applied_migrations(second.schema_name) == applied_migrations("church_migrated")
    assert len(repeating) < len(migrating) / 2
    # Nothing is left to do for whoever migrates it later.
    with CaptureQueriesContext(connection) as again:
        migrate_schema(second.schema_name)
    assert not [query for query in again if query["sql"].startswith(("CREATE", "ALTER", "INSERT"))]


def test_what_may_differ_from_time_to_time_is_not_repeated(own_database):
    grace = Church.objects.get(subdomain="grace")
    for statement, repeatable in (
        ("CREATE TABLE more (id integer)", True),
        ("SELECT count(*) FROM members", True),
        ("INSERT INTO more SELECT 1", False),
        ("UPDATE members SET nickname = 'x'", False),
    ):
        blueprint = Blueprint()
        with enter_church(grace), blueprint.written(), connection.cursor() as cursor:
            cursor.execute(statement)
        assert blueprint.is_repeatable is repeatable, statement


def test_migrations_that_run_python_are_noticed():
    nothing = operations.RunPython(operations.RunPython.noop)
    assert not runs_python([operations.RunSQL("SELECT 1")])
    assert runs_python([operations.RunSQL("SELECT 1"), nothing])
    assert runs_python([operations.SeparateDatabaseAndState(database_operations=[nothing])])


def test_no_foreign_key_leads_out_of_a_church(grace):
    """Or the church could not be moved to another installation."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.conname FROM pg_constraint c
            JOIN pg_class here ON here.oid = c.conrelid JOIN pg_class there ON there.oid = c.confrelid
            WHERE c.contype = 'f' AND here.relnamespace = to_regnamespace(%s)
              AND there.relnamespace <> here.relnamespace
            """,
            [grace.schema_name],
        )
        assert cursor.fetchall() == []
