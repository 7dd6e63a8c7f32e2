"""What the church knows of who came, on a person's page and in what is told and erased of them."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from core.models import HistoryEntry
from events.models import EventRegistration
from events.registrations.domain import record_attendance, register
from members.care import moments_of
from members.personal_data.domain import erase_member
from members.personal_data.registry import sections
from tests.events.conftest import in_days


def test_registrations_stand_in_a_persons_care_and_in_what_is_known_of_them(new_event, person, user):
    ruth = person()
    past = new_event(title="Retreat", start_datetime=in_days(-9), end_datetime=in_days(-9, 18))
    hidden = new_event(
        title="Salaries", visibility="staff", start_datetime=in_days(-8), end_datetime=in_days(-8, 18)
    )
    for event in (past, hidden):
        record_attendance(event=event, member=ruth)
    coming = new_event(max_attendees=1)
    register(event=coming, member=ruth, notes="Ruth needs a ramp")
    register(event=coming, name="Ruth Moab", email="RUTH@moab.example".lower())

    def told(actor):
        later = timezone.now() + timedelta(days=99)
        return [
            one.title
            for _, one in moments_of(user=user(actor), member=ruth, before=later, count=9, only="events")
        ]

    assert told("bob") == ["Picnic", "Salaries", "Retreat"]
    assert told("vera") == ["Picnic", "Retreat"]
    assert len(list(sections["events"].reader(ruth))) == 4
    erase_member(member_id=ruth.pk, user=user("anna"), reason="asked")
    left = list(EventRegistration.objects.values_list("event__title", "status", "name", "email", "notes"))
    assert sorted(left) == [("Retreat", "attended", "", "", ""), ("Salaries", "attended", "", "", "")]
    traces = ("ruth@moab", "ramp", "Ruth")
    entries = HistoryEntry.objects.filter(kind="events.eventregistration")
    assert not [
        entry for entry in entries if any(trace in f"{entry.changes}{entry.object_repr}" for trace in traces)
    ]
