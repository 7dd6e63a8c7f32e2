"""The preview of one step of a sequence, at an address of its own beside all lists."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from automation.models import EmailTemplate
from tenants.guarded_pages import GuardedPages
from tenants.sites import church_site

from .pages import story_url
from .preview_page import preview_page, test_sent
from .shown import demand_people


def _step(request: HttpRequest, identifier: Any) -> EmailTemplate:
    demand_people(request)
    present = EmailTemplate.objects.filter(archived_at=None, sequence__archived_at=None)
    return get_object_or_404(present.select_related("sequence"), pk=identifier)


step_pages = GuardedPages("step", _step)
church_site.add_pages("automation/emailtemplate/", step_pages.urls)


@step_pages.page("<uuid:step_id>/preview/", "automation_step_preview", permission="automation:read")
def preview(request: HttpRequest, step: EmailTemplate) -> HttpResponse:
    """How the step looks to somebody."""
    return preview_page(
        request,
        step,
        test_url=reverse("admin:automation_step_test", args=[step.pk]),
        back_url=story_url(step.sequence),
    )


@step_pages.page(
    "<uuid:step_id>/test/", "automation_step_test", permission="automation:write", methods=["POST"]
)
def test(request: HttpRequest, step: EmailTemplate) -> HttpResponse:
    """Sends the step to whoever is signed in."""
    return test_sent(request, step, preview_url=reverse("admin:automation_step_preview", args=[step.pk]))
