"""Files that are refused on import, and that nothing of them stays behind."""

from __future__ import annotations

import uuid
import zipfile
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ValidationError

from core.models import IdempotencyKey
from tenants.context import enter_church
from tenants.domain import add_domain, delete_church, provision_church
from tenants.transfer import ArchiveError, export_church
from tenants.transfer.archive import MANIFEST_LARGEST
from tests.tenants.exports import bring, content_of, forged, rewritten, with_manifest
from tests.tenants.schemas import church_schemas, registered_schemas


@pytest.fixture
def refused(own_database, full_grace, archive):
    """``refused(path, subdomain, pattern)``: the import fails with this text and changes nothing."""
    delete_church(church=full_grace)

    def check(path: Path, pattern: str, subdomain: str | None = None) -> None:
        before = church_schemas(own_database)
        with pytest.raises((ArchiveError, ValidationError), match=pattern):
            bring(path, subdomain)
        assert church_schemas(own_database) == registered_schemas(own_database) == before

    return check


def test_an_id_that_exists_is_refused(own_database, full_grace, archive):
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


def test_a_key_that_only_old_values_use_must_be_there_too(own_database, full_grace, tmp_path, settings):
    old, new = settings.FIELD_ENCRYPTION_KEYS[0], Fernet.generate_key().decode()
    settings.FIELD_ENCRYPTION_KEYS = [new, old]
    path = tmp_path / "grace.zip"
    export_church(church=full_grace, path=path, report=lambda line: None)
    delete_church(church=full_grace)
    settings.FIELD_ENCRYPTION_KEYS = [new]
    with pytest.raises(ArchiveError, match="Add key 2 of"):
        bring(path)


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
    huge = rewritten(
        archive, lambda members: members.update({"manifest.json": b" " * (MANIFEST_LARGEST + 1)})
    )
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
        (lambda m: m["tables"][-1].update(rows=1), r"rows of \w+ are missing"),
        (lambda m: m["tables"][-1].update(sha256="0" * 64), "not those exported"),
        (lambda m: m.update(sequences=[]), "sequences in the file are not those"),
        (lambda m: m["sequences"][0].update(last_value=2**70), "rows do not fit"),
    ],
)
def test_a_manifest_that_was_changed_is_refused(refused, archive, change, pattern):
    refused(with_manifest(archive, change), pattern)


def test_rows_of_another_church_are_refused(refused, full_grace, archive):
    other = str(uuid.uuid4()).encode()
    path = forged(archive, "tenant_users", lambda rows: rows.replace(str(full_grace.id).encode(), other, 1))
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
