"""The history: what changed, who did it, from where; nothing of what lies encrypted."""

from __future__ import annotations

import uuid
from datetime import date

import pytest
from auditlog.diff import model_instance_diff
from django.apps import apps
from django.conf import settings

from core import context
from core.history import not_recorded, record_changed, record_created, tracked_models
from core.models import EMPTY, BaseModel, HistoryEntry
from members import domain
from members.models import ConfidentialDetails, Member, MemberNote
from tenants.context import enter_church

# Models without a history, and why.
WITHOUT_HISTORY = {
    "accounts.browsersession": "a log of its own",
    "accounts.loginsession": "a log of its own",
    "automation.automatedmessage": "a log of its own",
    "automation.enrolment": "says itself who came in by what, when they left and why",
    "automation.providerevent": "a log of its own",
    "automation.sequenceversion": "never changes",
    "members.confidentialreading": "a log of its own",
    "members.memberimport": "a log of its own",
    "members.membermerge": "a log of its own; what it changed is in the people's",
    "members.notduplicates": "says who said it",
    "prayer.prayer": "says itself who has prayed and when",
    "notifications.notification": "what somebody was told; the change itself is in the history",
    "notifications.notificationpreference": "everybody's own choice, of no concern to others",
}


@pytest.fixture(autouse=True)
def in_grace(grace):
    with enter_church(grace):
        yield


def entries_about(member):
    return list(HistoryEntry.objects.filter(about=member.pk).order_by("timestamp"))


def changes_of(entry):
    return {name: tuple(values) for name, values in entry.changes.items()}


def test_every_model_of_a_church_has_a_history_or_a_reason_to_have_none():
    labels = {config.label for config in apps.get_app_configs() if config.name in settings.TENANT_APPS}
    ours = {
        model._meta.label_lower
        for label in labels
        for model in apps.get_app_config(label).get_models()
        if issubclass(model, BaseModel)
    }
    tracked = {model._meta.label_lower for model in tracked_models()}
    assert ours - tracked == set(WITHOUT_HISTORY)


def test_a_person_made_changed_and_removed(user):
    with context.working_for(user("bob"), come_from="api"):
        member = domain.create_member(first_name="Ruth", last_name="Moab", tags=["Choir"])
    with context.working_for(user("alice"), come_from="admin"):
        domain.change_member(member=member, last_name="Bethlehem", address={"city": "Bethlehem"})
        domain.change_member(member=member, last_name="Bethlehem")
    domain.remove_member(member=Member.objects.get(pk=member.pk))
    made, changed, removed = entries_about(member)
    assert changes_of(made)["first_name"] == (None, "Ruth")
    assert changes_of(made)["tags"] == (None, ["Choir"])
    assert set(made.changes) == {"first_name", "last_name", "tags", "membership_status"}
    assert (made.actor_name, made.origin, made.action) == (str(user("bob")), "api", 0)
    assert changes_of(changed) == {
        "last_name": ("Moab", "Bethlehem"),
        "address": ({}, {"city": "Bethlehem"}),
    }
    assert (changed.actor_id, changed.origin, changed.action) == (user("alice").pk, "admin", 1)
    assert (removed.action, removed.origin, removed.actor_id) == (2, "program", None)
    assert changes_of(removed)["last_name"] == ("Bethlehem", None)


def test_doors_that_change_many_at_once_say_so():
    people = [domain.create_member(first_name=name, last_name="Moab") for name in ("Ruth", "Orpah")]
    domain.add_tags(member_ids=[person.pk for person in people], tags=["Choir"])
    domain.remove_tags(member_ids=[people[0].pk], tags=["choir"])
    assert [changes_of(entry) for entry in entries_about(people[0])[1:]] == [
        {"tags": ([], ["Choir"])},
        {"tags": (["Choir"], [])},
    ]
    assert len(entries_about(people[1])) == 2


def test_what_lies_encrypted_is_not_told():
    member = domain.create_member(first_name="Ruth", last_name="Moab")
    note = MemberNote.objects.create(member=member, body="She weeps at night.", is_confidential=True)
    note.body = "She laughs again."
    note.save()
    details = ConfidentialDetails.objects.create(member=member, national_id="123-45-6789")
    details.national_id = "987-65-4321"
    details.save()
    told = str([(entry.changes, entry.object_repr) for entry in entries_about(member)])
    assert "[hidden]" in told
    for secret in ("weeps", "laughs", "6789", "4321"):
        assert secret not in told


def test_a_new_password_is_told_without_it(user):
    bob = user("bob")
    bob.set_password("a very different password")
    bob.save()
    entry = HistoryEntry.objects.filter(about=bob.pk).latest()
    assert changes_of(entry) == {"password": ("[hidden]", "[hidden]")}


def test_nothing_is_recorded_where_a_door_says_so():
    member = domain.create_member(first_name="Ruth", last_name="Moab")
    with not_recorded():
        domain.change_member(member=member, last_name="Other")
    assert len(entries_about(member)) == 1


def test_the_history_of_one_church_is_not_anothers(hope):
    member = domain.create_member(first_name="Ruth", last_name="Moab")
    with enter_church(hope):
        assert not entries_about(member)


def test_entries_made_by_the_thousand_say_what_single_ones_do(user):
    values = {
        "first_name": "Ruth", "last_name": "Moab", "email": "ruth@moab.example", "tags": ["Choir"],
        "address": {"city": "Moab"}, "birth_date": "--07-04", "baptized_date": date(2001, 2, 3),
    }  # fmt: skip
    former = Member(**values)
    later = Member(**{**values, "tags": [], "address": {}, "baptized_date": None, "phone": "+12175550123"})
    later.pk = former.pk
    made, changed = uuid.uuid4(), uuid.uuid4()
    record_created([former], batch=made)
    fields = [*values, "phone"]
    record_changed([(later, {name: getattr(former, name) for name in fields})], batch=changed)
    note = MemberNote(member=former, body="She weeps.", author=user("bob"))
    record_created([note], batch=made)

    def compared(old, new):
        told = model_instance_diff(old, new, use_json_for_changes=True)
        return {name: list(pair) for name, pair in told.items() if any(value not in EMPTY for value in pair)}

    entries = HistoryEntry.objects.filter(batch=made)
    assert entries.get(kind="members.member").changes == compared(None, former)
    assert HistoryEntry.objects.get(batch=changed).changes == compared(former, later)
    assert entries.get(kind="members.membernote").changes | {"body": ...} == compared(None, note) | {
        "body": ...
    }
    assert "weeps" not in str(entries.values_list("changes"))
