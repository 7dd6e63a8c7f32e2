"""Addresses at which a file can be fetched for a while, by whoever has them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core import signing
from django.core.files.storage import FileSystemStorage
from django.urls import reverse
from django.utils.http import content_disposition_header

from tenants.context import current_church

from . import objects
from .models import StoredFile

SALT = "files.address"
SECONDS = 300
# Pictures were made anew here; everything else is saved by the browser and never shown.
SHOWN = frozenset({"image/jpeg", "image/png"})


def file_url(
    file: StoredFile, *, seconds: int = SECONDS, download: bool = False, absolute: bool = False
) -> str:
    """An address of the file that is good for ``seconds``, also without signing in.

    From disk it is signed, bound to the church, and a path on the church's host, unless ``absolute``; from
    a bucket it is presigned and always absolute. With ``download`` a picture too is saved and not shown.
    """
    if not isinstance(objects.store(), FileSystemStorage):
        url: str = objects.store().presigned(
            objects.own(file.key),
            seconds=seconds,
            disposition=disposition_of(file, download=download),
            content_type=file.content_type,
        )
        return url
    church = current_church()
    ticket = [church.id.hex, file.pk.hex, int(time.time()) + seconds, int(download)]
    path = reverse("file", args=[signing.dumps(ticket, salt=SALT)])
    return f"{church.url}{path}" if absolute else path


def disposition_of(file: StoredFile, *, download: bool = False) -> str:
    """The header ``Content-Disposition`` (RFC 6266)."""
    shown = file.content_type in SHOWN and not download
    return content_disposition_header(not shown, file.name) or "inline"


@dataclass(frozen=True)
class Ticket:
    """What an address allows: one file, until ``expires_at`` (seconds since 1970)."""

    file_id: UUID
    expires_at: int
    download: bool


def ticket_of(token: str) -> Ticket | None:
    """What the token of an address allows; None when it was not made here, for this church, or is over."""
    try:
        content: Any = signing.loads(token, salt=SALT)
        church_id, file_id, expires_at, download = content
        ticket = Ticket(UUID(file_id), int(expires_at), bool(download))
    except (signing.BadSignature, ValueError, TypeError):
        return None
    valid = church_id == current_church().id.hex and ticket.expires_at > time.time()
    return ticket if valid else None
