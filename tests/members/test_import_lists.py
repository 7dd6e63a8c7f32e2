"""The lists of other systems come in whole, and a second time change nothing."""

from __future__ import annotations

from tenants.context import enter_church
from tests.members.conftest import DATA, LISTS


def people(grace):
    from members.models import Member

    with enter_church(grace):
        return {str(member.pk): member for member in Member.objects.exclude(external_key="-")}


def test_four_lists_hold_ninety_people():
    assert sum(LISTS.values()) == 90


def test_lists_come_in_whole_and_a_second_time_change_nothing(grace, run_import):
    before = people(grace)
    for name, count in LISTS.items():
        done = run_import((DATA / name).read_bytes())
        assert (done.status, done.failed, done.created) == ("done", 0, count), name
    first = people(grace)
    assert len(first) == len(before) + 90
    for name, count in LISTS.items():
        done = run_import((DATA / name).read_bytes())
        assert (done.status, done.created, done.updated, done.unchanged) == ("done", 0, 0, count), name
    second = people(grace)
    assert {key: member.updated_at for key, member in second.items()} == {
        key: member.updated_at for key, member in first.items()
    }
