"""A church in a file: out, away, and back as it was; or beside the original."""

from __future__ import annotations

import stat
import threading
import zipfile
from collections.abc import Iterator

import psycopg
import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django_q.models import OrmQ
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from accounts.domain import create_user
from accounts.models import User
from core.models import IdempotencyKey
from members.domain import create_member
from members.models import Member
from tenants.context import enter_church
from tenants.domain import delete_church, resume_church, suspend_church
from tenants.hosts import forget_hosts
from tenants.models import Church
from tenants.transfer import export_church
from tests import databases, world
from tests.tenants.exports import bring
from tests.tenants.schemas import church_schemas, rows_by_table


def login(host: str, actor: str = "bob") -> dict[str, str]:
    answer = Client(HTTP_HOST=host).post(
        "/api/auth/login",
        {"email": world.email_of(actor), "password": world.PASSWORD},
        content_type="application/json",
    )
    assert answer.status_code == 200, answer.content
    return answer.json()


def who_am_i(host: str, access: str) -> int:
    return (
        Client(HTTP_HOST=host).get("/api/auth/me", headers={"Authorization": f"Bearer {access}"}).status_code
    )


# Out and back.


def test_export_delete_import_gives_back_every_byte(own_database, full_grace, archive):
    before = rows_by_table(own_database, full_grace.schema_name)
    assert {"members", "member_imports", "idempotency_keys", "django_session", "login_sessions"} <= {
        table for table, rows in before.items() if rows
    }
    delete_church(church=full_grace)
    assert full_grace.schema_name not in church_schemas(own_database)

    back = bring(archive)

    assert rows_by_table(own_database, back.schema_name) == before
    row = Church.objects.get(pk=full_grace.pk)
    for field in Church._meta.concrete_fields:
        assert getattr(row, field.name) == getattr(full_grace, field.name), field.name
    assert sorted(row.domains.values_list("domain", "is_primary")) == [
        ("grace.localhost", True),
        ("www.grace.example", False),
    ]
    assert login("www.grace.example")["user"]["tenant"]["id"] == str(full_grace.pk)
    with enter_church(row):
        assert IdempotencyKey.objects.get(key="k").body == "secret"
        # The identity of the table goes on behind what was imported.
        later = IdempotencyKey.objects.create(scope="s", key="later", fingerprint="f")
        assert later.pk > IdempotencyKey.objects.get(key="k").pk
        assert create_user(email="new@grace.example", role="staff").tenant_id == full_grace.pk


@pytest.fixture
def other_installation(own_database: str) -> Iterator[str]:
    """The URL of an empty, migrated database to which Django can be connected beside its own."""
    name = databases.connections["default"].settings_dict["NAME"]
    other = f"{name}_other"
    databases.drop(other)
    with psycopg.connect(databases.SERVER_URL, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(other)))
    databases.connect_to(other)
    call_command("migrate", verbosity=0, interactive=False)
    databases.connect_to(name)
    yield databases.url_of(other)
    databases.connect_to(name)
    databases.drop(other)


@pytest.mark.slow
def test_commands_carry_a_church_to_another_installation(
    own_database, other_installation, full_grace, tmp_path, manage, settings
):
    """With another SECRET_KEY and another domain, users sign in there with their passwords."""
    path = tmp_path / "grace.zip"
    exported = manage(own_database, "export_church", "grace", "--to", str(path))
    assert exported.returncode == 0, exported.stderr
    assert "members: 5 rows" in exported.stdout
    elsewhere = {"BASE_DOMAIN": "parish.example", "SECRET_KEY": "another" * 8}

    imported = manage(other_installation, "import_church", str(path), environment=elsewhere)

    assert imported.returncode == 0, imported.stderr
    assert imported.stdout.endswith(f"id: {full_grace.pk}\nhost: grace.parish.example\n")
    assert rows_by_table(other_installation, full_grace.schema_name) == rows_by_table(
        own_database, full_grace.schema_name
    )
    again = manage(other_installation, "import_church", str(path), environment=elsewhere)
    assert again.returncode == 1
    assert "exists here already: Grace Church (grace)" in again.stderr
    assert "Traceback" not in again.stderr

    here = login("grace.localhost")
    databases.connect_to(conninfo_to_dict(other_installation)["dbname"])
    forget_hosts()
    settings.BASE_DOMAIN, settings.SECRET_KEY = elsewhere["BASE_DOMAIN"], elsewhere["SECRET_KEY"]
    there = login("grace.parish.example")
    assert there["user"] == here["user"]


def test_work_that_was_unfinished_goes_on_after_the_import(own_database, full_grace, archive):
    """A list of people that was still queued: the queue itself is no part of the file."""
    delete_church(church=full_grace)
    OrmQ.objects.all().delete()
    bring(archive)
    (job,) = OrmQ.objects.all()
    assert job.kwargs()["church_id"] == str(full_grace.pk)
    assert job.func().startswith("members.")


def test_a_copy_can_be_kept_still(own_database, full_grace, archive):
    """It holds what the original is about to do, and would do it, too."""
    OrmQ.objects.all().delete()
    copy = bring(archive, "grace-copy", suspended=True)
    assert copy.is_suspended
    assert not OrmQ.objects.exists()
    resume_church(church=copy)
    assert {job.kwargs()["church_id"] for job in OrmQ.objects.all()} == {str(copy.pk)}


def test_a_suspended_church_comes_back_suspended(own_database, full_grace, tmp_path):
    suspend_church(church=full_grace)
    path = tmp_path / "grace.zip"
    export_church(church=full_grace, path=path, report=lambda line: None)
    delete_church(church=full_grace)
    OrmQ.objects.all().delete()
    assert bring(path).is_suspended
    assert not OrmQ.objects.exists()
    assert Client(HTTP_HOST="grace.localhost").get("/api/members").status_code == 403


def test_the_file_is_one_moment_while_people_work(own_database, full_grace, tmp_path):
    """A person and a user who are added while the tables are read are in it both or neither."""
    path = tmp_path / "grace.zip"

    def add_both() -> None:
        with enter_church(full_grace):
            create_user(email="late@grace.example", role="staff")
            create_member(first_name="Late", last_name="Comer")
        connection.close()

    def report(line: str) -> None:
        if line.startswith("django_session"):
            worker = threading.Thread(target=add_both)
            worker.start()
            worker.join()

    export_church(church=full_grace, path=path, report=report)
    with enter_church(full_grace):
        assert Member.objects.filter(first_name="Late").exists()
    delete_church(church=full_grace)
    with enter_church(bring(path)):
        assert not Member.objects.filter(first_name="Late").exists()
        assert not User.objects.filter(email="late@grace.example").exists()


def test_only_the_owner_may_read_the_file_and_a_failure_leaves_none(own_database, full_grace, tmp_path):
    path = tmp_path / "grace.zip"
    export_church(church=full_grace, path=path, report=lambda line: None)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    good = path.read_bytes()

    def fail(line: str) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        export_church(church=full_grace, path=path, report=fail)
    assert path.read_bytes() == good
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("place", ["missing/grace.zip", "."])
def test_a_place_where_no_file_can_be_is_refused(own_database, full_grace, tmp_path, place):
    with pytest.raises(CommandError, match="is no place for a file"):
        call_command("export_church", "grace", to=tmp_path / place)
    assert list(tmp_path.iterdir()) == []


def test_the_file_holds_nothing_readable_of_encrypted_values(archive):
    with zipfile.ZipFile(archive) as opened:
        assert b"secret" not in opened.read("tables/idempotency_keys.copy")


# Beside the original.


def test_a_copy_is_a_church_of_its_own(own_database, full_grace, archive):
    session = Client(HTTP_HOST="grace.localhost")
    with enter_church(full_grace):
        session.force_login(User.objects.get(email=world.email_of("bob")))
    path = archive.with_name("again.zip")
    export_church(church=full_grace, path=path, report=lambda line: None)

    copy = bring(path, "grace-copy")

    assert copy.id != full_grace.id
    assert list(copy.domains.values_list("domain", flat=True)) == ["grace-copy.localhost"]
    original, other = login("grace.localhost"), login("grace-copy.localhost")
    assert original["user"]["id"] == other["user"]["id"]
    assert other["user"]["tenant"]["id"] == str(copy.id)
    assert who_am_i("grace.localhost", original["access"]) == 200
    assert who_am_i("grace-copy.localhost", other["access"]) == 200
    assert who_am_i("grace-copy.localhost", original["access"]) == 401
    assert who_am_i("grace.localhost", other["access"]) == 401
    for host, status in (("grace.localhost", 200), ("grace-copy.localhost", 401)):
        answer = Client(HTTP_HOST=host, headers={"Cookie": f"session={session.cookies['session'].value}"})
        assert answer.get("/api/auth/me").status_code == status, host
    with enter_church(copy):
        assert Session.objects.count() == 0
        assert Member.objects.count() == 5
        assert set(User.objects.values_list("tenant_id", flat=True)) == {copy.id}
    with enter_church(full_grace):
        assert set(User.objects.values_list("tenant_id", flat=True)) == {full_grace.id}


def test_another_subdomain_alone_makes_no_other_church(own_database, full_grace, archive):
    delete_church(church=full_grace)
    back = bring(archive, "New-Grace")
    assert back.id == full_grace.id
    assert back.host == "new-grace.localhost"
    assert login("www.grace.example")["user"]["tenant"]["subdomain"] == "new-grace"
