"""The doors through which files come and go. One door, one transaction, and the store with it.

An object is written before its row is committed, under a key that nobody ever used, and taken away again
when the transaction is rolled back. It is removed after the commit that deleted its row (``files.removals``).
What a crash leaves behind is swept (``files.sweeping``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from accounts.models import User
from tenants.transactions import hold, on_rollback

from . import objects, usage
from .images import LONGEST_SIDE, LONGEST_SIDE_OF_PHOTO, made_anew
from .kinds import PDF, Kind, kind_of
from .models import StoredFile
from .names import safe_name
from .removals import plan_removal

Purpose = StoredFile.Purpose
# Every kind is a document.
TAKEN_FOR: dict[str, Callable[[Kind], bool]] = {
    Purpose.PERSON_PHOTO: lambda kind: kind.is_image,
    Purpose.EVENT_FLYER: lambda kind: kind.is_image or kind == PDF,
}


@dataclass(frozen=True)
class Content:
    """What will be stored: an open file, what it is and how long."""

    file: IO[bytes]
    kind: Kind
    size: int


@transaction.atomic
def store_file(
    *, content: IO[bytes] | UploadedFile, name: str, purpose: str, user: User | None = None
) -> StoredFile:
    """Takes a file in. Its type is found in its bytes, images are made anew, the name is made safe.

    Raises ValidationError (``file``) for what is empty, too large, of a kind that is not taken for
    ``purpose``, damaged, or more than the church's quota; ServiceUnavailableError (``file``) while the
    store does not answer. Call it before other rows are locked: from here until the transaction ends, the
    church's other uploads wait.
    """
    checked = checked_content(content, name=name, purpose=purpose)
    _refuse_over_quota(checked.size)
    key = objects.fresh_key()
    # Before it is written: what was written by half goes too.
    on_rollback(partial(objects.discard, key))
    objects.write(key, checked.file, checked.kind.content_type)
    # Counted again under a lock that is held until the row can be counted by the next one.
    hold("files.quota")
    _refuse_over_quota(checked.size)
    file = StoredFile(
        key=key,
        name=safe_name(name, ending=checked.kind.ending),
        content_type=checked.kind.content_type,
        size=checked.size,
        purpose=purpose,
        uploaded_by=user,
    )
    file.save(force_insert=True)
    return file


def checked_content(content: IO[bytes] | UploadedFile, *, name: str, purpose: str) -> Content:
    """What would be stored of an uploaded file. Raises ValidationError (``file``, ``purpose``)."""
    if purpose not in Purpose.values:
        raise ValidationError({"purpose": [_("There is no such purpose.")]})
    # An UploadedFile has all that is used of an open file here.
    file: Any = content
    size = _size_of(file)
    if not size:
        raise ValidationError({"file": [_("The file is empty.")]})
    _refuse_too_large(size)
    kind = kind_of(file, name=name)
    if kind is None or (purpose in TAKEN_FOR and not TAKEN_FOR[purpose](kind)):
        raise ValidationError({"file": [_refusal(purpose)]})
    if not kind.is_image:
        return Content(file, kind, size)
    longest = LONGEST_SIDE_OF_PHOTO if purpose == Purpose.PERSON_PHOTO else LONGEST_SIDE
    picture, kind = made_anew(file, kind, longest_side=longest)
    return Content(picture, kind, _size_of(picture))


def _size_of(file: Any) -> int:
    size: int = file.seek(0, 2) or file.tell()
    file.seek(0)
    return size


def _refuse_too_large(size: int) -> None:
    if size > settings.LARGEST_UPLOAD:
        raise ValidationError({"file": [too_large_text()]})


def too_large_text() -> str:
    return _("The file is larger than %(most)s.") % {"most": filesizeformat(settings.LARGEST_UPLOAD)}


def _refusal(purpose: str) -> str:
    if purpose == Purpose.PERSON_PHOTO:
        return _("A photo is a JPEG, PNG, GIF or WebP picture.")
    if purpose == Purpose.EVENT_FLYER:
        return _("A flyer is a picture (JPEG, PNG, GIF, WebP) or a PDF.")
    return _(
        "Files of this kind are not taken. Possible: pictures, PDF, office documents, text, sound, film."
    )


def _refuse_over_quota(size: int) -> None:
    quota = usage.quota()
    if usage.used() + size > quota:
        text = _("There is no room left: your church has %(quota)s for files. Delete some first.")
        raise ValidationError({"file": [text % {"quota": filesizeformat(quota)}]})


@transaction.atomic
def remove_file(*, file: StoredFile) -> None:
    """Deletes a file; for whoever owns what it is used in. What refers to it refers to nothing then.

    The object goes after the commit. A file that is gone already is no error.
    """
    locked = StoredFile.objects.select_for_update().filter(pk=file.pk).first()
    if locked is not None:
        plan_removal(locked.key)
        locked.delete()


@transaction.atomic
def discard_file(*, file: StoredFile) -> None:
    """Deletes a file that nothing uses; for the list of files. Raises ValidationError (``file``) for one that
    is in use, StoredFile.DoesNotExist.
    """
    locked = StoredFile.objects.select_for_update().get(pk=file.pk)
    if found := usage.uses_of([locked]).get(locked.pk):
        text = _("This file is in use: %(where)s. Remove it there.")
        raise ValidationError({"file": [text % {"where": ", ".join(use.label for use in found)}]})
    remove_file(file=locked)
