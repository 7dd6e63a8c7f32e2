"""The doors to care reports. Nothing of one comes out of here without a line in the log of readings."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from members.confidential.domain import CONFIDENTIAL, log_reading, normalized_text
from members.models import ConfidentialReading

from .models import Visit, VisitReport


def _demand(user: User) -> None:
    if not (user.has_permission(CONFIDENTIAL) and user.has_permission("visits:read")):
        raise PermissionDenied


@transaction.atomic
def write_report(*, visit: Visit, user: User, body: Any) -> VisitReport:
    """Stores the report in place of an earlier one. Raises ValidationError (``report``), PermissionDenied."""
    _demand(user)
    try:
        text = normalized_text(body)
    except ValidationError as error:
        raise ValidationError({"report": error.messages}) from error
    if not text:
        raise ValidationError({"report": _("This is required.")})
    Visit.objects.select_for_update().get(pk=visit.pk)
    report = VisitReport.objects.select_for_update().filter(visit_id=visit.pk).first()
    report = report or VisitReport(visit_id=visit.pk)
    report.body, report.author = text, user
    report.save()
    return report


@transaction.atomic
def read_report(*, visit: Visit, reader: User) -> VisitReport | None:
    """The report, and a line in the log that ``reader`` has read it; None, and no line, where there is none.

    Raises PermissionDenied.
    """
    _demand(reader)
    report = VisitReport.objects.select_related("author").filter(visit_id=visit.pk).first()
    if report is not None:
        log_reading(
            reader=reader,
            member_id=visit.member_id,
            subject=ConfidentialReading.Subject.VISIT,
            object_id=report.pk,
        )
    return report
