"""The care report of a visit: shown when asked for, which is written down."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext

from members.confidential.domain import CONFIDENTIAL
from visits import reports
from visits.models import Visit

from .forms import ReportForm
from .pages import shown, visit_pages
from .presentation import visit_address, when_text


@visit_pages.page(
    "<uuid:visit_id>/report/show/", "visit_report_show", permission=CONFIDENTIAL, methods=["POST"]
)
def show_report(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The report in its form, shown once; the reading is logged. An empty form where there is none."""
    user: Any = request.user
    report = reports.read_report(visit=visit, reader=user)
    return _page(request, visit, ReportForm(initial={"report": report.body if report else ""}))


@visit_pages.page("<uuid:visit_id>/report/", "visit_report", permission=CONFIDENTIAL, methods=["POST"])
def change_report(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Stores what the form holds."""
    user: Any = request.user
    form = ReportForm(request.POST)
    if form.is_valid():
        try:
            reports.write_report(visit=visit, user=user, body=form.cleaned_data["report"])
            messages.success(request, gettext("The care report was saved."))
            return HttpResponseRedirect(visit_address(visit))
        except ValidationError as refusal:
            form.refuse(refusal)
    return _page(request, visit, form)


def _page(request: HttpRequest, visit: Visit, form: ReportForm) -> HttpResponse:
    return shown(
        request,
        "visits/verb.html",
        gettext("Care report"),
        visit=visit,
        when=when_text(visit),
        form=form,
        form_url=reverse("admin:visit_report", args=[visit.pk]),
        verb=gettext("Save"),
        back_url=visit_address(visit),
    )
