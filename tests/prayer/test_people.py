"""What a person is told of their requests, and what an erasure leaves of them."""

from __future__ import annotations

import pytest

from core.models import HistoryEntry
from members.domain import create_member, remove_member
from members.personal_data.domain import erase_member, personal_data_of
from prayer import domain
from prayer.models import PrayerRequest, PrayerUpdate
from tenants.context import enter_church

MARK = "zyxmark"


@pytest.fixture
def person(grace):
    with enter_church(grace):
        return create_member(first_name="Hannah", last_name="Ramah", email=f"{MARK}@example.org")


@pytest.fixture
def requests(published, ask, person, grace, user):
    """One of the person, anonymous; one that they sent as a guest; one of somebody else."""
    own = published(f"{MARK} asks.", member=person, source="api", is_anonymous=True)
    guest = ask(f"{MARK} asks again.", name=MARK, email=f"{MARK}@EXAMPLE.org").request
    other = published("Somebody else asks.", name="Peninnah", email="p@example.org")
    with enter_church(grace):
        domain.add_update(request=own, user=user("bob"), update_text=f"About {MARK}.")
    return own, guest, other


def test_the_person_is_told_everything_also_what_was_anonymous(requests, person, user, grace):
    with enter_church(grace):
        told = personal_data_of(member=person, user=user("anna"))
    (section,) = [part for part in told["sections"] if part["key"] == "prayer_requests"]
    (row,) = section["rows"]
    assert row["description"] == f"{MARK} asks."
    assert row["updates"] == [f"About {MARK}."]
    assert set(row) <= set(section["labels"])


def test_an_erasure_leaves_numbers_and_no_word(requests, person, user, grace):
    with enter_church(grace):
        erase_member(member_id=person.pk, user=user("anna"), reason="asked for it")
        rows = list(PrayerRequest.objects.order_by("created_at"))
        assert len(rows) == 3
        assert not PrayerUpdate.objects.exists()
        everything = str([vars(row) for row in rows]) + str(list(HistoryEntry.objects.values_list("changes")))
        assert MARK not in everything
        assert [row.description for row in rows] == ["", "", "Somebody else asks."]
        assert [row.secret_digest for row in rows[:2]] == ["", ""]
        assert rows[2].guest_name == "Peninnah"


def test_who_is_deleted_leaves_a_request_of_somebody(requests, person, grace, stored):
    with enter_church(grace):
        remove_member(member=person)
    assert stored(requests[0]).requester_id is None


def test_the_demo_tells_a_month(grace, user):
    from prayer.demo import MONTH, a_month_of_prayer

    accounts = {
        "admin": user("anna"),
        "pastor": user("alice"),
        "staff": user("bob"),
        "volunteer": user("vera"),
    }
    with enter_church(grace):
        a_month_of_prayer(accounts)
        assert PrayerRequest.objects.count() == len(MONTH)
        assert PrayerRequest.objects.filter(priority="urgent", moderation="pending").count() == 1
        assert PrayerRequest.objects.to_review().count() == 3
        assert PrayerRequest.objects.on_the_wall().count() == len(MONTH) - 4
        for request in PrayerRequest.objects.all():
            assert request.prayed_count == request.prayers.count()
