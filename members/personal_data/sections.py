"""What this room knows of a person."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.history_reading import ACTIONS, Reader, kind_label
from core.models import HistoryEntry
from files.models import StoredFile
from members import addresses
from members.models import (
    ConfidentialDetails,
    ConfidentialReading,
    CustomField,
    Household,
    HouseholdMembership,
    Member,
    MemberImportRow,
    MemberMerge,
    MemberNote,
    NotDuplicates,
)

from .registry import Row, section

# Made of the others, by which people are searched and compared.
DERIVED = {"search_document", "folded_name"}
WHEN = {"created_at": _("when"), "updated_at": _("last changed")}


def _values(instance: Any, *, without: Iterable[str] = ()) -> Row:
    return {
        field.attname: getattr(instance, field.attname)
        for field in instance._meta.concrete_fields
        if field.name not in without
    }


@section(
    "person",
    _("Person"),
    models=[Member],
    labels={
        "created_at": _("added"),
        "updated_at": _("last changed"),
        "import_fingerprint": _("digest of the imported row"),
    },
)
def person(member: Member) -> Iterable[Row]:
    row = _values(member, without=DERIVED)
    labels = dict(CustomField.objects.values_list("key", "label"))
    row["custom_fields"] = {labels.get(key, key): value for key, value in member.custom_fields.items()}
    for name in ("address", "mailing_address"):
        row[name] = {str(addresses.PARTS.get(part, part)): text for part, text in row[name].items()}
    return [row]


@section("photo", _("Photo"), models=[StoredFile], labels={"created_at": _("when")})
def photo(member: Member) -> Iterable[Row]:
    if member.photo is not None:
        yield {name: getattr(member.photo, name) for name in ("name", "content_type", "size", "created_at")}


@section(
    "households",
    _("Households"),
    models=[HouseholdMembership, Household],
    labels={"name": _("household"), "since": _("since")},
)
def households(member: Member) -> Iterable[Row]:
    for place in member.household_memberships.select_related("household"):
        household = place.household
        yield {
            "name": household.name,
            "role": place.role,
            "is_primary": place.is_primary,
            "address": household.address,
            "mailing_address": household.mailing_address,
            "phone": household.phone,
            "since": place.created_at,
        }


@section("notes", _("Notes"), models=[MemberNote], labels=WHEN)
def notes(member: Member) -> Iterable[Row]:
    for note in member.notes.select_related("author"):
        yield {
            "body": note.body,
            "is_confidential": note.is_confidential,
            "author": str(note.author or ""),
            "created_at": note.created_at,
            "updated_at": note.updated_at,
        }


@section("confidential_details", _("Confidential details"), models=[ConfidentialDetails], labels=WHEN)
def confidential_details(member: Member) -> Iterable[Row]:
    for details in ConfidentialDetails.objects.filter(member=member):
        yield _values(details, without={"id", "member"})


@section(
    "merges",
    _("Merges"),
    models=[MemberMerge],
    labels={**WHEN, "absorbed_id": _("their id"), "snapshot": _("what was kept for an undo")},
)
def merges(member: Member) -> Iterable[Row]:
    for merge in member.merges.select_related("merged_by"):
        yield {
            "absorbed_name": merge.absorbed_name,
            "absorbed_id": merge.absorbed_id,
            "merged_by": str(merge.merged_by or ""),
            "created_at": merge.created_at,
            "undone_at": merge.undone_at,
            "snapshot": json.loads(merge.snapshot or "null"),
        }


@section(
    "not_duplicates",
    _("Said to be somebody else than another person"),
    models=[NotDuplicates],
    labels={**WHEN, "said_by": _("by")},
)
def not_duplicates(member: Member) -> Iterable[Row]:
    # Of the other person nothing: they have the same right.
    found = NotDuplicates.objects.filter(first=member) | NotDuplicates.objects.filter(second=member)
    for said in found.select_related("said_by"):
        yield {"said_by": str(said.said_by or ""), "created_at": said.created_at}


@section(
    "imports",
    _("Rows of imported files"),
    models=[MemberImportRow],
    labels={
        "file": _("file"), "row": _("row"), "fate": _("what became of it"), "changed": _("fields"),
        "before": _("before"), "after": _("after"), "cells": _("cells"), "errors": _("errors"),
    },
)  # fmt: skip
def imports(member: Member) -> Iterable[Row]:
    rows = MemberImportRow.objects.filter(member_id=member.pk).select_related("member_import")
    for row in rows.order_by("member_import__created_at", "row"):
        yield {
            "file": row.member_import.file_name,
            **{name: getattr(row, name) for name in ("row", "fate", "changed", "before", "after", "cells")},
            "errors": row.errors,
        }


@section(
    "history",
    _("History"),
    models=[HistoryEntry],
    labels={
        "at": _("when"), "who": _("who"), "origin": _("from where"), "action": _("action"),
        "kind": _("what"), "changes": _("changes"),
    },
)  # fmt: skip
def history(member: Member) -> Iterable[Row]:
    reader = Reader()
    for entry in HistoryEntry.objects.filter(about=member.pk).iterator():
        yield {
            "at": entry.timestamp,
            "who": entry.actor_name,
            "origin": entry.origin,
            "action": ACTIONS[entry.action],
            "kind": kind_label(entry.kind),
            "changes": [vars(change) for change in reader.changes(entry)],
        }


@section(
    "readings",
    _("Who has read what is confidential"),
    models=[ConfidentialReading],
    labels={**WHEN, "reader_name": _("who"), "subject": _("what"), "origin": _("from where")},
)
def readings(member: Member) -> Iterable[Row]:
    for reading in ConfidentialReading.objects.filter(member=member):
        yield {
            "reader_name": reading.reader_name,
            "subject": str(reading.get_subject_display()),
            "origin": reading.origin,
            "created_at": reading.created_at,
        }
