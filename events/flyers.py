"""The doors through which an event gets a flyer and loses it."""

from __future__ import annotations

from typing import IO, Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from accounts.models import User
from files.domain import remove_file, store_file
from files.models import StoredFile

from . import editing
from .models import Event
from .registrations.places import locked_event


@transaction.atomic
def set_flyer(*, event: Event, content: IO[bytes] | UploadedFile, name: str, user: User | None) -> Event:
    """Gives the event, of a series all dates, a picture or a PDF as its flyer, in place of the one it had.

    Raises ValidationError (``file``) and Event.DoesNotExist.
    """
    # Before the event is locked: uploads of a church wait for one another.
    file = store_file(content=content, name=name, purpose=StoredFile.Purpose.EVENT_FLYER, user=user)
    return _changed(event.pk, file)


@transaction.atomic
def remove_flyer(*, event: Event) -> Event:
    """Takes the flyer away; without one nothing happens. Raises Event.DoesNotExist."""
    return _changed(event.pk, None)


def _changed(event_id: Any, file: StoredFile | None) -> Event:
    locked = locked_event(event_id)
    before = locked.flyer
    if before == file:
        return locked
    locked.flyer = file
    editing.save(locked)
    drop_unused(before)
    return locked


def drop_unused(file: StoredFile | None) -> None:
    """Deletes a flyer that no event shows any more: a copy, or the continuation of a series, may."""
    if file is not None and not Event.objects.filter(flyer=file).exists():
        remove_file(file=file)
