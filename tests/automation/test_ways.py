"""Whole ways through sequences, by the real doors, against the plain model of ``test_timeline``: somebody is
enrolled, each message is taken when it is due, or later, settled, and followed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from unittest.mock import patch

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from automation.enrolling.domain import enrol
from automation.enrolling.progress import follow_up
from automation.models import AutomatedMessage, Enrolment
from automation.sequences.domain import add_step, create_sequence
from members.models import Member
from tenants.context import enter_church
from tests.automation.test_timeline import MINUTE, Way, plain_way, ways

lateness = st.sampled_from([0, 0, 0, 1, 59, 60, 61, 300, 3_000])


def at_time(moment: datetime) -> Any:
    """The time is ``moment``."""
    return patch("django.utils.timezone.now", lambda: moment)


def gone_through(way: Way) -> list[datetime]:
    """When each of the steps was planned for somebody who went the whole way."""
    sequence = create_sequence(name="Way", trigger_event="manual")
    for delay in way.steps:
        add_step(
            sequence=sequence,
            subject="Hello",
            body_html="<p>Hello</p>",
            delay_days=delay.days,
            delay_hours=delay.hours,
            send_at=delay.at,
        )
    Member.objects.filter(last_name="Lovelace").update(timezone=way.member_zone)
    with at_time(way.begins):
        enrolment = enrol(sequence=sequence, member=Member.objects.get(last_name="Lovelace"))
    planned = []
    for position, late in enumerate(way.minutes_late):
        message = AutomatedMessage.objects.get(enrolment=enrolment, status="pending")
        assert message.step == position
        planned.append(message.scheduled_for)
        sent = message.scheduled_for + late * MINUTE
        AutomatedMessage.objects.filter(pk=message.pk).update(status="sent", sent_at=sent)
        with at_time(sent):
            assert follow_up() == 1
            assert follow_up() == 0
    enrolment.refresh_from_db()
    assert enrolment.status == Enrolment.Status.COMPLETED
    assert not enrolment.messages.filter(status="pending").exists()
    return planned


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(way=ways(lateness=lateness))
def test_everybody_gets_each_step_when_the_plain_model_says(grace: Any, way: Way) -> None:
    grace.timezone, grace.settings = way.church_zone, {"quiet_hours": way.setting}
    with enter_church(grace):
        assert gone_through(way) == plain_way(way)
