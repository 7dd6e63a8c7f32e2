"""The beginning of each church's day and week, by its own clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from tenants import due, local_clock
from tenants.context import enter_church
from tenants.domain import change_settings, provision_church, resume_church, suspend_church
from tenants.jobs import sweep_churches
from tenants.models import DueWork
from tenants.signals import church_day_began, church_week_began

# Noon in Chicago on a Sunday.
SUNDAY = datetime(2026, 6, 7, 17, tzinfo=UTC)


@pytest.fixture
def clock(monkeypatch: Any) -> Any:
    """``clock(moment)``: it is that time from now on."""

    def put(moment: datetime) -> None:
        monkeypatch.setattr(timezone, "now", lambda: moment)

    put(SUNDAY)
    return put


@pytest.fixture
def told() -> Any:
    """What was sent: (church, kind, day)."""
    heard: list[tuple[str, str, date]] = []

    def day(church: Any, day: date, **_: Any) -> None:
        heard.append((church.subdomain, "day", day))

    def week(church: Any, day: date, **_: Any) -> None:
        heard.append((church.subdomain, "week", day))

    church_day_began.connect(day)
    church_week_began.connect(week)
    yield heard
    church_day_began.disconnect(day)
    church_week_began.disconnect(week)


def planned(church: Any) -> dict[str, datetime]:
    rows = DueWork.objects.filter(church=church, kind__in=[local_clock.DAY, local_clock.WEEK])
    return dict(rows.values_list("kind", "due_at"))


def test_a_new_churchs_day_and_week_are_planned_by_its_clock(db: None, clock: Any) -> None:
    church = provision_church(name="Zion", subdomain="zion", timezone_name="Asia/Kathmandu")
    assert planned(church) == {
        local_clock.DAY: datetime(2026, 6, 7, 20, 15, tzinfo=UTC),
        local_clock.WEEK: datetime(2026, 6, 8, 3, 15, tzinfo=UTC),
    }


def test_each_church_hears_of_its_own_day_and_once_of_its_week(
    grace: Any, hope: Any, clock: Any, told: Any, work_queue: Any
) -> None:
    hope = change_settings(church=hope, timezone="Pacific/Auckland")
    for church in (grace, hope):
        with enter_church(church):
            local_clock.plan_beats()
    for hours in range(48):
        clock(SUNDAY + timedelta(hours=hours, minutes=1))
        due.tick()
        work_queue()
    monday, tuesday, wednesday = (date(2026, 6, day) for day in (8, 9, 10))
    assert [entry[1:] for entry in told if entry[0] == "grace"] == [
        ("day", monday), ("week", monday), ("day", tuesday),
    ]  # fmt: skip
    # There it is Monday, five in the morning.
    assert [entry[1:] for entry in told if entry[0] == "hope"] == [
        ("week", monday), ("day", tuesday), ("day", wednesday),
    ]  # fmt: skip


def test_another_zone_plans_anew(grace: Any, clock: Any) -> None:
    with enter_church(grace):
        local_clock.plan_beats()
    assert planned(grace)[local_clock.DAY] == datetime(2026, 6, 8, 7, tzinfo=UTC)
    change_settings(church=grace, timezone="Pacific/Honolulu")
    assert planned(grace)[local_clock.DAY] == datetime(2026, 6, 8, 12, tzinfo=UTC)


def test_a_plan_that_was_lost_is_made_again_by_the_daily_sweep(grace: Any, clock: Any) -> None:
    DueWork.objects.all().delete()
    sweep_churches([str(grace.pk)])
    assert planned(grace).keys() == {local_clock.DAY, local_clock.WEEK}


def test_a_suspended_church_hears_nothing_and_of_the_next_day_when_it_resumes(
    grace: Any, clock: Any, told: Any, work_queue: Any
) -> None:
    with enter_church(grace):
        local_clock.plan_beats()
    DueWork.objects.exclude(church=grace).delete()
    suspend_church(church=grace)
    clock(SUNDAY + timedelta(days=3))
    assert due.tick() == 0
    resume_church(church=grace)
    assert due.tick() == 0
    assert planned(grace)[local_clock.DAY] == datetime(2026, 6, 11, 7, tzinfo=UTC)
    assert told == []


def test_after_an_outage_of_hours_the_day_is_still_told_of(
    grace: Any, clock: Any, told: Any, work_queue: Any
) -> None:
    with enter_church(grace):
        local_clock.plan_beats()
    DueWork.objects.exclude(church=grace).delete()
    clock(datetime(2026, 6, 9, 4, tzinfo=UTC))
    due.tick()
    work_queue()
    # Monday, eleven at night in Chicago: its day and its week.
    assert told == [("grace", "day", date(2026, 6, 8)), ("grace", "week", date(2026, 6, 8))]
