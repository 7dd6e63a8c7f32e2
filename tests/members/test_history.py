"""Reading a person's history, and the church's: who sees what, in whose words."""

from __future__ import annotations

import pytest
from django.utils import timezone

from core import context
from core.models import HistoryEntry
from members import domain
from members.models import (
    ConfidentialDetails,
    CustomField,
    Household,
    HouseholdMembership,
    Member,
    MemberNote,
)
from tenants.context import enter_church
from tests.members.conftest import fewest_queries
from tests.problems import assert_problem


@pytest.fixture
def ruth(grace, user):
    """Somebody of Grace with a history."""
    with enter_church(grace), context.working_for(user("bob"), come_from="admin"):
        ruth = domain.create_member(first_name="Ruth", last_name="Moab", phone="217 555 0100")
        return domain.change_member(
            member=ruth, phone="217 555 0199", address={"city": "Bethlehem", "line1": "Field 1"}
        )


def history(client, member, query=""):
    answer = client.get(f"/api/members/{member.pk}/history{query}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_an_entry_says_who_did_what_from_where_in_plain_labels(api, ruth, user):
    page = history(api("bob"), ruth)
    assert (page["count"], page["next"]) == (2, None)
    newest, first = page["results"]
    assert newest["who"] == {"id": str(user("bob").pk), "name": str(user("bob"))}
    assert (newest["origin"], newest["action"], newest["kind_label"]) == ("admin", "update", "person")
    assert newest["changes"] == [
        {"field": "phone", "label": "Phone", "before": "+12175550100", "after": "+12175550199"},
        {"field": "address.city", "label": "City", "before": None, "after": "Bethlehem"},
        {"field": "address.line1", "label": "Street", "before": None, "after": "Field 1"},
    ]
    assert first["action"] == "create"
    assert newest["at"] > first["at"]


def test_a_change_over_the_api_says_so(api, ruth):
    client = api("alice")
    client.patch(f"/api/members/{ruth.pk}", {"nickname": "Ruthie"}, format="json")
    newest = history(client, ruth)["results"][0]
    assert newest["origin"] == "api"
    assert newest["changes"] == [{"field": "nickname", "label": "Called", "before": "", "after": "Ruthie"}]


def test_fields_of_the_churchs_own_have_their_labels_and_hidden_ones_are_absent(api, grace, ruth):
    with enter_church(grace):
        CustomField.objects.create(key="shoe", label="Shoe size", kind="number")
        CustomField.objects.create(key="debt", label="Debt", kind="number", visible_to=["pastor"])
        old = CustomField.objects.create(key="old", label="Old", kind="text")
        domain.change_member(member=ruth, custom_fields={"shoe": 7, "debt": 100, "old": "x"})
        old.archived_at = timezone.now()
        old.save()

    def told(actor):
        return {c["label"]: c["after"] for c in history(api(actor), ruth)["results"][0]["changes"]}

    assert told("bob") == {"Shoe size": 7}
    assert told("alice") == told("anna") == {"Shoe size": 7, "Debt": 100}


def test_what_is_confidential_is_there_for_those_who_may_read_it(api, grace, ruth, user):
    with enter_church(grace):
        plain = MemberNote.objects.create(member=ruth, body="Plain")
        secret = MemberNote.objects.create(member=ruth, body="Secret", is_confidential=True)
        secret.body = "More of it"
        secret.save()
        turned = MemberNote.objects.create(member=ruth, body="Turned")
        turned.is_confidential = True
        turned.save()
        gone = MemberNote.objects.create(member=ruth, body="Gone", is_confidential=True)
        ConfidentialDetails.objects.create(member=ruth, health="Weak heart")
        notes = {str(plain.pk), str(secret.pk), str(turned.pk), str(gone.pk)}
        gone.delete()

    def seen(actor):
        entries = history(api(actor), ruth)["results"]
        return {(e["kind"], e["object_id"]) for e in entries if e["kind"] != "members.member"}

    assert seen("bob") == {("members.membernote", str(plain.pk))}
    assert {key for kind, key in seen("alice") if kind == "members.membernote"} == notes
    assert "members.confidentialdetails" in {kind for kind, _key in seen("alice")}
    texts = str(history(api("anna"), ruth))
    assert not [secret for secret in ("Plain", "Secret", "More of", "Weak") if secret in texts]


def test_a_confidential_note_that_moved_here_stays_unseen(api, grace, ruth):
    with enter_church(grace):
        other = domain.create_member(first_name="Orpah", last_name="Moab")
        note = MemberNote.objects.create(member=other, body="Secret", is_confidential=True)
        note.member = ruth
        note.save()
    assert not [e for e in history(api("bob"), ruth)["results"] if e["kind"] == "members.membernote"]
    assert [e for e in history(api("alice"), ruth)["results"] if e["kind"] == "members.membernote"]


def test_volunteers_do_not_see_who_changed_what(api, ruth):
    assert_problem(api("vera").get(f"/api/members/{ruth.pk}/history"), 403)


def test_the_history_of_a_deleted_person_is_for_those_who_may_delete(api, grace, ruth):
    with enter_church(grace):
        domain.remove_member(member=Member.objects.get(pk=ruth.pk))
    assert_problem(api("bob").get(f"/api/members/{ruth.pk}/history"), 404)
    newest = history(api("alice"), ruth)["results"][0]
    assert newest["action"] == "delete"
    fields = [change["field"] for change in newest["changes"]]
    assert {"first_name", "phone", "address.city"} <= set(fields)
    # Kept so that the row can be made again; it tells a reader nothing.
    assert not {"created_at", "import_fingerprint", "search_document"} & set(fields)


def test_a_page_costs_the_same_with_one_entry_and_with_thirty(api, grace, ruth):
    client = api("alice")
    address = f"/api/members/{ruth.pk}/history"
    with enter_church(grace):
        CustomField.objects.create(key="shoe", label="Shoe size", kind="number")
        domain.change_member(member=ruth, custom_fields={"shoe": 0})
    few = fewest_queries(lambda: client.get(f"{address}?page_size=1"))
    with enter_church(grace):
        for number in range(30):
            domain.change_member(member=ruth, custom_fields={"shoe": number})
            MemberNote.objects.create(member=ruth, body=str(number))
    assert fewest_queries(lambda: client.get(f"{address}?page_size=60")) == few


# -- The whole church --


def test_administrators_filter_the_churchs_history(api, grace, ruth, user):
    anna, bob = api("anna"), user("bob")
    with enter_church(grace):
        Household.objects.create(name="Moab")
        entry = HistoryEntry.objects.filter(about=ruth.pk).latest()

    def found(query):
        answer = anna.get(f"/api/history?{query}")
        assert answer.status_code == 200, answer.content
        return answer.json()["results"]

    assert {e["kind"] for e in found("kind=members.household")} == {"members.household"}
    assert {e["about"] for e in found(f"actor={bob.pk}")} == {str(ruth.pk)}
    assert len(found(f"about={ruth.pk}")) == 2
    assert [e["action"] for e in found(f"about={ruth.pk}&action=update")] == ["update"]
    assert {e["origin"] for e in found("origin=admin")} == {"admin"}
    at = entry.timestamp.isoformat().replace("+00:00", "Z")
    assert [e["id"] for e in found(f"about={ruth.pk}&from={at}")] == [str(entry.pk)]
    assert str(entry.pk) not in [e["id"] for e in found(f"about={ruth.pk}&to={at}")]


@pytest.mark.parametrize("query", ["actor=bob", "about=", "action=steal", "from=yesterday", "to=2026-01-01"])
def test_filters_that_make_no_sense_are_refused(api, query):
    assert_problem(api("anna").get(f"/api/history?{query}"), 400, query.partition("=")[0])


def test_the_churchs_history_is_for_administrators(api):
    for actor in ("alice", "bob", "vera"):
        assert_problem(api(actor).get("/api/history"), 403)


def test_the_churchs_history_costs_the_same_for_one_and_thirty(api, grace):
    client = api("anna")
    few = fewest_queries(lambda: client.get("/api/history?page_size=1"))
    with enter_church(grace):
        household = Household.objects.create(name="Moab")
        for member in Member.objects.all():
            HouseholdMembership.objects.create(household=household, member=member)
    assert fewest_queries(lambda: client.get("/api/history?page_size=30")) == few
