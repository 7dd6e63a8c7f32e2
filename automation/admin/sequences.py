"""The list of sequences, and the form of one. Each is looked at as a story (``story``)."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, Max, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from automation.models import AutomatedMessage, Enrolment, Sequence
from automation.ready_made import add_ready_made, offered
from automation.sequences import domain
from core.admin import AreaModelAdmin, ChoiceFilter
from tenants.sites import church_site

from .forms import SequenceForm
from .pages import WRITE, sequence_pages, story_url
from .presentation import running_mark, starts_when, told, wait_of
from .shown import shown
from .story import story_of


class RunningFilter(ChoiceFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("running", _("Running")), ("paused", _("Paused"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        known = self.value() in {"running", "paused"}
        return queryset.filter(is_active=self.value() == "running") if known else queryset


@admin.register(Sequence, site=church_site)
class SequenceAdmin(AreaModelAdmin):
    """Sequences: found in a list, each told on a page of its own, changed by a form."""

    area = "automation"
    form = SequenceForm
    add_verb = _("New sequence")
    save_verb = _("Create sequence")
    after_deletion = _("Whoever is in it gets nothing more. What was sent stays.")
    list_display = (
        "name_shown", "starts_shown", "state_shown", "under_way", "completed", "last_sent_shown",
    )  # fmt: skip
    list_display_links = ("name_shown",)
    list_filter = (RunningFilter,)
    change_list_template = "automation/sequence_list.html"
    change_form_outer_before_template = "automation/form_head.html"
    actions = None
    fieldsets = (
        (None, {"fields": ("name", "description", "topic")}),
        (_("How it starts"), {"fields": ("trigger_event", "trigger_tag", "may_repeat")}),
        (
            _("How it ends"),
            {"fields": ("exit_when_replied", "exit_when_visited", "exit_when_tag_removed")},
        ),
    )

    class Media:
        css = {"all": ("automation/story.css",)}

    def get_urls(self) -> Any:
        return [*sequence_pages.urls(), *super().get_urls()]

    # The permission table knows no third action here: who may change a sequence may remove it.

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)

    def get_queryset(self, request: HttpRequest) -> Any:
        return Sequence.objects.present()

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        is_empty = not Sequence.objects.present().exists()
        context = {
            "is_empty": is_empty,
            "ready_made": ready_made_cards() if is_empty else [],
            "may_write": self.has_add_permission(request),
        }
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> Any:
        """Ready-made ones to choose from, or with ``?empty=1`` the empty form."""
        chooses = request.method != "POST" and "empty" not in request.GET
        if chooses and self.has_add_permission(request):
            return shown(
                request,
                "automation/new_sequence.html",
                self.add_verb,
                ready_made=ready_made_cards(),
                may_write=True,
            )
        return super().add_view(request, form_url, extra_context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The story of the sequence, or with ``?edit=1`` its form."""
        writes = self.has_change_permission(request)
        sequence = self.get_object(request, object_id)
        edits = request.method == "POST" or "edit" in request.GET
        if sequence is None or not self.has_view_permission(request, sequence) or (writes and edits):
            return super().change_view(request, object_id, form_url, extra_context)
        return story_of(request, sequence)

    def perform_create(self, request: HttpRequest, values: dict[str, Any]) -> Sequence:
        # Whoever came in while it is being written would go through half of it.
        return domain.create_sequence(**values, is_active=False)

    def perform_update(self, request: HttpRequest, instance: Sequence, values: dict[str, Any]) -> Sequence:
        return domain.change_sequence(sequence=instance, **values)

    def perform_destroy(self, request: HttpRequest, instance: Sequence) -> None:
        domain.remove_sequence(sequence=instance)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> Any:
        messages.success(request, gettext("The sequence is there. Add its steps, and then start it."))
        return HttpResponseRedirect(story_url(obj))

    def response_change(self, request: HttpRequest, obj: Any) -> Any:
        messages.success(request, gettext("The sequence was saved."))
        return HttpResponseRedirect(story_url(obj))

    # Columns. One query counts for the whole page.

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        found = super().get_changelist_instance(request)
        count_people(found.result_list)
        return found

    @admin.display(description=_("name"), ordering="name")
    def name_shown(self, sequence: Sequence) -> str:
        return sequence.name

    @admin.display(description=_("starts"))
    def starts_shown(self, sequence: Sequence) -> str:
        return starts_when(sequence.trigger_event, sequence.trigger_tag)

    @admin.display(description=_("state"), ordering="is_active")
    def state_shown(self, sequence: Sequence) -> SafeString:
        return running_mark(sequence)

    @admin.display(description=_("in it"))
    def under_way(self, sequence: Any) -> int:
        return int(sequence.counted["active"])

    @admin.display(description=_("completed"))
    def completed(self, sequence: Any) -> int:
        return int(sequence.counted["completed"])

    @admin.display(description=_("last sent"))
    def last_sent_shown(self, sequence: Any) -> str:
        at = sequence.counted["last_sent"]
        return date_format(timezone.localtime(at), "SHORT_DATETIME_FORMAT") if at else "–"


def count_people(sequences: Any) -> None:
    """Writes ``counted`` onto each: how many are in it and completed it, when it sent last. Two queries."""
    keys = [sequence.pk for sequence in sequences]
    people = (
        Enrolment.objects.filter(sequence__in=keys)
        .order_by()
        .values_list("sequence")
        .annotate(
            active=Count("pk", filter=Q(status="active")), completed=Count("pk", filter=Q(status="completed"))
        )
    )
    sent = (
        AutomatedMessage.objects.filter(template__sequence__in=keys)
        .order_by()
        .values_list("template__sequence")
        .annotate(last=Max("sent_at"))
    )
    last = dict(sent)
    counts = {key: {"active": active, "completed": completed} for key, active, completed in people}
    for sequence in sequences:
        numbers = counts.get(sequence.pk, {"active": 0, "completed": 0})
        sequence.counted = {**numbers, "last_sent": last.get(sequence.pk)}


def ready_made_cards() -> list[dict[str, Any]]:
    """What can be made with one press, in the words of the page."""
    return [
        {
            "key": sequence.key,
            "name": sequence.name,
            "description": sequence.description,
            "starts": starts_when(sequence.trigger_event),
            "steps": [
                {
                    "name": told(step.subject),
                    "wait": wait_of(days=step.days, hours=0, at=step.at, is_first=place == 0),
                }
                for place, step in enumerate(sequence.steps)
            ],
        }
        for sequence in offered()
    ]


@sequence_pages.page("ready-made/", "sequence_ready_made", permission=WRITE, methods=["POST"])
def make_ready_made(request: HttpRequest) -> HttpResponse:
    """Makes the sequence that was chosen, and opens it."""
    try:
        made = add_ready_made(request.POST.get("key", ""))
    except KeyError:
        raise Http404 from None
    messages.success(
        request, gettext("The sequence is there. Read it through, change what you like, and start it.")
    )
    return HttpResponseRedirect(story_url(made))
