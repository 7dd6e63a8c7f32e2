"""Pages of sequences besides the list and the form, each with its address, permission and methods.

    @sequence_pages.page("<uuid:sequence_id>/act/", "sequence_act", permission=WRITE, methods=["POST"])
    def act(request, sequence):
        ...

The address stands below that of the list. ``sequence_id`` in it is a sequence that was not removed, or 404.
Whoever lacks the permission gets 403 before anything is looked up.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from automation.models import EmailTemplate, Sequence
from tenants.guarded_pages import GuardedPages

READ, WRITE = "automation:read", "automation:write"
BOTH = ("GET", "HEAD", "POST")


def _sequence(request: HttpRequest, identifier: Any) -> Sequence:
    sequence: Sequence = get_object_or_404(Sequence.objects.present(), pk=identifier)
    return sequence


sequence_pages = GuardedPages("sequence", _sequence)


def step_of(sequence: Sequence, identifier: uuid.UUID) -> EmailTemplate:
    """A step that was not removed. Raises Http404."""
    step: EmailTemplate = get_object_or_404(sequence.templates.filter(archived_at=None), pk=identifier)
    return step


def say(request: HttpRequest, refusal: ValidationError) -> None:
    """Shows what a door refused, where there is no form."""
    for text in refusal.messages:
        messages.error(request, text)


def go_through(
    request: HttpRequest, doors: Mapping[str, tuple[Callable[..., Any], Any]], **what: Any
) -> None:
    """Calls the door that the form's ``verb`` names with ``what``, and says what came of it. ``doors`` are
    verb -> the door and what is said afterwards. Raises Http404 for another verb.
    """
    chosen = doors.get(request.POST.get("verb", ""))
    if chosen is None:
        raise Http404
    door, said = chosen
    try:
        door(**what)
    except ValidationError as refusal:
        say(request, refusal)
    else:
        messages.success(request, str(said))


def story_url(sequence: Sequence) -> str:
    """The page of a sequence."""
    return reverse("admin:automation_sequence_change", args=[sequence.pk])


def people_url(sequence: Sequence, **chosen: Any) -> str:
    """Who is in a sequence, filtered by ``status`` and ``step``."""
    return _with(reverse("admin:sequence_people", args=[sequence.pk]), chosen)


def messages_url(**chosen: Any) -> str:
    """Messages of which somebody has to decide, filtered by ``sequence``, ``step`` and ``show``."""
    return _with(reverse("admin:automation_messages"), chosen)


def preview_url(step: EmailTemplate) -> str:
    """The step as somebody gets it."""
    return reverse("admin:automation_step_preview", args=[step.pk])


def _with(address: str, chosen: dict[str, Any]) -> str:
    query = "&".join(f"{name}={value}" for name, value in chosen.items() if value)
    return f"{address}?{query}" if query else address
