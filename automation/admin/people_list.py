"""What the list of people offers of messages."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext

from core.admin import may
from members.admin.list_verbs import list_verb
from members.admin.person_page import Verb


@list_verb(position=10)
def write_to_them(request: HttpRequest) -> Verb | None:
    """Leads to a new message for whoever the list shows."""
    if not may(request, "automation:write"):
        return None
    address = reverse("admin:automation_bulkmail_add")
    query = request.GET.urlencode()
    return Verb(gettext("Write to these people"), f"{address}?{query}" if query else address, "mail")
