"""What an exported church's manifest says."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any

from .tables import Sequence

FORMAT = "churchsaas.church"
VERSION = 1
DIGEST = re.compile(r"[0-9a-f]{64}")


class ManifestError(ValueError):
    """Something in the manifest is missing or not what it must be; the text names it."""


@dataclass(frozen=True)
class TableEntry:
    """One table: its columns in the order of the values, and what its rows look like as bytes."""

    name: str
    columns: tuple[str, ...]
    rows: int
    size: int
    sha256: str


@dataclass(frozen=True)
class FileEntry:
    """One uploaded file: its name in the archive, its size in bytes, and their digest."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """``church`` is its row by column; ``hosts`` are its own ones, without the one below the
    platform's domain; ``key_proofs`` are core.encryption's."""

    created_at: str
    church: dict[str, Any]
    hosts: tuple[str, ...]
    migrations: tuple[str, ...]
    key_proofs: tuple[str, ...]
    tables: tuple[TableEntry, ...]
    sequences: tuple[Sequence, ...]
    files: tuple[FileEntry, ...]

    def as_json(self) -> dict[str, Any]:
        return {"format": FORMAT, "version": VERSION, **asdict(self)}

    @classmethod
    def from_json(cls, content: Any) -> Manifest:
        """Raises ManifestError unless everything is there and of its type."""
        fields = _Fields(content)
        if fields.text("format") != FORMAT:
            raise ManifestError(f"format is not {FORMAT}")
        if fields.number("version") != VERSION:
            raise ManifestError(f"version is not {VERSION}")
        return cls(
            created_at=fields.text("created_at"),
            church=fields.mapping("church"),
            hosts=fields.texts("hosts"),
            migrations=fields.texts("migrations"),
            key_proofs=fields.texts("key_proofs"),
            tables=tuple(_table(entry) for entry in fields.many("tables")),
            sequences=tuple(_sequence(entry) for entry in fields.many("sequences")),
            files=tuple(_file(entry) for entry in fields.many("files")),
        )


def _table(content: Any) -> TableEntry:
    fields = _Fields(content)
    return TableEntry(
        fields.text("name"),
        fields.texts("columns"),
        fields.number("rows"),
        fields.number("size"),
        fields.digest("sha256"),
    )


def _file(content: Any) -> FileEntry:
    fields = _Fields(content)
    return FileEntry(fields.text("name"), fields.number("size"), fields.digest("sha256"))


def _sequence(content: Any) -> Sequence:
    fields = _Fields(content)
    return Sequence(fields.text("name"), fields.number("last_value"), fields.boolean("is_called"))


class _Fields:
    """Reads members of a JSON object, each as the one type that it may have."""

    def __init__(self, content: Any) -> None:
        if not isinstance(content, dict):
            raise ManifestError("an object is expected")
        self._content = content

    def _of_type(self, name: str, kind: type) -> Any:
        value = self._content.get(name)
        # type() and not isinstance(): True is an int.
        if type(value) is not kind:
            raise ManifestError(f"{name} is missing or no {kind.__name__}")
        return value

    def text(self, name: str) -> str:
        text: str = self._of_type(name, str)
        if "\x00" in text:
            raise ManifestError(f"{name} holds a NUL character")
        return text

    def number(self, name: str) -> int:
        number: int = self._of_type(name, int)
        return number

    def digest(self, name: str) -> str:
        digest = self.text(name)
        if not DIGEST.fullmatch(digest):
            raise ManifestError(f"{name} is no SHA-256 digest")
        return digest

    def boolean(self, name: str) -> bool:
        boolean: bool = self._of_type(name, bool)
        return boolean

    def mapping(self, name: str) -> dict[str, Any]:
        mapping: dict[str, Any] = self._of_type(name, dict)
        return mapping

    def many(self, name: str) -> list[Any]:
        many: list[Any] = self._of_type(name, list)
        return many

    def texts(self, name: str) -> tuple[str, ...]:
        many = self.many(name)
        if any(type(value) is not str or "\x00" in value for value in many):
            raise ManifestError(f"{name} is no list of texts")
        return tuple(many)
