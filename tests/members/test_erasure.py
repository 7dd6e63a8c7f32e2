"""Erasing a person: nothing of them is left anywhere, and the totals agree."""

from __future__ import annotations

import json
import uuid

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.utils import timezone

from accounts.models import User
from core import context
from core.history import not_recorded, record_event, record_removed
from core.models import HistoryEntry, IdempotencyKey
from members import domain, signals
from members.history.deleted import deleted_people
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
from members.personal_data.domain import erase_member
from tenants.context import enter_church
from tests import world
from tests.problems import assert_problem

MARK = "zyxmark"
EMAIL = f"{MARK}@example.org"
# Every trace: the mark, digits of phone numbers, the birthday, what only the absorbed one had.
TRACES = (MARK, "5559876", "1907-05-04", "qwvabsorbed")
ERASE = {"password": world.PASSWORD, "reason": "asked for it by letter"}


@pytest.fixture
def erase(api, grace):
    """``erase(member_id, password=…)``: the answer to the administrator's request."""

    def send(member_id, actor="anna", **changes):
        with enter_church(grace):
            return api(actor).post(f"/api/members/{member_id}/erase", {**ERASE, **changes}, format="json")

    return send


def marked_values():
    """A value with the mark for every column of a person that can hold one."""
    values = {}
    for field in Member._meta.concrete_fields:
        if field.name in {"id", "created_at", "updated_at", "membership_status", "search_document"}:
            continue
        if isinstance(field, ArrayField):
            values[field.name] = [f"{MARK} tag"]
        elif isinstance(field, models.JSONField):
            values[field.name] = {"hobby": f"{MARK} text", "city": MARK}
        elif "phone" in field.name:
            values[field.name] = "+12175559876"
        elif "date" in field.name:
            values[field.name] = "1907-05-04"
        elif "email" in field.name:
            values[field.name] = EMAIL
        elif field.name == "timezone":
            values[field.name] = "Antarctica/Troll"
        elif field.name not in {"import_fingerprint", "folded_name"}:
            values[field.name] = f"{MARK} {field.name}"[: field.max_length]
    return values


def dump_of(church):
    """All that lies in the tables of a church: as it lies there, and read by the models, decrypted."""
    with enter_church(church), connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = %s", [church.schema_name]
        )
        tables = [name for (name,) in cursor.fetchall()]
        lines = []
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')
            lines += [(table, repr(row)) for row in cursor.fetchall()]
        for config in apps.get_app_configs():
            if config.name in settings.TENANT_APPS:
                for model in config.get_models():
                    lines += [(model._meta.label, repr(row)) for row in model._base_manager.values_list()]
    return lines


def traces_in(church):
    return [(t, line) for t, line in dump_of(church) if any(trace in line.lower() for trace in TRACES)]


@pytest.fixture
def marked(api, grace, user, run_import):
    """The id of somebody who has left a trace in every table that can hold one."""
    client = api("anna")
    with enter_church(grace):
        for key in ("hobby", "city"):
            CustomField.objects.create(key=key, label=key.title(), kind="text")
    answer = client.post(
        "/api/members", marked_values(), format="json", HTTP_IDEMPOTENCY_KEY=f"key-{uuid.uuid4()}"
    )
    assert answer.status_code == 201, answer.content
    key = answer.json()["id"]
    run_import(
        f"first_name,last_name,email,nickname\n{MARK} first_name,{MARK} last_name,{EMAIL},{MARK} two\n"
    )
    run_import(f"first_name,last_name,email\n,,{EMAIL}\n")
    with enter_church(grace), context.working_for(user("bob"), come_from="admin"):
        leave_traces(Member.objects.get(pk=key))
    assert {"members", "history_entries", "member_notes", "member_merges", "households"} <= {
        table for table, _line in traces_in(grace) if "." not in table
    } | {"member_notes", "member_merges"}
    return uuid.UUID(key)


def leave_traces(member):
    CustomField.objects.create(key="hid", label="Hidden", kind="text", visible_to=["pastor"])
    member = domain.change_member(member=member, custom_fields={"hid": f"{MARK} hidden"}, suffix=MARK[:5])
    other = domain.create_member(first_name="Other", last_name="Person")
    alone, shared = (Household.objects.create(name=f"{MARK} {n}", address={"city": MARK}) for n in "ab")
    shared.name = "Shared"
    shared.address = {}
    Household.objects.filter(pk=shared.pk).update(name="Shared", address={})
    HistoryEntry.objects.filter(about=shared.pk).delete()
    HouseholdMembership.objects.create(household=alone, member=member, role=MARK)
    HouseholdMembership.objects.create(household=shared, member=member, role=MARK, is_primary=False)
    HouseholdMembership.objects.create(household=shared, member=other)
    for is_confidential in (True, False):
        note = MemberNote.objects.create(member=member, body=MARK, is_confidential=is_confidential)
        note.body = f"{MARK} again"
        note.save()
    ConfidentialDetails.objects.create(member=member, national_id=MARK, health=MARK, safeguarding=MARK)
    first, second = sorted([member, other], key=lambda m: m.pk.int)
    NotDuplicates.objects.create(first=first, second=second)
    merge_into(member, phone="+12175559876", nickname="qwvabsorbed")
    undone = MemberMerge.objects.create(
        survivor=other,
        absorbed_id=member.pk,
        absorbed_name=str(member),
        snapshot=json.dumps({"x": MARK}),
        undone_at=timezone.now(),
    )
    domain.change_member(member=other, nickname=f"{MARK} from the merge")
    HistoryEntry.objects.filter(about=other.pk, changes__has_key="nickname").update(batch=undone.pk)
    domain.change_member(member=other, nickname="")
    HistoryEntry.objects.filter(about=other.pk, changes__has_key="nickname").update(batch=undone.pk)


def merge_into(member, **values):
    """Somebody who went into ``member``, as a merge leaves it."""
    absorbed = domain.create_member(first_name=MARK, last_name="qwvabsorbed", **values)
    MemberNote.objects.create(member=absorbed, body="qwvabsorbed")
    merge = MemberMerge.objects.create(
        survivor=member,
        absorbed_id=absorbed.pk,
        absorbed_name=str(absorbed),
        snapshot=json.dumps({"name": "qwvabsorbed"}),
    )
    record_event(member, "merged_with", str(absorbed), batch=merge.pk)
    with not_recorded():
        record_removed([absorbed], batch=merge.pk)
        domain.remove_member(member=absorbed)


def test_nothing_of_the_person_is_left_in_any_table(erase, grace, marked):
    assert erase(marked).status_code == 204
    assert traces_in(grace) == []


def test_the_row_stays_with_its_id_for_totals(erase, grace, marked):
    with enter_church(grace):
        made_at = Member.objects.get(pk=marked).created_at
        count = Member.everybody.count()
    erase(marked)
    with enter_church(grace):
        row = Member.everybody.get(pk=marked)
        assert Member.everybody.count() == count
        assert (str(row), row.membership_status, row.created_at) == ("Erased person", "erased", made_at)
        assert not MemberNote.objects.filter(member=marked).exists()
        assert not HouseholdMembership.objects.filter(member=marked).exists()
        assert list(Household.objects.values_list("name", flat=True)) == ["Shared"]
        assert MemberImportRow.objects.filter(member_id=marked).exists()
        assert not IdempotencyKey.objects.exists()


def test_nobody_finds_them_and_nothing_brings_them_back(api, erase, marked):
    erase(marked)
    anna = api("anna")
    assert_problem(anna.get(f"/api/members/{marked}"), 404)
    assert anna.get(f"/api/members/search?q={MARK}").json()["count"] == 0
    assert_problem(anna.get(f"/api/members/{marked}/history"), 404)
    assert_problem(anna.post(f"/api/members/{marked}/restore"), 404)
    assert_problem(erase(marked), 404)


def test_the_erasure_itself_is_in_the_history(api, erase, marked, user):
    erase(marked)
    newest = api("anna").get(f"/api/history?about={marked}").json()["results"][0]
    assert newest["who"]["id"] == str(user("anna").pk)
    assert newest["origin"] == "api"
    assert newest["changes"] == [
        {"field": "erasure", "label": "Erased because", "before": None, "after": ERASE["reason"]}
    ]


def test_who_read_what_stays_without_what_it_was(erase, grace, marked, api):
    api("anna").get(f"/api/members/{marked}/personal-data")
    erase(marked)
    with enter_church(grace):
        assert ConfidentialReading.objects.get(member_id=marked).reader_name == "Anna"


def test_the_history_still_says_which_fields_changed_and_who_did_it(api, erase, marked, user):
    erase(marked)
    page = api("anna").get(f"/api/history?about={marked}&page_size=200").json()["results"]
    changed = [entry for entry in page if entry["who"]["id"] == str(user("bob").pk)]
    assert changed
    values = {value for entry in changed for c in entry["changes"] for value in (c["before"], c["after"])}
    assert values <= {None, "", "[hidden]", True, False}


def test_somebody_who_was_deleted_before_can_be_erased(erase, grace, marked):
    with enter_church(grace):
        domain.remove_member(member=Member.objects.get(pk=marked))
    assert erase(marked).status_code == 204
    assert traces_in(grace) == []
    with enter_church(grace):
        assert marked not in deleted_people().values_list("object_pk", flat=True)
    assert_problem(erase(marked), 404)


def test_others_keep_what_is_theirs(erase, grace, marked, api):
    erase(marked)
    with enter_church(grace):
        other = Member.objects.get(first_name="Other")
        ada = Member.objects.get(first_name="Ada")
    first = api("anna").get(f"/api/members/{other.pk}/history").json()["results"][-1]
    assert {"field": "first_name", "label": "First name", "before": None, "after": "Other"} in first[
        "changes"
    ]
    assert ada.email == "lovelace@grace.example"


def test_rooms_above_hear_of_it_inside_the_transaction(erase, grace, marked):
    heard = []

    def listen(sender, member_ids, **_event):
        heard.append(member_ids)
        raise RuntimeError("a room above fails")

    signals.member_erased.connect(listen)
    try:
        with pytest.raises(RuntimeError):
            erase(marked)
    finally:
        signals.member_erased.disconnect(listen)
    assert marked in heard[0]
    assert len(heard[0]) == 2
    with enter_church(grace):
        assert Member.objects.filter(pk=marked).exists()
        assert MemberNote.objects.filter(member=marked).exists()


def test_a_wrong_password_erases_nobody_and_cannot_be_tried_for_long(erase, grace, marked):
    for _ in range(5):
        assert_problem(erase(marked, password="a guess"), 400, "password")
    assert_problem(erase(marked), 429)
    with enter_church(grace):
        assert Member.objects.filter(pk=marked).exists()


def test_a_right_password_sets_the_count_back(erase, marked):
    for _ in range(4):
        erase(marked, password="a guess")
    assert_problem(erase(uuid.uuid4()), 404)
    for _ in range(4):
        assert_problem(erase(marked, password="a guess"), 400, "password")
    assert erase(marked).status_code == 204


def test_a_reason_is_asked_for(erase, marked):
    assert_problem(erase(marked, reason=""), 400, "reason")
    assert_problem(erase(marked, reason="x" * 201), 400, "reason")


def test_erasing_is_for_administrators_alone(erase, grace, marked, user):
    for actor in ("alice", "bob", "vera"):
        assert_problem(erase(marked, actor=actor), 403)
    from django.core.exceptions import PermissionDenied

    with enter_church(grace), pytest.raises(PermissionDenied):
        erase_member(member_id=marked, user=User.objects.get(pk=user("alice").pk), reason="x")
