"""A church in a file: out, away, and back as it was; and all that is refused."""

from __future__ import annotations

import json
import stat
import struct
import threading
import uuid
import zipfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from cryptography.fernet import Fernet
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django_q.models import OrmQ
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from accounts.domain import create_user
from accounts.models import User
from accounts.tokens import start_login
from core.models import IdempotencyKey
from members.domain import create_member
from members.importing.domain import start_import
from members.models import Member
from tenants.context import enter_church
from tenants.domain import add_domain, delete_church, provision_church, suspend_church
from tenants.hosts import forget_hosts
from tenants.models import Church
from tenants.transfer import ArchiveError, export_church, import_church
from tests import databases, world
from tests.tenants.schemas import church_schemas, registered_schemas, rows_by_table

ODD_TEXT = "tab\there, line\nbreak, back\\slash, \\N, “quotes”, 日本, \u0001"


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


@pytest.fixture
def grace(own_database: str) -> Church:
    """Grace with something in every table, and a host of its own."""
    church = Church.objects.get(subdomain="grace")
    church.settings = {"greeting": ODD_TEXT, "list": [1, None, True]}
    church.save()
    add_domain(church=church, host="www.grace.example")
    with enter_church(church):
        create_member(
            origin="tests",
            first_name="Odd",
            last_name=ODD_TEXT.replace("\u0001", ""),
            custom_fields={"text": ODD_TEXT, "number": 1.5, "none": None},
            tags=["a,b", 'c"d', "{e}"],
        )
        IdempotencyKey.objects.create(scope="s", key="k", fingerprint="f", status=201, body="secret")
        bob = User.objects.get(email=world.email_of("bob"))
        start_login(user=bob)
        start_import(content=b"First Name,Last Name\nNew,Comer\n", file_name="people.csv", user=bob)
        Client(HTTP_HOST="grace.localhost").force_login(bob)
    church.refresh_from_db()
    return church


@pytest.fixture
def archive(grace: Church, tmp_path: Path) -> Path:
    path = tmp_path / "grace.zip"
    export_church(church=grace, path=path, report=lambda line: None)
    return path


def bring(path: Path, subdomain: str | None = None) -> Church:
    return import_church(path=path, subdomain=subdomain, report=lambda line: None)


def rewritten(path: Path, change) -> Path:
    """The archive once more, after ``change`` was at its members (a dict of bytes by name)."""
    with zipfile.ZipFile(path) as source:
        members = {name: source.read(name) for name in source.namelist()}
    change(members)
    target = path.with_name("changed.zip")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target


def with_manifest(path: Path, change) -> Path:
    """The archive once more, after ``change`` was at its manifest (a dict)."""

    def edit(members: dict[str, bytes]) -> None:
        manifest = json.loads(members["manifest.json"])
        change(manifest)
        members["manifest.json"] = json.dumps(manifest).encode()

    return rewritten(path, edit)


# Out and back.


def test_export_delete_import_gives_back_every_byte(own_database, grace, archive):
    before = rows_by_table(own_database, grace.schema_name)
    assert {"members", "member_imports", "idempotency_keys", "django_session", "login_sessions"} <= {
        table for table, rows in before.items() if rows
    }
    delete_church(church=grace)
    assert grace.schema_name not in church_schemas(own_database)

    back = bring(archive)

    assert rows_by_table(own_database, back.schema_name) == before
    row = Church.objects.get(pk=grace.pk)
    for field in Church._meta.concrete_fields:
        assert getattr(row, field.name) == getattr(grace, field.name), field.name
    assert sorted(row.domains.values_list("domain", "is_primary")) == [
        ("grace.localhost", True),
        ("www.grace.example", False),
    ]
    assert login("www.grace.example")["user"]["tenant"]["id"] == str(grace.pk)
    with enter_church(row):
        assert IdempotencyKey.objects.get(key="k").body == "secret"
        # The identity of the table goes on behind what was imported.
        later = IdempotencyKey.objects.create(scope="s", key="later", fingerprint="f")
        assert later.pk > IdempotencyKey.objects.get(key="k").pk
        assert create_user(email="new@grace.example", role="staff").tenant_id == grace.pk


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
    own_database, other_installation, grace, tmp_path, manage, settings
):
    """With another SECRET_KEY and another domain, users sign in there with their passwords."""
    path = tmp_path / "grace.zip"
    exported = manage(own_database, "export_church", "grace", "--to", str(path))
    assert exported.returncode == 0, exported.stderr
    assert "members: 5 rows" in exported.stdout
    elsewhere = {"BASE_DOMAIN": "parish.example", "SECRET_KEY": "another" * 8}

    imported = manage(other_installation, "import_church", str(path), environment=elsewhere)

    assert imported.returncode == 0, imported.stderr
    assert imported.stdout.endswith(f"id: {grace.pk}\nhost: grace.parish.example\n")
    assert rows_by_table(other_installation, grace.schema_name) == rows_by_table(
        own_database, grace.schema_name
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


def test_work_that_was_unfinished_goes_on_after_the_import(own_database, grace, archive):
    """A list of people that was still queued: the queue itself is no part of the file."""
    delete_church(church=grace)
    OrmQ.objects.all().delete()
    bring(archive)
    (job,) = OrmQ.objects.all()
    assert job.kwargs()["church_id"] == str(grace.pk)
    assert job.func().startswith("members.")


def test_a_suspended_church_comes_back_suspended(own_database, grace, tmp_path):
    suspend_church(church=grace)
    path = tmp_path / "grace.zip"
    export_church(church=grace, path=path, report=lambda line: None)
    delete_church(church=grace)
    OrmQ.objects.all().delete()
    assert bring(path).is_suspended
    assert not OrmQ.objects.exists()
    assert Client(HTTP_HOST="grace.localhost").get("/api/members").status_code == 403


def test_the_file_is_one_moment_while_people_work(own_database, grace, tmp_path):
    """A person and a user who are added while the tables are read are in it both or neither."""
    path = tmp_path / "grace.zip"

    def add_both() -> None:
        with enter_church(grace):
            create_user(email="late@grace.example", role="staff")
            create_member(origin="tests", first_name="Late", last_name="Comer")
        connection.close()

    def report(line: str) -> None:
        if line.startswith("django_session"):
            worker = threading.Thread(target=add_both)
            worker.start()
            worker.join()

    export_church(church=grace, path=path, report=report)
    with enter_church(grace):
        assert Member.objects.filter(first_name="Late").exists()
    delete_church(church=grace)
    with enter_church(bring(path)):
        assert not Member.objects.filter(first_name="Late").exists()
        assert not User.objects.filter(email="late@grace.example").exists()


def test_only_the_owner_may_read_the_file_and_a_failure_leaves_none(own_database, grace, tmp_path):
    path = tmp_path / "grace.zip"
    export_church(church=grace, path=path, report=lambda line: None)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    good = path.read_bytes()

    def fail(line: str) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        export_church(church=grace, path=path, report=fail)
    assert path.read_bytes() == good
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("place", ["missing/grace.zip", "."])
def test_a_place_where_no_file_can_be_is_refused(own_database, grace, tmp_path, place):
    with pytest.raises(CommandError, match="is no place for a file"):
        call_command("export_church", "grace", to=tmp_path / place)
    assert list(tmp_path.iterdir()) == []


def test_the_file_holds_nothing_readable_of_encrypted_values(archive):
    with zipfile.ZipFile(archive) as opened:
        assert b"secret" not in opened.read("tables/idempotency_keys.copy")


# Beside the original.


def test_a_copy_is_a_church_of_its_own(own_database, grace, archive):
    session = Client(HTTP_HOST="grace.localhost")
    with enter_church(grace):
        session.force_login(User.objects.get(email=world.email_of("bob")))
    path = archive.with_name("again.zip")
    export_church(church=grace, path=path, report=lambda line: None)

    copy = bring(path, "grace-copy")

    assert copy.id != grace.id
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
    with enter_church(grace):
        assert set(User.objects.values_list("tenant_id", flat=True)) == {grace.id}


def test_another_subdomain_alone_makes_no_other_church(own_database, grace, archive):
    delete_church(church=grace)
    back = bring(archive, "New-Grace")
    assert back.id == grace.id
    assert back.host == "new-grace.localhost"
    assert login("www.grace.example")["user"]["tenant"]["subdomain"] == "new-grace"


# Refused, and nothing left behind.


@pytest.fixture
def refused(own_database, grace, archive):
    """``refused(path, subdomain, pattern)``: the import fails with this text and changes nothing."""
    delete_church(church=grace)

    def check(path: Path, pattern: str, subdomain: str | None = None) -> None:
        before = church_schemas(own_database)
        with pytest.raises((ArchiveError, ValidationError), match=pattern):
            bring(path, subdomain)
        assert church_schemas(own_database) == registered_schemas(own_database) == before

    return check


def test_an_id_that_exists_is_refused(own_database, grace, archive):
    with pytest.raises(ArchiveError, match=r"exists here already: Grace Church \(grace\).*--subdomain"):
        bring(archive)


def test_a_taken_subdomain_or_host_is_refused(refused, archive):
    refused(archive, "“hope” is taken", subdomain="hope")
    refused(archive, "“www” is reserved", subdomain="www")
    squatter = provision_church(name="Squatter", subdomain="grace")
    refused(archive, "“grace” is taken")
    add_domain(church=squatter, host="www.grace.example")
    refused(archive, "“www.grace.example” is taken", subdomain="new-grace")


def test_other_migrations_are_refused_telling_both(refused, archive):
    def change(manifest):
        manifest["migrations"] = sorted({*manifest["migrations"], "members.9999_future"})
        manifest["migrations"].remove("core.0001_initial")

    refused(
        with_manifest(archive, change),
        r"other migrations \([0-9a-f]{12}\) than this installation has \([0-9a-f]{12}\); "
        r"only in the file: members\.9999_future; only here: core\.0001_initial",
    )


def test_missing_keys_are_named_with_the_setting(refused, archive, settings):
    first, second = Fernet.generate_key().decode(), settings.FIELD_ENCRYPTION_KEYS[0]
    settings.FIELD_ENCRYPTION_KEYS = [first]
    refused(archive, "Add key 1 of the other installation's FIELD_ENCRYPTION_KEYS at the end of FIELD_ENCRY")
    settings.FIELD_ENCRYPTION_KEYS = [first, second]
    with enter_church(bring(archive)):
        assert IdempotencyKey.objects.get(key="k").body == "secret"


def test_a_key_that_only_old_values_use_must_be_there_too(own_database, grace, tmp_path, settings):
    old, new = settings.FIELD_ENCRYPTION_KEYS[0], Fernet.generate_key().decode()
    settings.FIELD_ENCRYPTION_KEYS = [new, old]
    path = tmp_path / "grace.zip"
    export_church(church=grace, path=path, report=lambda line: None)
    delete_church(church=grace)
    settings.FIELD_ENCRYPTION_KEYS = [new]
    with pytest.raises(ArchiveError, match="Add key 2 of"):
        bring(path)


def content_of(archive: Path, name: str) -> range:
    """Where the packed bytes of a member lie in the file."""
    with zipfile.ZipFile(archive) as opened:
        member = opened.getinfo(name)
    # PKWARE's APPNOTE, 4.3.7: 30 bytes, the last two pairs of which are the lengths of name and extra.
    header = archive.read_bytes()[member.header_offset :][:30]
    start = member.header_offset + 30 + sum(struct.unpack("<HH", header[26:]))
    return range(start, start + member.compress_size)


@pytest.mark.parametrize("name", ["manifest.json", "tables/members.copy", "tables/tenant_users.copy"])
@pytest.mark.parametrize("position", [0, 0.5, 0.99])
def test_damage_to_the_content_is_noticed(refused, archive, name, position):
    where = content_of(archive, name)
    content = bytearray(archive.read_bytes())
    content[where[int(len(where) * position)]] ^= 0xFF
    archive.write_bytes(content)
    refused(archive, "damaged|cannot be read")


def test_damage_to_the_list_of_members_is_noticed(refused, archive):
    content = archive.read_bytes()
    archive.write_bytes(content.replace(b"PK\x01\x02", b"PK\x01\x03", 1))
    refused(archive, "damaged")


@pytest.mark.parametrize("kept", [0, 10, 0.5, 0.99])
def test_half_a_file_is_refused(refused, archive, kept):
    content = archive.read_bytes()
    archive.write_bytes(content[: kept if isinstance(kept, int) else int(len(content) * kept)])
    refused(archive, "damaged, or no export")


def test_what_is_no_archive_is_refused(refused, tmp_path):
    refused(tmp_path / "nothing.zip", "cannot be read: No such file")
    refused(tmp_path, "cannot be read")
    other = tmp_path / "other.zip"
    with zipfile.ZipFile(other, "w"):
        pass
    refused(other, "it has no manifest")


@pytest.mark.parametrize(
    "name",
    [
        "../evil.copy",
        "/etc/passwd",
        "tables/../../evil.copy",
        "tables/a/b.copy",
        "tables/Members.copy",
        'tables/x"; DROP SCHEMA public;--.copy',
        "tables/",
        "readme.txt",
        "..\\evil.copy",
    ],
)
def test_members_of_other_names_are_refused(refused, archive, name):
    refused(rewritten(archive, lambda members: members.update({name: b""})), "does not belong into an export")


def test_tables_that_the_manifest_does_not_list_are_refused(refused, archive):
    added = rewritten(archive, lambda members: members.update({"tables/extra.copy": b""}))
    refused(added, r"do not list the same tables: tables/extra\.copy")
    removed = rewritten(archive, lambda members: members.pop("tables/members.copy"))
    refused(removed, r"do not list the same tables: tables/members\.copy")


def test_a_member_that_is_there_twice_is_refused(refused, archive):
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(archive, "a") as opened:
        opened.writestr("manifest.json", b"{}")
    refused(archive, "holds a member twice")


def test_an_oversized_manifest_is_not_read(refused, archive):
    huge = rewritten(archive, lambda members: members.update({"manifest.json": b" " * (4 * 1024 * 1024 + 1)}))
    refused(huge, "larger than an export makes it")


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"null", b"{}", b"{", b"\xff", b"[" * 100_000, b'{"format": "other"}', b'"\\ud800"'],
)
def test_a_manifest_that_is_none_is_refused(refused, archive, content):
    refused(
        rewritten(archive, lambda members: members.update({"manifest.json": content})),
        "manifest cannot be read",
    )


@pytest.mark.parametrize(
    ("change", "pattern"),
    [
        (lambda m: m.update(version=2), "version is not 1"),
        (lambda m: m.update(version=True), "version is missing"),
        (lambda m: m.update(hosts="www.grace.example"), "hosts is missing or no list"),
        (lambda m: m.update(key_proofs=[1]), "key_proofs is no list of texts"),
        (lambda m: m["church"].pop("name"), "other columns: name"),
        (lambda m: m["church"].update(owner="x"), "other columns: owner"),
        (lambda m: m["church"].update(id="x"), "church in the file cannot be read"),
        (lambda m: m["church"].update(id=None), "church in the file cannot be read"),
        (lambda m: m["church"].update(settings=[]), "church in the file cannot be read"),
        (lambda m: m["church"].update(settings={"a": "\u0000"}), "rows do not fit"),
        (lambda m: m["church"].update(created_at=None), "rows do not fit"),
        (lambda m: m["church"].update(status="gone"), "not a valid choice"),
        (lambda m: m["church"].update(subdomain="a.b"), "cannot be a subdomain"),
        (lambda m: m.update(hosts=["hope.localhost"]), "come with the church"),
        (lambda m: m["tables"][0].update(name="pg_class"), "do not list the same tables"),
        (lambda m: m["tables"][0].update(columns=["id"]), "not those of its migrations"),
        (lambda m: m["tables"][-1].update(rows=1), "rows of tenant_users are missing"),
        (lambda m: m["tables"][-1].update(sha256="0" * 64), "not those exported"),
        (lambda m: m.update(sequences=[]), "sequences in the file are not those"),
        (lambda m: m["sequences"][0].update(last_value=2**70), "rows do not fit"),
    ],
)
def test_a_manifest_that_was_changed_is_refused(refused, archive, change, pattern):
    refused(with_manifest(archive, change), pattern)


def forged(path: Path, table: str, change) -> Path:
    """The archive with other rows in a table, digest and count made to fit."""
    import hashlib

    def edit(members: dict[str, bytes]) -> None:
        rows = change(members[f"tables/{table}.copy"])
        members[f"tables/{table}.copy"] = rows
        manifest = json.loads(members["manifest.json"])
        for entry in manifest["tables"]:
            if entry["name"] == table:
                entry.update(rows=rows.count(b"\n"), sha256=hashlib.sha256(rows).hexdigest(), size=len(rows))
        members["manifest.json"] = json.dumps(manifest).encode()

    return rewritten(path, edit)


def test_rows_of_another_church_are_refused(refused, grace, archive):
    other = str(uuid.uuid4()).encode()
    path = forged(archive, "tenant_users", lambda rows: rows.replace(str(grace.id).encode(), other, 1))
    refused(path, "tenant_users holds rows of another church")


def test_a_superuser_in_a_church_is_refused(refused, archive):
    refused(
        forged(
            archive, "tenant_users", lambda rows: rows.replace(b"\tf\t", b"\tt\t").replace(b"\tf\n", b"\tt\n")
        ),
        "tenant_users_superuser_outside",
    )


def test_rows_that_point_at_nothing_are_refused(refused, archive):
    refused(forged(archive, "tenant_users", lambda rows: b""), "foreign key constraint")


def test_rows_that_are_none_are_refused(refused, archive):
    refused(
        forged(archive, "members", lambda rows: b"only one column\n"), "rows do not fit: invalid input syntax"
    )
