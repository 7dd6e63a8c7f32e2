"""A church's files on their way out of one installation and into another."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from functools import partial

from tenants.transactions import on_rollback

from . import objects
from .models import FileRemoval, StoredFile

BLOCK = 256 * 1024
KEPT_IN_MEMORY = 4 * 1024 * 1024


class FilesOfChurch:
    """What ``tenants.transfer`` asks for; all inside the church."""

    def names(self) -> list[str]:
        """The names under which the files lie in an export: the ids of their rows."""
        return [pk.hex for pk in StoredFile.objects.order_by("pk").values_list("pk", flat=True)]

    def blocks_of(self, name: str) -> Iterator[bytes]:
        """The bytes of one file. Raises FileNotFoundError when the store has lost them."""
        file = StoredFile.objects.get(pk=name)
        with objects.opened(file.key) as content:
            while block := content.read(BLOCK):
                yield block

    def start(self, names: Iterable[str]) -> None:
        """Prepares the rows that were just imported, of which ``names`` have bytes in the export.

        What was to be removed elsewhere is nothing that lies here: a copy would remove the original's. And
        a row whose bytes were lost before the export would only promise what cannot be given.
        """
        FileRemoval.objects.all().delete()
        StoredFile.objects.exclude(pk__in=list(names)).delete()

    def put(self, name: str, blocks: Iterable[bytes]) -> int:
        """Stores one file under a key of its own, wherever its row says that it lay; returns the size that
        the row tells. Raises StoredFile.DoesNotExist where no row has that name.
        """
        file = StoredFile.objects.get(pk=name)
        key = objects.fresh_key()
        on_rollback(partial(objects.discard, key))
        with tempfile.SpooledTemporaryFile(max_size=KEPT_IN_MEMORY) as content:
            for block in blocks:
                content.write(block)
            content.seek(0)
            objects.write(key, content, file.content_type)
        StoredFile.objects.filter(pk=file.pk).update(key=key)
        return file.size
