"""What a person's page offers for visits."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext

from core.admin import may
from members.admin.person_page import Verb, person_page
from members.models import Member


@person_page.verb(position=30)
def plan_a_visit(request: HttpRequest, person: Member) -> Verb | None:
    """Leads to the planning of a visit of this person."""
    if not may(request, "visits:write"):
        return None
    return Verb(gettext("Plan a visit"), f"{reverse('admin:visits_visit_add')}?member={person.pk}", "event")
