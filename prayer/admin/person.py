"""What a person's page offers of prayer."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext

from core.admin import may
from members.admin.person_page import Verb, person_page
from members.models import Member
from prayer import visibility


@person_page.verb(position=30)
def write_down_a_request(request: HttpRequest, person: Member) -> Verb | None:
    """Leads to the form for what somebody asked prayer for."""
    if not may(request, visibility.WRITE):
        return None
    address = reverse("admin:prayer_prayerrequest_add")
    return Verb(gettext("Add a prayer request"), f"{address}?member={person.pk}", "volunteer_activism")
