"""The doors to notes and confidential details. One door, one transaction.

Who writes a note, changes or removes it, and reads what is confidential, is asked here and not on each
path. Plain notes are for those with ``members:write``; what is confidential is for those with
``members:confidential``, and nothing of it comes out of this module without a line in the log of
readings, written in the same transaction.
"""

from __future__ import annotations

import unicodedata
import uuid
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core import context
from members.models import ConfidentialDetails, ConfidentialReading, Member, MemberNote

LONGEST_TEXT = 20_000
DETAILS = ("national_id", "health", "safeguarding")
CONFIDENTIAL = "members:confidential"


def normalized_text(text: Any) -> str:
    """``text`` with composed letters (NFC), plain line ends and no blanks around it.

    Raises ValidationError.
    """
    clean = unicodedata.normalize("NFC", "" if text is None else str(text))
    clean = clean.replace("\r\n", "\n").replace("\r", "\n").strip()
    if len(clean) > LONGEST_TEXT:
        raise ValidationError(_("At most %(most)d characters.") % {"most": LONGEST_TEXT})
    if "\x00" in clean:
        raise ValidationError(_("NUL characters are not allowed."))
    return clean


def _checked(name: str, text: Any, *, required: bool = False) -> str:
    try:
        clean = normalized_text(text)
    except ValidationError as error:
        raise ValidationError({name: error.messages}) from error
    if required and not clean:
        raise ValidationError({name: _("This is required.")})
    return clean


def _demand(user: User, permission: str) -> None:
    if not user.has_permission(permission):
        raise PermissionDenied


def may_change(*, note: MemberNote, user: User) -> bool:
    """Whether ``user`` may change or remove the note.

    Its author may, and whoever has ``members:confidential``; a confidential one only the latter, so an
    author who has lost that permission has lost the note too.
    """
    if user.has_permission(CONFIDENTIAL):
        return True
    is_author = note.author_id is not None and note.author_id == user.pk
    return is_author and not note.is_confidential and user.has_permission("members:write")


@transaction.atomic
def add_note(*, member: Member, body: str, author: User, is_confidential: bool = False) -> MemberNote:
    """A new note about a person. Raises ValidationError, PermissionDenied and Member.DoesNotExist."""
    _demand(author, CONFIDENTIAL if is_confidential else "members:write")
    # Locked, so that nobody is merged or deleted while a note about them is made.
    locked = Member.objects.select_for_update().get(pk=member.pk)
    text = _checked("body", body, required=True)
    return MemberNote.objects.create(
        member=locked, body=text, author=author, is_confidential=bool(is_confidential)
    )


@transaction.atomic
def change_note(*, note: MemberNote, user: User, **values: Any) -> MemberNote:
    """Changes ``body`` and ``is_confidential`` where given.

    Raises ValidationError, PermissionDenied (see ``may_change``) and MemberNote.DoesNotExist. A
    confidential note that becomes a plain one was read by whoever opened it to all: that is logged.
    """
    if unknown := values.keys() - {"body", "is_confidential"}:
        raise ValidationError({name: _("There is no such field.") for name in unknown})
    locked = MemberNote.objects.select_for_update().get(pk=note.pk)
    if not may_change(note=locked, user=user):
        raise PermissionDenied
    changed: dict[str, Any] = {}
    if "body" in values:
        changed["body"] = _checked("body", values["body"], required=True)
    if "is_confidential" in values:
        changed["is_confidential"] = bool(values["is_confidential"])
        if changed["is_confidential"] != locked.is_confidential:
            _demand(user, CONFIDENTIAL)
    if locked.is_confidential and changed.get("is_confidential") is False:
        _log(user, locked.member_id, ConfidentialReading.Subject.NOTE, locked.pk)
    if any(getattr(locked, name) != value for name, value in changed.items()):
        for name, value in changed.items():
            setattr(locked, name, value)
        locked.save()
    return locked


@transaction.atomic
def remove_note(*, note: MemberNote, user: User) -> None:
    """Deletes a note. Raises PermissionDenied (see ``may_change``) and MemberNote.DoesNotExist."""
    locked = MemberNote.objects.select_for_update().get(pk=note.pk)
    if not may_change(note=locked, user=user):
        raise PermissionDenied
    locked.delete()


@transaction.atomic
def read_confidential_note(*, note: MemberNote, reader: User) -> str:
    """The text of a confidential note, and a line in the log that ``reader`` has read it.

    Raises PermissionDenied, and MemberNote.DoesNotExist when it is gone or not confidential any more.
    """
    _demand(reader, CONFIDENTIAL)
    stored = MemberNote.objects.get(pk=note.pk, is_confidential=True)
    _log(reader, stored.member_id, ConfidentialReading.Subject.NOTE, stored.pk)
    return stored.body


@transaction.atomic
def read_details(*, member: Member, reader: User) -> dict[str, str]:
    """What is known of the person in confidence, every name of ``DETAILS`` with a text; and a line in
    the log. Where nothing was ever stored there is nothing to read, and no line.

    Raises PermissionDenied.
    """
    _demand(reader, CONFIDENTIAL)
    stored = ConfidentialDetails.objects.filter(member_id=member.pk).first()
    if stored is None:
        return dict.fromkeys(DETAILS, "")
    _log(reader, stored.member_id, ConfidentialReading.Subject.DETAILS, stored.pk)
    return {name: getattr(stored, name) for name in DETAILS}


@transaction.atomic
def change_details(*, member: Member, user: User, **values: Any) -> None:
    """Stores those of ``DETAILS`` that are given and leaves the rest; answers nothing, so it reads nothing.

    Raises ValidationError, PermissionDenied and Member.DoesNotExist.
    """
    _demand(user, CONFIDENTIAL)
    if unknown := values.keys() - set(DETAILS):
        raise ValidationError({name: _("There is no such field.") for name in unknown})
    clean = {name: _checked(name, text) for name, text in values.items()}
    locked = Member.objects.select_for_update().get(pk=member.pk)
    stored = ConfidentialDetails.objects.select_for_update().filter(member=locked).first()
    details = stored or ConfidentialDetails(member=locked)
    if not any(getattr(details, name) != text for name, text in clean.items()):
        return
    for name, text in clean.items():
        setattr(details, name, text)
    details.save()


def log_reading(*, reader: User, member_id: uuid.UUID | None, subject: str, object_id: uuid.UUID) -> None:
    """Writes down that ``reader`` reads something confidential; for rooms above that keep such texts, inside
    the transaction that reads. ``member_id`` is None where it is about nobody whom the church lists.
    """
    _log(reader, member_id, subject, object_id)


def _log(reader: User, member_id: uuid.UUID | None, subject: str, object_id: uuid.UUID) -> None:
    ConfidentialReading.objects.create(
        reader=reader,
        reader_name=str(reader)[:200],
        member_id=member_id,
        subject=subject,
        object_id=object_id,
        origin=context.origin.get(),
    )
