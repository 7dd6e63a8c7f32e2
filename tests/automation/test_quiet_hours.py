"""The hours in which a church writes to nobody, as it says itself."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest

from automation.quiet_hours import quiet_hours_of
from automation.timing import QuietHours
from tenants.hosts import forget_hosts
from tenants.models import Church

VALUES = {"name": "Grace Church", "timezone": "America/Chicago", "language": "en", "country": "US"}
SETTINGS = "/admin/settings/"


def held(church: Any) -> QuietHours | None:
    return quiet_hours_of(Church.objects.get(pk=church.pk))


def test_they_are_from_nine_to_eight_until_the_church_says_otherwise(
    browser_session: Any, grace: Any
) -> None:
    anna = browser_session("anna")
    assert held(grace) == QuietHours(time(21), time(8))
    assert 'value="21:00–08:00"' in anna.get(SETTINGS).content.decode()
    assert anna.post(SETTINGS, {**VALUES, "quiet_hours": "22:30-7:00"}).status_code == 302
    assert held(grace) == QuietHours(time(22, 30), time(7))
    assert anna.post(SETTINGS, {**VALUES, "quiet_hours": ""}).status_code == 302
    assert held(grace) is None
    # As when the change is committed.
    forget_hosts()
    # What the page then shows changes nothing.
    assert 'value="21:00' not in anna.get(SETTINGS).content.decode()
    assert anna.post(SETTINGS, {**VALUES, "quiet_hours": ""}).status_code == 302
    assert held(grace) is None


@pytest.mark.parametrize("text", ["nine to five", "21:00", "25:00–08:00", "08:00–08:00", "21:00–08:00–09:00"])
def test_what_is_no_span_of_hours_is_refused(browser_session: Any, grace: Any, text: str) -> None:
    answer = browser_session("anna").post(SETTINGS, {**VALUES, "quiet_hours": text})
    assert answer.status_code == 200
    assert held(grace) == QuietHours(time(21), time(8))


@pytest.mark.parametrize("value", ["21-8", {"start": "21:00"}, {"start": "21:00", "end": "9"}, False])
def test_programs_are_held_to_the_same_form(api: Any, grace: Any, value: Any) -> None:
    answer = api("anna").patch(
        "/api/tenants/current/settings", {"settings": {"quiet_hours": value}}, format="json"
    )
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["settings.quiet_hours"]
