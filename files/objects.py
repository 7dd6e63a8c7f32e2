"""The objects of the church that was entered. Nothing here reaches a key outside of its prefix."""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from core.unavailable import ServiceUnavailableError
from tenants.context import current_church

logger = logging.getLogger(__name__)

KEY = re.compile(r"[0-9a-f]{32}/[0-9a-f]{2}/[0-9a-f]{32}")


class StrangeKeyError(Exception):
    """A key that is not one of the entered church's."""


def store() -> Any:
    """The one store of this installation; see ``files.stores``."""
    return default_storage


def prefix_of(church_id: uuid.UUID) -> str:
    """Below it lie all objects of a church."""
    return f"{church_id.hex}/"


def fresh_key() -> str:
    """A key of the entered church that was never used; no name that a person chose is in it."""
    name = uuid.uuid4().hex
    return f"{prefix_of(current_church().id)}{name[:2]}/{name}"


def own(key: str) -> str:
    """``key``. Raises StrangeKeyError unless it is one of the entered church's."""
    if not KEY.fullmatch(key) or not key.startswith(prefix_of(current_church().id)):
        raise StrangeKeyError(key)
    return key


def write(key: str, content: Any, content_type: str) -> None:
    """Puts the bytes of an open file into the store. Raises ServiceUnavailableError (``file``)."""
    # Wrapped, so that a temporary file is copied and not moved away from whoever else reads it.
    file: Any = File(content, name=key)
    file.content_type = content_type
    try:
        stored = store().save(own(key), file)
    except (OSError, BotoCoreError, ClientError, Boto3Error) as error:
        logger.exception("the store of files took no object")
        text = _("Files cannot be stored at the moment. Try again in a few minutes.")
        raise ServiceUnavailableError({"file": [text]}) from error
    if stored != key:
        discard(stored)
        raise StrangeKeyError(stored)


def opened(key: str) -> File[bytes]:
    """The object as an open file. Raises FileNotFoundError."""
    file: File[bytes] = store().open(own(key), "rb")
    return file


def delete(key: str) -> None:
    """Takes the object away; one that is not there is no error."""
    store().delete(own(key))


def discard(key: str) -> None:
    """The same for a key that was just made, also outside of the church: a rollback may come that late."""
    store().delete(key)


def entries() -> Iterator[tuple[str, datetime]]:
    """Every object of the church with when it was written."""
    yield from store().entries(prefix_of(current_church().id))
