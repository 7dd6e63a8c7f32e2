"""A church with its files, out of one store and into another."""

from __future__ import annotations

import io
import json

import pytest

from files import domain, objects
from files.models import FileRemoval, StoredFile
from members.models import Member
from members.photos import set_photo
from tenants.context import enter_church
from tenants.domain import delete_church
from tenants.models import Church
from tenants.transfer import ArchiveError, export_church
from tests.files.samples import PDF, picture, uploaded
from tests.tenants.exports import bring, content_of, forged, rewritten, with_manifest

pytestmark = pytest.mark.slow


@pytest.fixture
def grace_with_files(own_database):
    """Grace with a document, the photo of Ada, and an object that waits for its removal."""
    church = Church.objects.get(subdomain="grace")

    def fill():
        with enter_church(church):
            domain.store_file(content=io.BytesIO(PDF), name="plan.pdf", purpose="document")
            ada = Member.objects.get(first_name="Ada")
            set_photo(member=ada, content=uploaded(picture()), user=None)
            set_photo(member=ada, content=uploaded(picture("PNG")), user=None)
        return church

    return fill


@pytest.fixture
def exported(grace_with_files, tmp_path):
    def export(report=lambda line: None):
        church = grace_with_files()
        export_church(church=church, path=tmp_path / "grace.zip", report=report)
        return church, tmp_path / "grace.zip"

    return export


def contents(church):
    with enter_church(church):
        found = {}
        for file in StoredFile.objects.all():
            with objects.opened(file.key) as content:
                found[file.pk] = (file.name, file.size, content.read())
        return found


@pytest.mark.parametrize("way", [("on_disk", "in_bucket"), ("in_bucket", "on_disk")])
def test_files_go_from_one_kind_of_store_to_the_other(request, exported, way):
    request.getfixturevalue(way[0])
    church, path = exported()
    before = contents(church)
    delete_church(church=church)
    request.getfixturevalue(way[1])
    again = bring(path)
    assert contents(again) == before
    with enter_church(again):
        ada = Member.objects.get(first_name="Ada")
        assert before[ada.photo_id][1] == ada.photo.size
        assert not FileRemoval.objects.exists()


def test_a_copy_has_files_of_its_own(on_disk, exported, keys):
    church, path = exported()
    before = contents(church)
    copy = bring(path, "second")
    assert contents(copy) == contents(church) == before
    with enter_church(copy):
        assert all(file.key.startswith(copy.id.hex) for file in StoredFile.objects.all())
        for file in StoredFile.objects.all():
            domain.remove_file(file=file)
    assert contents(church) == before


def _bytes_of_a_file(members):
    return next(name for name in members if name.startswith("files/"))


def _change(members):
    name = _bytes_of_a_file(members)
    members[name] = bytes([members[name][0] ^ 1]) + members[name][1:]


def _lengthen(members):
    members[_bytes_of_a_file(members)] += b"x" * 1_000_000


def _take_away(members):
    del members[_bytes_of_a_file(members)]


def _add(members):
    members[f"files/{'a' * 32}"] = b"more"


def _promise_another(members):
    manifest = json.loads(members["manifest.json"])
    entry = {**manifest["files"][0], "name": "a" * 32}
    members[f"files/{'a' * 32}"] = members[f"files/{manifest['files'][0]['name']}"]
    manifest["files"].append(entry)
    members["manifest.json"] = json.dumps(manifest).encode()


def _climb(members):
    members["files/../../escaped"] = b"x"


@pytest.mark.parametrize("store", ["on_disk", "in_bucket"])
def test_a_damaged_or_forged_export_is_refused_whole(request, exported, keys, store):
    request.getfixturevalue(store)
    church, path = exported()
    delete_church(church=church)
    there = keys()
    for change in (_change, _lengthen, _take_away, _add, _promise_another, _climb):
        with pytest.raises(ArchiveError):
            bring(rewritten(path, change))
        assert keys() == there
        assert not Church.objects.filter(subdomain="grace").exists()


def test_a_flipped_bit_in_a_file_is_noticed(on_disk, exported, keys):
    church, path = exported()
    delete_church(church=church)
    there, name = keys(), json.loads(_manifest(path))["files"][0]["name"]
    content = bytearray(path.read_bytes())
    content[content_of(path, f"files/{name}")[5]] ^= 1
    path.write_bytes(content)
    with pytest.raises(ArchiveError, match="damaged"):
        bring(path)
    assert keys() == there


def _manifest(path):
    import zipfile

    with zipfile.ZipFile(path) as archive:
        return archive.read("manifest.json")


def test_what_row_and_manifest_do_not_tell_alike_is_refused(on_disk, exported, keys):
    church, path = exported()
    delete_church(church=church)
    size = str(len(PDF)).encode()
    path = forged(path, "files", lambda rows: rows.replace(b"\t" + size + b"\t", b"\t1\t"))
    with pytest.raises(ArchiveError, match="another size"):
        bring(path)
    with pytest.raises(ArchiveError, match="files is missing"):
        bring(with_manifest(path, lambda manifest: manifest.pop("files")))


def test_keys_and_removals_of_a_forged_export_reach_no_other_church(on_disk, exported, keys, own_database):
    hope = Church.objects.get(subdomain="hope")
    with enter_church(hope):
        theirs = domain.store_file(content=io.BytesIO(PDF), name="theirs.pdf", purpose="document")
    church, path = exported()
    own_prefix, other_prefix = church.id.hex.encode(), hope.id.hex.encode()
    delete_church(church=church)
    for table in ("files", "file_removals"):
        path = forged(path, table, lambda rows: rows.replace(own_prefix, other_prefix))
    again = bring(path)
    with enter_church(again):
        assert not FileRemoval.objects.exists()
        for file in StoredFile.objects.all():
            assert file.key.startswith(again.id.hex)
            domain.remove_file(file=file)
    assert theirs.key in keys()


def test_what_the_store_has_lost_is_reported_and_left_out(on_disk, grace_with_files, tmp_path):
    church = grace_with_files()
    with enter_church(church):
        photo = Member.objects.get(first_name="Ada").photo
    (on_disk / photo.key).unlink()
    lines = []
    export_church(church=church, path=tmp_path / "grace.zip", report=lines.append)
    assert any(photo.pk.hex in line and "missing" in line for line in lines)
    delete_church(church=church)
    with enter_church(bring(tmp_path / "grace.zip")):
        assert StoredFile.objects.get().name == "plan.pdf"
        assert Member.objects.get(first_name="Ada").photo is None
