"""The file that a church is exported to: writing it whole or not at all, reading it with suspicion."""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from .manifest import FileEntry, Manifest, ManifestError, TableEntry

MANIFEST_MEMBER = "manifest.json"
# A file takes some 130 bytes of it.
MANIFEST_LARGEST = 32 * 1024 * 1024
MEMBERS_MOST = 250_000
FILE_MEMBER = re.compile(r"files/[0-9a-f]{32}")
TABLE_MEMBER = re.compile(r"tables/[a-z_][a-z0-9_]{0,62}\.copy")
BLOCK = 256 * 1024


class ArchiveError(Exception):
    """The file cannot be imported here; the text says why, for the operator."""


def member_of(table: str) -> str:
    return f"tables/{table}.copy"


def member_of_file(name: str) -> str:
    return f"files/{name}"


class ArchiveWriter:
    """What ``written_archive`` hands out."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive

    def add_table(self, name: str, columns: Iterable[str], blocks: Iterable[bytes]) -> TableEntry:
        """Writes the rows of one table; each line of ``blocks`` is a row."""
        digest = hashlib.sha256()
        rows = size = 0
        with self._archive.open(member_of(name), "w", force_zip64=True) as member:
            for block in blocks:
                member.write(block)
                digest.update(block)
                # COPY's text format writes a line break within a value as a backslash and an n.
                rows += block.count(b"\n")
                size += len(block)
        return TableEntry(name, tuple(columns), rows, size, digest.hexdigest())

    def add_file(self, name: str, blocks: Iterable[bytes]) -> FileEntry:
        """Writes one uploaded file, as it is: pictures and documents are packed already."""
        digest = hashlib.sha256()
        size = 0
        member = zipfile.ZipInfo(member_of_file(name))
        with self._archive.open(member, "w", force_zip64=True) as file:
            for block in blocks:
                file.write(block)
                digest.update(block)
                size += len(block)
        return FileEntry(name, size, digest.hexdigest())

    def add_manifest(self, manifest: Manifest) -> None:
        self._archive.writestr(MANIFEST_MEMBER, json.dumps(manifest.as_json(), indent=1))


@contextmanager
def written_archive(path: Path) -> Iterator[ArchiveWriter]:
    """A new archive that appears at ``path`` when the block has ended well, and not otherwise.

    Only its owner may read it. Raises ArchiveError where none can lie at ``path``, and OSError.
    """
    if not path.parent.is_dir() or path.is_dir():
        raise ArchiveError(_("%s is no place for a file.") % path)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(descriptor, "wb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
                yield ArchiveWriter(archive)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        with suppress(FileNotFoundError):
            Path(temporary).unlink()
        raise


class ArchiveReader:
    """What ``read_archive`` hands out: the manifest, and the rows of each table that it lists."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._check_members()
        self.manifest = self._read_manifest()
        listed = {member_of(table.name) for table in self.manifest.tables} | {MANIFEST_MEMBER}
        listed |= {member_of_file(file.name) for file in self.manifest.files}
        present = set(archive.namelist())
        if listed != present:
            names = ", ".join(sorted(listed ^ present))
            raise ArchiveError(_("The file and its manifest do not list the same tables: %s.") % names)

    def _check_members(self) -> None:
        members = self._archive.infolist()
        if len(members) > MEMBERS_MOST:
            raise ArchiveError(_("The file has more members than an export makes."))
        for member in members:
            name = member.filename
            allowed = name == MANIFEST_MEMBER or TABLE_MEMBER.fullmatch(name) or FILE_MEMBER.fullmatch(name)
            if not allowed or member.is_dir() or member.flag_bits & 0x1:
                raise ArchiveError(_("“%s” does not belong into an export.") % member.filename[:100])
        if len({member.filename for member in members}) != len(members):
            raise ArchiveError(_("The file holds a member twice."))
        if MANIFEST_MEMBER not in self._archive.namelist():
            raise ArchiveError(_("The file is no export of a church: it has no manifest."))

    def _read_manifest(self) -> Manifest:
        if self._archive.getinfo(MANIFEST_MEMBER).file_size > MANIFEST_LARGEST:
            raise ArchiveError(_("The manifest is larger than an export makes it."))
        try:
            content: Any = json.loads(b"".join(self._blocks(MANIFEST_MEMBER)))
            # Half of a surrogate pair is JSON, but no text that can be stored.
            json.dumps(content, ensure_ascii=False).encode()
            return Manifest.from_json(content)
        except ManifestError as error:
            raise ArchiveError(_("The manifest cannot be read: %s") % error) from error
        except (ValueError, RecursionError) as error:
            raise ArchiveError(_("The manifest cannot be read.")) from error

    def _blocks(self, member: str) -> Iterator[bytes]:
        try:
            with self._archive.open(member) as file:
                while block := file.read(BLOCK):
                    yield block
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
            raise ArchiveError(_("The file is damaged at %s.") % member) from error

    def rows_of(self, table: TableEntry) -> Iterator[bytes]:
        """The table's rows in blocks. Raises ArchiveError, at the latest after the last block."""
        digest = hashlib.sha256()
        for block in self._blocks(member_of(table.name)):
            digest.update(block)
            yield block
        if digest.hexdigest() != table.sha256:
            raise ArchiveError(_("The file is damaged: the rows of %s are not those exported.") % table.name)

    def content_of(self, file: FileEntry) -> Iterator[bytes]:
        """An uploaded file's bytes in blocks, never more than the manifest says. Raises ArchiveError, at the
        latest after the last block.
        """
        digest = hashlib.sha256()
        size = 0
        for block in self._blocks(member_of_file(file.name)):
            digest.update(block)
            size += len(block)
            if size > file.size:
                break
            yield block
        if size != file.size or digest.hexdigest() != file.sha256:
            raise ArchiveError(_("The file is damaged: %s is not what was exported.") % file.name)


@contextmanager
def read_archive(path: Path) -> Iterator[ArchiveReader]:
    """The archive at ``path``. Raises ArchiveError for whatever is no sound export."""
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
        raise ArchiveError(_("The file is damaged, or no export of a church.")) from error
    except OSError as error:
        raise ArchiveError(_("The file cannot be read: %s") % (error.strerror or error)) from error
    with archive:
        yield ArchiveReader(archive)
