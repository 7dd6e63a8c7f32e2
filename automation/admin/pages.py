"""Pages of sequences besides the list and the form, each with its address, permission and methods.

    @sequence_pages.page("<uuid:sequence_id>/act/", "sequence_act", permission=WRITE, methods=["POST"])
    def act(request, sequence):
        ...

The address stands below that of the list. ``sequence_id`` in it is a sequence that was not removed, or 404.
Whoever lacks the permission gets 403 before anything is looked up.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, reverse

from automation.models import EmailTemplate, Sequence
from core.admin import may
from tenants.guarded_pages import GuardedPages
from tenants.sites import church_site

READ, WRITE = "automation:read", "automation:write"
BOTH = ("GET", "HEAD", "POST")


def _sequence(request: HttpRequest, identifier: Any) -> Sequence:
    sequence: Sequence = get_object_or_404(Sequence.objects.present(), pk=identifier)
    return sequence


sequence_pages = GuardedPages("sequence", _sequence)


def demand_people(request: HttpRequest) -> None:
    """Raises PermissionDenied for whoever may not see people: where somebody is named."""
    if not may(request, "members:read"):
        raise PermissionDenied


def step_of(sequence: Sequence, identifier: uuid.UUID) -> EmailTemplate:
    """A step that was not removed. Raises Http404."""
    step: EmailTemplate = get_object_or_404(sequence.templates.filter(archived_at=None), pk=identifier)
    return step


def shown(request: HttpRequest, template: str, title: Any, **content: Any) -> TemplateResponse:
    """A page among those of sequences; no cache may keep it."""
    context = {**church_site.each_context(request), "opts": Sequence._meta, "title": title, **content}
    return TemplateResponse(request, template, context, headers={"Cache-Control": "private, no-store"})


def say(request: HttpRequest, refusal: ValidationError) -> None:
    """Shows what a door refused, where there is no form."""
    for text in refusal.messages:
        messages.error(request, text)


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
    """The step as somebody gets it; empty where there is no such page."""
    return address_of("automation_step_preview", step.pk)


def address_of(name: str, *arguments: Any) -> str:
    """Address of a page of the admin; empty where there is none."""
    try:
        return reverse(f"admin:{name}", args=arguments)
    except NoReverseMatch:
        return ""


def _with(address: str, chosen: dict[str, Any]) -> str:
    query = "&".join(f"{name}={value}" for name, value in chosen.items() if value)
    return f"{address}?{query}" if query else address
