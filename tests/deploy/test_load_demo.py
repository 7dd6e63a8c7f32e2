"""``manage.py load_demo``: only where nothing else is, and only where somebody wants a demo."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import StringIO
from subprocess import CompletedProcess

import psycopg
import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from members.demo.churches import CHURCHES, PASSWORD, SUPERUSER
from tenants.models import Church
from tests import databases

Manage = Callable[..., CompletedProcess[str]]


@pytest.fixture
def empty_database(django_db_setup: None) -> Iterator[str]:
    """The URL of a database without any table."""
    name = f"churchsaas_test_{databases.RUN}_empty"
    databases.drop(name)
    with psycopg.connect(databases.SERVER_URL, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield databases.url_of(name)
    databases.drop(name)


def test_an_empty_database_becomes_the_demo_and_a_repeat_changes_nothing(empty_database, manage: Manage):
    first = manage(empty_database, "load_demo", "--allow")
    assert first.returncode == 0, first.stderr
    assert "Grace Church (grace): 81 people." in first.stdout
    for church in CHURCHES:
        for _role, email in church.accounts():
            assert email in first.stdout
    assert PASSWORD in first.stdout
    with psycopg.connect(empty_database) as connection:
        schemas = [row[0] for row in connection.execute("SELECT schema_name FROM tenants ORDER BY subdomain")]
        assert len(schemas) == 2
        for schema in schemas:
            # Nobody who states a household is in none.
            unplaced = connection.execute(
                f"SELECT count(*) FROM {schema}.members WHERE household_key <> '' AND id NOT IN"
                f" (SELECT member_id FROM {schema}.household_memberships WHERE is_primary)"
            ).fetchone()
            households = connection.execute(f"SELECT count(*) FROM {schema}.households").fetchone()
            assert unplaced == (0,)
            assert households is not None
            assert households[0] >= 10
        # Not deleted: every room's part of the demo may refer to them.
        connection.execute(f"UPDATE {schemas[0]}.members SET last_name = 'X' WHERE last_name = 'Garcia'")
    again = manage(empty_database, "load_demo", "--allow")
    assert again.returncode == 0, again.stderr
    assert "nothing was changed" in again.stdout
    with psycopg.connect(empty_database) as connection:
        names = [row[0] for row in connection.execute(f"SELECT last_name FROM {schemas[0]}.members")]
    assert len(names) == 81
    assert "X" in names
    assert "Garcia" not in names


def test_a_real_installation_is_refused_without_a_word_of_consent(empty_database, manage: Manage):
    refused = manage(empty_database, "load_demo")
    assert refused.returncode == 1
    assert "--allow" in refused.stderr
    with psycopg.connect(empty_database) as connection:
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    assert tables == (0,)


def test_a_database_with_other_churches_is_refused_even_with_consent(db):
    User.objects.all()._raw_delete("default")
    for church in Church.objects.all():
        Church.objects.filter(pk=church.pk).update(subdomain=f"real-{church.subdomain}")
    with pytest.raises(CommandError, match="not the demo's"):
        call_command("load_demo", allow=True, stdout=StringIO())
    assert not User.objects.filter(email=SUPERUSER).exists()


def test_a_database_with_another_superuser_is_refused(db):
    User.objects.filter(email=SUPERUSER).update(email="operator@platform.example")
    Church.objects.all().delete()
    with pytest.raises(CommandError, match="not the demo's"):
        call_command("load_demo", allow=True, stdout=StringIO())
