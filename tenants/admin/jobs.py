"""The platform's pages of background jobs: failed, waiting and planned.

They can be read, and failed jobs can be tried again. Arguments are not shown: they may hold what
belongs to a church.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.defaultfilters import truncatechars
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from django_q.models import Failure, OrmQ, Schedule

from core.logs import without_secrets
from tenants.job_records import RETRIED, FailedJobState, churches_by_id, retry_job, states_of
from tenants.sites import platform_site

from .base import ReadOnlyModelAdmin, mark, moment

MARKS = {
    FailedJobState.WAITING: "plain",
    FailedJobState.RUNNING: "plain",
    FailedJobState.GIVEN_UP: "bad",
    FailedJobState.SUCCEEDED: "good",
}


class JobModelAdmin(ReadOnlyModelAdmin):
    """A list of jobs; most of them are for a church."""

    @admin.display(description=_("church"))
    def church(self, job: Any) -> str | None:
        church = self.completed(job, "church")
        return church.name if church else None


@admin.register(Failure, site=platform_site)
class FailedJobAdmin(JobModelAdmin):
    """Jobs that failed at least once."""

    list_display = ("job", "church", "failed_at", "attempts", "state", "short_error")
    search_fields = ("func", "id")
    fields = ("job", "church", "started_at", "failed_at", "attempts", "state", "error")
    actions = ("retry_selected",)
    change_form_outer_before_template = "tenants/job_verbs.html"

    def complete(self, rows: list[Any]) -> None:
        churches = churches_by_id(job.kwargs for job in rows)
        states = states_of(rows)
        for job in rows:
            job.church = churches.get(str((job.kwargs or {}).get("church_id")))
            job.state = states[job.id]

    def get_urls(self) -> list[URLPattern]:
        retry = self.admin_site.admin_view(require_POST(self.retry))
        return [path("<str:job_id>/retry/", retry, name="django_q_failure_retry"), *super().get_urls()]

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        context["can_retry"] = self.completed(context["original"], "state") in RETRIED
        return super().render_change_form(request, context, *args, **kwargs)

    def retry(self, request: HttpRequest, job_id: str) -> HttpResponse:
        self.retry_selected(request, [get_object_or_404(Failure, pk=job_id)])
        return redirect(self._url("changelist"))

    @admin.action(description=_("Try again"))
    def retry_selected(self, request: HttpRequest, queryset: Any) -> None:
        results = [retry_job(failure=job) for job in queryset]
        if retried := results.count(True):
            text = ngettext("%(count)d job is tried again.", "%(count)d jobs are tried again.", retried)
            messages.success(request, text % {"count": retried})
        if refused := results.count(False):
            text = ngettext(
                "%(count)d job needs no new attempt: it is running or went well meanwhile.",
                "%(count)d jobs need no new attempt: they are running or went well meanwhile.",
                refused,
            )
            messages.info(request, text % {"count": refused})

    @admin.display(description=_("job"), ordering="func")
    def job(self, job: Failure) -> str:
        return str(job.func)

    @admin.display(description=_("started"), ordering="started")
    def started_at(self, job: Failure) -> str:
        return moment(job.started)

    @admin.display(description=_("failed"), ordering="stopped")
    def failed_at(self, job: Failure) -> str:
        return moment(job.stopped)

    @admin.display(description=_("attempts"), ordering="attempt_count")
    def attempts(self, job: Failure) -> int:
        return int(job.attempt_count)

    @admin.display(description=_("state"))
    def state(self, job: Failure) -> SafeString:
        state = self.completed(job, "state")
        return mark(state.label, MARKS[state])

    @admin.display(description=_("error"))
    def error(self, job: Failure) -> str:
        return without_secrets(str(job.result))

    @admin.display(description=_("error"))
    def short_error(self, job: Failure) -> str:
        return truncatechars(self.error(job).partition("\n")[0], 80)


@admin.register(OrmQ, site=platform_site)
class WaitingJobAdmin(JobModelAdmin):
    """Jobs in the queue."""

    list_display = ("job", "church", "queued_at", "state")
    list_display_links = None
    ordering = ("id",)
    fields = ("job", "church", "queued_at", "state")

    def complete(self, rows: list[Any]) -> None:
        churches = churches_by_id(job.kwargs() for job in rows)
        for job in rows:
            job.church = churches.get(str((job.kwargs() or {}).get("church_id")))

    @admin.display(description=_("job"))
    def job(self, job: OrmQ) -> str:
        return str(job.func())

    @admin.display(description=_("queued"))
    def queued_at(self, job: OrmQ) -> str | None:
        queued_at = job.task.get("started")
        return moment(queued_at) if queued_at else None

    @admin.display(description=_("state"), ordering="lock")
    def state(self, job: OrmQ) -> SafeString:
        if job.lock and job.lock > timezone.now():
            return mark(gettext("Running, or tried again at %(time)s") % {"time": moment(job.lock)}, "good")
        return mark(gettext("Waiting"), "plain")


@admin.register(Schedule, site=platform_site)
class PlannedJobAdmin(JobModelAdmin):
    """What the worker starts by itself."""

    list_display = ("name", "job", "how_often", "next_at")
    list_display_links = None
    fields = ("name", "job", "how_often", "next_at")

    @admin.display(description=_("job"), ordering="func")
    def job(self, planned: Schedule) -> str:
        return str(planned.func)

    @admin.display(description=_("how often"))
    def how_often(self, planned: Schedule) -> str:
        if planned.schedule_type == Schedule.MINUTES:
            count = planned.minutes or 1
            return ngettext("every minute", "every %(count)d minutes", count) % {"count": count}
        return str(planned.get_schedule_type_display())

    @admin.display(description=_("next"), ordering="next_run")
    def next_at(self, planned: Schedule) -> str | None:
        return moment(planned.next_run) if planned.next_run else None
