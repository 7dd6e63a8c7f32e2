"""How the pages of messages are answered, and whom they let in besides."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest
from django.template.response import TemplateResponse

from automation.models import Sequence
from core.admin import may
from tenants.sites import church_site


def demand_people(request: HttpRequest) -> None:
    """Raises PermissionDenied for whoever may not see people: where somebody is named."""
    if not may(request, "members:read"):
        raise PermissionDenied


def shown(
    request: HttpRequest, template: str, title: Any, *, among: type[models.Model] = Sequence, **content: Any
) -> TemplateResponse:
    """A page among those of sequences, or of another model; no cache may keep it."""
    context = {**church_site.each_context(request), "opts": among._meta, "title": title, **content}
    return TemplateResponse(request, template, context, headers={"Cache-Control": "private, no-store"})
