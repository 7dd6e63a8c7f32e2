"""Uploaded files in an export. Which there are and where they lie, a room above knows: it names itself with
``carry_files`` in ``AppConfig.ready``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

from django.core.exceptions import ObjectDoesNotExist
from django.utils.translation import gettext as _

from tenants.context import enter_church
from tenants.models import Church

from .archive import ArchiveError, ArchiveReader, ArchiveWriter
from .manifest import FileEntry

Report = Callable[[str], Any]


class Carrier(Protocol):
    """What such a room does, each inside the church and the transfer's transaction."""

    def names(self) -> Iterable[str]:
        """Every file's name in the archive: 32 hexadecimal digits."""

    def blocks_of(self, name: str) -> Iterator[bytes]:
        """A file's bytes. Raises FileNotFoundError when they are lost."""

    def start(self, names: Iterable[str]) -> None:
        """Prepares imported rows, of which just ``names`` have a file in the archive."""

    def put(self, name: str, blocks: Iterable[bytes]) -> int:
        """Stores a file's bytes, to be undone with the transaction; returns the size that its row tells.
        Raises ObjectDoesNotExist for a name without a row.
        """


_carriers: list[Carrier] = []


def carry_files(carrier: Carrier) -> None:
    """Lets ``carrier`` bring a church's files; called once, in ``AppConfig.ready``."""
    _carriers[:] = [carrier]


def files_out(archive: ArchiveWriter, church: Church, report: Report) -> tuple[FileEntry, ...]:
    """Writes every file of the church; one that its store has lost is reported and left out."""
    entries = []
    with enter_church(church, even_suspended=True):
        for carrier in _carriers:
            for name in carrier.names():
                try:
                    blocks = _begun(carrier.blocks_of(name))
                except FileNotFoundError:
                    report(_("File %s is missing in the store and was left out.") % name)
                    continue
                entries.append(archive.add_file(name, blocks))
    report(_("Files: %d") % len(entries))
    return tuple(entries)


def _begun(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The same blocks, after the first was fetched, and with it what fails at the beginning."""
    first = next(blocks, b"")

    def whole() -> Iterator[bytes]:
        yield first
        yield from blocks

    return whole()


def files_in(archive: ArchiveReader, church: Church, report: Report) -> None:
    """Stores every file of the archive. Raises ArchiveError for one that does not fit its row."""
    files = archive.manifest.files
    with enter_church(church, even_suspended=True):
        for carrier in _carriers:
            carrier.start([entry.name for entry in files])
            for entry in files:
                _file_in(carrier, archive, entry)
    report(_("Files: %d") % len(files))


def _file_in(carrier: Carrier, archive: ArchiveReader, entry: FileEntry) -> None:
    try:
        told = carrier.put(entry.name, archive.content_of(entry))
    except ObjectDoesNotExist as error:
        raise ArchiveError(_("The file %s in the export belongs to nothing.") % entry.name) from error
    if told != entry.size:
        raise ArchiveError(_("The file is damaged: %s has another size than it had.") % entry.name)
