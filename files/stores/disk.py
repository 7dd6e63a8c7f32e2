"""Files on the machine's own disk, below VAR_DIR."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.files.storage import FileSystemStorage


class DiskStore(FileSystemStorage):
    """Has no addresses: ``files.pages`` hands its files out."""

    def _save(self, name: str, content: Any) -> str:
        stored: str = super()._save(name, content)  # type: ignore[misc]  # its types leave it out
        # The row must not be committed before the bytes outlive a power cut.
        descriptor = os.open(self.path(stored), os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        return stored

    def entries(self, prefix: str) -> Iterator[tuple[str, datetime]]:
        """Every object below ``prefix`` with when it was written."""
        root = Path(self.location)
        for folder, _folders, names in os.walk(self.path(prefix)):
            for name in names:
                file = Path(folder) / name
                try:
                    written = datetime.fromtimestamp(file.lstat().st_mtime, UTC)
                except FileNotFoundError:
                    continue
                yield file.relative_to(root).as_posix(), written

    def delete_many(self, keys: list[str]) -> None:
        for key in keys:
            self.delete(key)

    def forget(self, prefix: str) -> None:
        """Takes the empty folders away that are left of ``prefix``."""
        folder = Path(self.path(prefix))
        if folder.is_dir() and not any(names for _folder, _folders, names in os.walk(folder)):
            shutil.rmtree(folder, ignore_errors=True)
