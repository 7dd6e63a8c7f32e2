"""Everything that a church knows of a person, from every room."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models

from members import domain
from members.models import (
    ConfidentialDetails,
    ConfidentialReading,
    CustomField,
    Household,
    HouseholdMembership,
    Member,
    MemberMerge,
    MemberNote,
    NotDuplicates,
)
from members.personal_data import registry
from tenants.context import enter_church
from tests.members.conftest import fewest_queries
from tests.problems import assert_problem


def models_that_know_people():
    """Models of a church that refer to a person, by a relation or by a bare id."""
    labels = {config.label for config in apps.get_app_configs() if config.name in settings.TENANT_APPS}
    bare = {"member_id", "absorbed_id", "about"}
    found = {Member}
    for model in (model for label in labels for model in apps.get_app_config(label).get_models()):
        for field in model._meta.get_fields():
            refers = field.is_relation and field.concrete and field.related_model is Member
            if refers or (isinstance(field, models.UUIDField) and field.name in bare):
                found.add(model)
    return found


def test_every_model_that_refers_to_a_person_is_told_of():
    told = {model for section in registry.sections.values() for model in section.models}
    assert models_that_know_people() - told == set()


def test_for_every_model_that_refers_to_a_person_it_is_said_what_an_erasure_does():
    assert models_that_know_people() - set(registry.treatments) == set()


@pytest.fixture
def ruth(grace, user):
    with enter_church(grace):
        CustomField.objects.create(key="shoe", label="Shoe size", kind="number", visible_to=["pastor"])
        CustomField.objects.create(key="old", label="Old", kind="text", archived_at="2026-01-01T00:00:00Z")
        ruth = domain.create_member(
            first_name="Ruth",
            last_name="Moab",
            tags=["Choir"],
            address={"city": "Bethlehem"},
            birth_date="--06-15",
        )
        # As it was before fields were defined: a value without a definition is told too.
        Member.objects.filter(pk=ruth.pk).update(custom_fields={"shoe": 7, "old": "kept", "Free": "text"})
        ruth.refresh_from_db()
        orpah = domain.create_member(first_name="Orpah", last_name="Moab")
        household = Household.objects.create(name="House of Naomi", phone="+12175550100")
        HouseholdMembership.objects.create(household=household, member=ruth, role="child")
        MemberNote.objects.create(member=ruth, body="Gleans late", author=user("bob"))
        MemberNote.objects.create(member=ruth, body="Weeps at night", is_confidential=True)
        ConfidentialDetails.objects.create(member=ruth, health="Weak heart")
        first, second = sorted([ruth, orpah], key=lambda member: member.pk.int)
        NotDuplicates.objects.create(first=first, second=second, said_by=user("bob"))
        MemberMerge.objects.create(
            survivor=ruth, absorbed_id=orpah.pk, absorbed_name="Ruthie Moab", snapshot='{"phone": "1"}'
        )
    return ruth


def told(client, member):
    answer = client.get(f"/api/members/{member.pk}/personal-data")
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_everything_is_told_under_its_label(api, ruth):
    body = told(api("anna"), ruth)
    sections = {section["key"]: section for section in body["sections"]}
    person = sections["person"]["rows"][0]
    assert body["id"] == person["id"] == str(ruth.pk)
    assert person["custom_fields"] == {"Shoe size": 7, "Old": "kept", "Free": "text"}
    assert person["address"] == {"City": "Bethlehem"}
    assert sections["person"]["labels"]["first_name"] == "First name"
    assert sections["households"]["rows"][0]["name"] == "House of Naomi"
    assert {note["body"] for note in sections["notes"]["rows"]} == {"Gleans late", "Weeps at night"}
    assert sections["confidential_details"]["rows"][0]["health"] == "Weak heart"
    assert sections["merges"]["rows"][0]["snapshot"] == {"phone": "1"}
    assert len(sections["not_duplicates"]["rows"]) == 1
    assert "Orpah" not in str(sections["not_duplicates"])
    assert len(sections["history"]["rows"]) >= 4
    for section in sections.values():
        assert section["title"]
        assert all(set(row) <= set(section["labels"]) for row in section["rows"])


def test_each_reading_is_written_down_and_told_itself(api, grace, ruth, user):
    told(api("anna"), ruth)
    body = told(api("anna"), ruth)
    with enter_church(grace):
        readings = list(ConfidentialReading.objects.filter(member=ruth))
    assert [(r.subject, r.object_id, r.origin) for r in readings] == [("history", ruth.pk, "api")] * 2
    assert {r.reader_id for r in readings} == {user("anna").pk}
    assert len(next(s for s in body["sections"] if s["key"] == "readings")["rows"]) == 2


def test_rows_of_imported_files_are_told(api, run_import, person):
    run_import("first_name,last_name,email\nRuth,Moab,ruth@moab.example\n")
    body = told(api("anna"), person("Ruth"))
    rows = next(section for section in body["sections"] if section["key"] == "imports")["rows"]
    assert [(row["file"], row["fate"]) for row in rows] == [("people.csv", "created")]


def test_it_is_for_administrators_alone(api, ruth):
    for actor in ("alice", "bob", "vera"):
        assert_problem(api(actor).get(f"/api/members/{ruth.pk}/personal-data"), 403)


def test_it_takes_as_many_statements_for_thirty_notes_as_for_one(api, grace, ruth):
    client = api("anna")
    few = fewest_queries(lambda: told(client, ruth))
    with enter_church(grace):
        for number in range(30):
            MemberNote.objects.create(member=ruth, body=str(number))
            domain.change_member(member=ruth, nickname=str(number))
    assert fewest_queries(lambda: told(client, ruth)) == few
