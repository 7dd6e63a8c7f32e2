"""The preview of a message: how it looks on a phone and on a desk, as text, and for whom.

The mail's HTML stands in the page as the ``srcdoc`` of frames without any right (``sandbox``), which inherit
the page's policy: no script runs in them. Pictures are let through here alone.
"""

from __future__ import annotations

import uuid
from typing import Any

from csp.decorators import csp_update
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from automation.models import BulkMail, EmailTemplate, Sequence
from automation.writing.preview import FOUND_SHOWN, people_for_preview, person_for, preview_of
from automation.writing.test_send import send_test
from core.admin import may
from core.rate_limits import TooManyRequestsError
from members.models import Member

from .shown import shown

PICTURES = {"img-src": ["https:"]}


def chosen_person(request: HttpRequest, stated: str) -> Member:
    """Whom the address or the form names; with nobody named, whom a preview begins with."""
    try:
        named = people_for_preview().filter(pk=uuid.UUID(stated)).first() if stated else None
    except ValueError:
        named = None
    return named or person_for(request.user)


def preview_page(
    request: HttpRequest, written: EmailTemplate | BulkMail, *, test_url: str, **content: Any
) -> HttpResponse:
    """The page; ``test_url`` is where the button to send it to oneself leads."""
    member = chosen_person(request, request.GET.get("person", ""))
    words = request.GET.get("q", "").strip()
    found = list(people_for_preview().matching(words)[:FOUND_SHOWN]) if words else []
    user: Any = request.user
    page = shown(
        request,
        "automation/preview.html",
        _("Preview"),
        among=BulkMail if isinstance(written, BulkMail) else Sequence,
        preview=preview_of(written, member),
        person=member,
        words=words,
        found=found,
        test_url=test_url if may(request, "automation:write") else "",
        own_address=user.email,
        **content,
    )
    with_pictures: Any = csp_update(PICTURES)
    response: HttpResponse = with_pictures(lambda: page)()
    return response


def test_sent(
    request: HttpRequest, template: EmailTemplate | BulkMail, *, preview_url: str
) -> HttpResponseRedirect:
    """Sends it to whoever asks, and goes back to the preview."""
    user: Any = request.user
    stated = request.POST.get("person", "")
    member = chosen_person(request, stated)
    try:
        address = send_test(template=template, user=user, member=member)
    except ValidationError as refusal:
        for text in refusal.messages:
            messages.error(request, text)
    except TooManyRequestsError:
        messages.error(request, _("You have sent many tests. Please wait a little."))
    else:
        messages.success(request, _("A test is on its way to %(address)s.") % {"address": address})
    query = f"?{urlencode({'person': str(member.pk)})}" if stated and not member._state.adding else ""
    return HttpResponseRedirect(f"{preview_url}{query}")
