"""The list of those who must not be written to."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponseRedirect
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from automation.consent import domain
from automation.models import Channel, Suppression, Topic
from core.admin import AreaModelAdmin, ChoiceFilter, DoorForm, may
from tenants.sites import church_site

ANY_TOPIC = _("Everything")


class ChannelFilter(ChoiceFilter):
    title = _("sent as")
    parameter_name = "channel"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return Channel.choices

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(channel=self.value()) if self.value() in Channel else queryset


class TopicFilter(ChoiceFilter):
    title = _("topic")
    parameter_name = "topic"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("any", ANY_TOPIC), *Topic.choices]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "any":
            return queryset.filter(topic="")
        return queryset.filter(topic=self.value()) if self.value() in Topic else queryset


class ReasonFilter(ChoiceFilter):
    title = _("why")
    parameter_name = "reason"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return Suppression.Reason.choices

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(reason=self.value()) if self.value() in Suppression.Reason else queryset


class SuppressionForm(DoorForm):
    """Whom to leave alone, as they told the church."""

    address = forms.CharField(
        label=_("Email or mobile number"),
        max_length=domain.LONGEST_ADDRESS,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
    )
    topic = forms.ChoiceField(
        label=_("Topic"),
        required=False,
        choices=[("", ANY_TOPIC), *Topic.choices],
        widget=UnfoldAdminSelectWidget,
    )

    class Meta:
        model = Suppression
        fields = ("channel", "address", "topic")


@admin.register(Suppression, site=church_site)
class SuppressionAdmin(AreaModelAdmin):
    """Who declined what. Entries are made and taken away, never changed; both need ``automation:write``."""

    area = "automation"
    form = SuppressionForm
    add_verb = _("Leave somebody alone")
    save_verb = _("Leave them alone")
    delete_verb = _("Allow messages again")
    delete_confirmation_template = "automation/lift.html"
    list_display = ("address_shown", "channel", "topic_shown", "reason", "since")
    list_display_links = ("address_shown",)
    list_filter = (ChannelFilter, TopicFilter, ReasonFilter)
    search_fields = ("address",)
    search_help_text = _("Email or number")
    actions = None
    add_fieldsets = ((None, {"fields": ("channel", "address", "topic")}),)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "address_shown",
                    "channel",
                    "topic_shown",
                    "reason",
                    "created_by",
                    "since",
                    "way_back",
                )
            },
        ),
    )  # fmt: skip

    class Media:
        css = {"all": ["automation/suppressions.css"]}

    def get_fieldsets(self, request: HttpRequest, obj: Suppression | None = None) -> Any:
        return self.fieldsets if obj else self.add_fieldsets

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("created_by")

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        return (queryset.filter(domain.with_address(search_term)) if search_term.strip() else queryset), False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may(request, "automation:write")

    def perform_create(self, request: HttpRequest, values: dict[str, Any]) -> Suppression:
        user: Any = request.user
        return domain.add_by_hand(user=user, **values)

    def perform_destroy(self, request: HttpRequest, instance: Suppression) -> None:
        domain.lift_by_church(suppression=instance)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """The confirmation; where only the person can lift it, why that is so."""
        if self.has_delete_permission(request):
            found = self.get_object(request, object_id)
            if found is not None and (reason := domain.why_final(found)):
                messages.error(request, reason)
                return HttpResponseRedirect(self._url("change", found.pk))
        return super().delete_view(request, object_id, {"title": self.delete_verb, **(extra_context or {})})

    # Columns.

    @admin.display(description=_("address"), ordering="address")
    def address_shown(self, suppression: Suppression) -> Any:
        return suppression.address or _("Of somebody who was erased")

    @admin.display(description=_("topic"), ordering="topic")
    def topic_shown(self, suppression: Suppression) -> Any:
        return suppression.get_topic_display() or ANY_TOPIC

    @admin.display(description=_("since"), ordering="created_at")
    def since(self, suppression: Suppression) -> str:
        return date_format(localtime(suppression.created_at), "DATETIME_FORMAT")

    @admin.display(description=_("the way back"))
    def way_back(self, suppression: Suppression) -> Any:
        return domain.why_final(suppression) or _(
            "You can allow messages again when the person has asked you to. They can do so themselves, on the"
            " page behind the link in each message."
        )
