"""Exported churches as files, and files that somebody was at."""

from __future__ import annotations

import hashlib
import json
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tenants.models import Church
from tenants.transfer import import_church


def bring(path: Path, subdomain: str | None = None, **more: Any) -> Church:
    return import_church(path=path, subdomain=subdomain, report=lambda line: None, **more)


def rewritten(path: Path, change: Callable[[dict[str, bytes]], Any]) -> Path:
    """The archive once more, after ``change`` was at its members (a dict of bytes by name)."""
    with zipfile.ZipFile(path) as source:
        members = {name: source.read(name) for name in source.namelist()}
    change(members)
    target = path.with_name("changed.zip")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target


def with_manifest(path: Path, change: Callable[[dict[str, Any]], Any]) -> Path:
    """The archive once more, after ``change`` was at its manifest (a dict)."""

    def edit(members: dict[str, bytes]) -> None:
        manifest = json.loads(members["manifest.json"])
        change(manifest)
        members["manifest.json"] = json.dumps(manifest).encode()

    return rewritten(path, edit)


def forged(path: Path, table: str, change: Callable[[bytes], bytes]) -> Path:
    """The archive with other rows in a table, digest and count made to fit."""

    def edit(members: dict[str, bytes]) -> None:
        rows = change(members[f"tables/{table}.copy"])
        members[f"tables/{table}.copy"] = rows
        manifest = json.loads(members["manifest.json"])
        for entry in manifest["tables"]:
            if entry["name"] == table:
                entry.update(rows=rows.count(b"\n"), sha256=hashlib.sha256(rows).hexdigest(), size=len(rows))
        members["manifest.json"] = json.dumps(manifest).encode()

    return rewritten(path, edit)


def content_of(archive: Path, name: str) -> range:
    """Where the packed bytes of a member lie in the file."""
    with zipfile.ZipFile(archive) as opened:
        member = opened.getinfo(name)
    # PKWARE's APPNOTE, 4.3.7: 30 bytes, the last two pairs of which are the lengths of name and extra.
    header = archive.read_bytes()[member.header_offset :][:30]
    start = member.header_offset + 30 + sum(struct.unpack("<HH", header[26:]))
    return range(start, start + member.compress_size)
