"""Nothing that refers to a person is left behind by a merge, in no table of any room."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models
from django.utils import timezone

from automation.models import AutomatedMessage, BulkMail, Enrolment, Sequence, SequenceVersion
from events.models import Event, EventRegistration
from members.confidential import domain as confidential
from members.domain import create_member, remove_member
from members.merging.domain import merge_members
from members.merging.moving import StillReferredToError, delete_alone
from members.merging.references import STAYING, loose_references, references
from members.merging.undoing import undo_merge
from members.models import (
    ConfidentialDetails,
    ConfidentialReading,
    Household,
    HouseholdMembership,
    Member,
    MemberImport,
    MemberImportRow,
    MemberMerge,
    MemberNote,
    NotDuplicates,
)
from prayer.models import PrayerRequest
from tenants.context import enter_church
from visits.models import Visit


def somebody() -> Member:
    return create_member(first_name="Some", last_name=uuid.uuid4().hex)


def _merge_row(member: Member) -> Any:
    return MemberMerge.objects.create(
        survivor=member, absorbed_id=uuid.uuid4(), absorbed_name="x", snapshot="{}"
    )


def _registration(member: Member) -> Any:
    """A registration for an event of its own: for one event a person has one."""
    start = timezone.now()
    event = Event.objects.create(
        title="x", timezone="UTC", start_datetime=start, end_datetime=start + timedelta(hours=1)
    )
    return EventRegistration.objects.create(
        event=event, occurrence_start=start, member=member, registered_at=start, number=1
    )


def _enrolment(member: Member) -> Any:
    """A way through a sequence of its own: through one a person goes once at a time."""
    sequence = Sequence.objects.create(name="x", trigger_event="manual")
    version = SequenceVersion.objects.create(sequence=sequence, number=1)
    return Enrolment.objects.create(sequence=sequence, version=version, member=member, trigger_event="manual")


def _message(member: Member) -> Any:
    return AutomatedMessage.objects.create(
        bulk_mail=BulkMail.objects.create(subject="x"),
        recipient=member,
        message_type="email",
        scheduled_for=timezone.now(),
    )


# One row that refers to the person, for each column that can. A new one needs its line here.
ROWS: dict[tuple[str, str], Callable[[Member], Any]] = {
    ("members.householdmembership", "member"): lambda m: HouseholdMembership.objects.create(
        household=Household.objects.create(name="House"), member=m
    ),
    ("members.membernote", "member"): lambda m: MemberNote.objects.create(member=m, body="x"),
    ("members.confidentialdetails", "member"): lambda m: ConfidentialDetails.objects.create(
        member=m, health="x"
    ),
    ("members.confidentialreading", "member"): lambda m: ConfidentialReading.objects.create(
        member=m, reader_name="x", subject="note", object_id=uuid.uuid4(), origin="api"
    ),
    ("members.membermerge", "survivor"): _merge_row,
    ("members.notduplicates", "first"): lambda m: NotDuplicates.objects.create(first=m, second=somebody()),
    ("members.notduplicates", "second"): lambda m: NotDuplicates.objects.create(first=somebody(), second=m),
    ("prayer.prayerrequest", "requester"): lambda m: PrayerRequest.objects.create(
        title="x", description="x", requester=m, source="api"
    ),
    ("events.eventregistration", "member"): _registration,
    ("members.memberimportrow", "member_id"): lambda m: MemberImportRow.objects.create(
        member_import=MemberImport.objects.create(file_name="x", country="US"),
        row=2,
        fate="created",
        member_id=m.pk,
    ),
    ("automation.enrolment", "member"): _enrolment,
    ("automation.automatedmessage", "recipient"): _message,
    ("visits.visit", "member"): lambda m: Visit.objects.create(member=m, scheduled_datetime=timezone.now()),
}


@pytest.fixture(autouse=True)
def in_grace(grace):
    with enter_church(grace):
        yield


@pytest.fixture
def alice(user):
    return user("alice")


def church_models():
    labels = {config.label for config in apps.get_app_configs() if config.name in settings.TENANT_APPS}
    return [model for label in labels for model in apps.get_app_config(label).get_models()]


def pointing_at(member_id: Any) -> list[str]:
    """Columns of any table of the church in which the id stands, but those that are meant to keep it."""
    found = []
    for model in church_models():
        for field in model._meta.concrete_fields:
            target = field.target_field if field.remote_field else field
            stays = (model._meta.label_lower, field.attname) in STAYING
            if not isinstance(target, models.UUIDField) or field.primary_key or stays:
                continue
            if model._base_manager.filter(**{field.attname: member_id}).exists():
                found.append(f"{model._meta.label}.{field.attname}")
    return found


def test_every_column_that_names_a_person_is_a_foreign_key_or_in_a_list():
    known = loose_references() | STAYING.keys()
    unknown = [
        (model._meta.label_lower, field.attname)
        for model in church_models()
        for field in model._meta.concrete_fields
        if isinstance(field, models.UUIDField) and not field.remote_field and not field.primary_key
        if any(word in field.name for word in ("member", "person", "absorbed", "survivor", "about"))
        if (model._meta.label_lower, field.attname) not in known
    ]
    assert not unknown, "members.merging.references must know them"
    for label, column in known:
        apps.get_model(label)._meta.get_field(column)


def test_every_reference_has_a_row_in_this_test():
    found = {(reference.model._meta.label_lower, reference.name) for reference in references()}
    assert found == ROWS.keys()


@pytest.mark.parametrize("key", ROWS, ids=".".join)
def test_a_row_that_refers_to_who_goes_refers_to_who_stays_and_back(alice, key):
    stays, goes = somebody(), somebody()
    row = ROWS[key](goes)
    before = pointing_at(goes.pk)
    assert before
    merge = merge_members(survivor=stays, absorbed=goes, user=alice)
    assert pointing_at(goes.pk) == []
    assert type(row)._base_manager.filter(pk=row.pk).exists()
    assert set(before) & set(pointing_at(stays.pk)) or key[0] == "members.notduplicates"
    undo_merge(merge=merge, user=alice)
    assert sorted(pointing_at(goes.pk)) == sorted(before)


def test_both_with_everything_become_one_with_everything_and_two_again(alice):
    stays, goes = somebody(), somebody()
    for member in (stays, goes):
        for make in ROWS.values():
            make(member)

    def everything():
        return {
            model._meta.label: sorted(map(str, model._base_manager.values_list()))
            for model in church_models()
            if model._meta.app_label == "members" and model not in {MemberMerge, Member, ConfidentialDetails}
        }

    before = everything()
    details = [ConfidentialDetails.objects.get(member=member).health for member in (stays, goes)]
    merge = merge_members(survivor=stays, absorbed=goes, user=alice)
    assert pointing_at(goes.pk) == []
    undo_merge(merge=merge, user=alice)
    after = everything()
    for label, rows in before.items():
        if label != "members.HouseholdMembership":
            assert after[label] == rows, label
    assert len(after["members.HouseholdMembership"]) == len(before["members.HouseholdMembership"])
    assert [ConfidentialDetails.objects.get(member=member).health for member in (stays, goes)] == details


def test_who_is_still_referred_to_is_not_deleted():
    member = somebody()
    MemberNote.objects.create(member=member, body="x")
    with pytest.raises(StillReferredToError, match="MemberNote"):
        delete_alone(member)
    assert Member.objects.filter(pk=member.pk).exists()


def test_what_is_known_in_confidence_of_both_is_kept(alice):
    stays, goes = somebody(), somebody()
    confidential.change_details(member=stays, user=alice, health="Asthma", national_id="1")
    confidential.change_details(member=goes, user=alice, health="Diabetes", national_id="2", safeguarding="x")
    merge = merge_members(survivor=stays, absorbed=goes, user=alice)
    assert confidential.read_details(member=stays, reader=alice) == {
        "health": "Asthma\n\nDiabetes", "national_id": "1 / 2", "safeguarding": "x",
    }  # fmt: skip
    undo_merge(merge=merge, user=alice)
    assert confidential.read_details(member=stays, reader=alice)["health"] == "Asthma"
    assert confidential.read_details(member=goes, reader=alice)["health"] == "Diabetes"


def test_the_snapshot_lies_encrypted(alice):
    from django.db import connection

    stays, goes = somebody(), somebody()
    confidential.change_details(member=stays, user=alice, health="Asthma")
    confidential.change_details(member=goes, user=alice, health="Diabetes")
    merge_members(survivor=stays, absorbed=goes, user=alice)
    with connection.cursor() as cursor:
        cursor.execute("SELECT snapshot FROM member_merges")
        (stored,) = cursor.fetchone()
    assert stored.startswith("gAAAA")
    assert "Diabetes" not in stored
    assert goes.last_name not in stored


# -- Households --


def lives(member, household, **more):
    return HouseholdMembership.objects.create(member=member, household=household, **more)


def homes_of(member):
    rows = HouseholdMembership.objects.filter(member=member).select_related("household")
    return {row.household.name: row.is_primary for row in rows}


def test_one_main_household_is_kept(alice):
    stays, goes = somebody(), somebody()
    first, second, third = (Household.objects.create(name=name) for name in ("First", "Second", "Third"))
    lives(stays, first)
    lives(goes, first, is_primary=False)
    lives(goes, second)
    lives(goes, third, is_primary=False)
    merge = merge_members(survivor=stays, absorbed=goes, user=alice)
    assert homes_of(stays) == {"First": True, "Second": False, "Third": False}
    undo_merge(merge=merge, user=alice)
    assert homes_of(stays) == {"First": True}
    assert homes_of(goes) == {"First": False, "Second": True, "Third": False}


def test_who_had_no_household_gets_the_others(alice):
    stays, goes = somebody(), somebody()
    lives(goes, Household.objects.create(name="Second"))
    merge_members(survivor=stays, absorbed=goes, user=alice)
    assert homes_of(stays) == {"Second": True}


# -- Said to be two --


def test_what_was_said_of_who_goes_is_said_of_who_stays(alice):
    stays, goes, third = somebody(), somebody(), somebody()
    for one, other in ((stays, goes), (goes, third), (stays, third)):
        first, second = sorted((one, other), key=lambda member: member.pk)
        NotDuplicates.objects.create(first=first, second=second)
    merge = merge_members(survivor=stays, absorbed=goes, user=alice)
    (left,) = NotDuplicates.objects.all()
    assert {left.first_id, left.second_id} == {stays.pk, third.pk}
    assert left.first_id < left.second_id
    undo_merge(merge=merge, user=alice)
    assert NotDuplicates.objects.count() == 3


def test_merges_of_who_goes_belong_to_who_stays_and_go_with_them(alice):
    stays, goes, gone_before = somebody(), somebody(), somebody()
    earlier = merge_members(survivor=goes, absorbed=gone_before, user=alice)
    merge_members(survivor=stays, absorbed=goes, user=alice)
    assert MemberMerge.objects.get(pk=earlier.pk).survivor_id == stays.pk
    remove_member(member=Member.objects.get(pk=stays.pk))
    assert MemberMerge.objects.count() == 0
