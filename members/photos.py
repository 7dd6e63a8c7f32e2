"""The doors through which a person gets a photo and loses it. One door, one transaction.

A photo belongs to one person and has no name of its own. It goes for good with the person who is deleted: who
is restored has none. What a merge leaves over is kept with the merge as long as that can be undone.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import IO

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.models import User
from core import context
from files.domain import remove_file, store_file
from files.models import StoredFile

from . import signals
from .models import Member, MemberMerge

# Names of pictures say who is on them, or where; this one is of no use to anybody.
NAME = "photo"


@transaction.atomic
def set_photo(*, member: Member, content: IO[bytes] | UploadedFile, user: User | None) -> Member:
    """Gives the person a photo in place of the one they have.

    Raises ValidationError (``file``), and Member.DoesNotExist when the person is gone by now.
    """
    # Before the person is locked: uploads of a church wait for one another at the end.
    file = store_file(content=content, name=NAME, purpose=StoredFile.Purpose.PERSON_PHOTO, user=user)
    return _change(Member.objects.select_for_update().get(pk=member.pk), file)


@transaction.atomic
def remove_photo(*, member: Member) -> Member:
    """Takes the person's photo away; nothing happens where there is none. Raises Member.DoesNotExist."""
    locked = Member.objects.select_for_update().get(pk=member.pk)
    return _change(locked, None) if locked.photo_id else locked


def _change(locked: Member, file: StoredFile | None) -> Member:
    former = locked.photo
    locked.photo = file
    locked.save(update_fields=["photo", "updated_at"])
    if former is not None:
        remove_file(file=former)
    signals.member_changed.send(sender=Member, member=locked, fields=["photo"], origin=context.origin.get())
    return locked


def drop_photos(members: Collection[Member]) -> None:
    """For doors that delete people: their photos go with them, and those that merges into them keep."""
    merges = MemberMerge.objects.filter(survivor__in=[member.pk for member in members])
    kept_for_undo = Q(pk__in=merges.exclude(absorbed_photo=None).values("absorbed_photo"))
    own = Q(pk__in=[member.photo_id for member in members if member.photo_id])
    for file in StoredFile.objects.filter(own | kept_for_undo):
        remove_file(file=file)
    for member in members:
        member.photo = None


def drop_photos_of_merges(merges: QuerySet[MemberMerge]) -> None:
    """For doors after which ``merges`` cannot be undone any more."""
    for file in StoredFile.objects.filter(
        pk__in=merges.exclude(absorbed_photo=None).values("absorbed_photo")
    ):
        remove_file(file=file)
