"""The pages on which administrators say what their church wants to know of people besides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from accounts.permissions import Role
from core.admin import AreaModelAdmin, DoorForm
from members.custom_fields import domain
from members.models import CustomField
from tenants.sites import SettingsLink, church_site

CHOICE = "choice_"
PUT_AWAY = "_put_away"
SEEING = [(role.value, role.label) for role in Role if role != Role.ADMIN]

church_site.add_settings_link(
    SettingsLink(
        _("Fields of your own"),
        _("What your church wants to know of people besides."),
        "members_customfield_changelist",
        "settings:write",
    )
)


class CustomFieldForm(DoorForm):
    """A field. Each choice that there is has a line of its own, so that it can be called otherwise."""

    known_choices: ClassVar[Sequence[dict[str, Any]]] = ()

    visible_to = forms.MultipleChoiceField(
        label=_("Who sees it besides administrators"),
        choices=SEEING,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("Without a tick: everybody who may see people."),
    )
    new_choices = forms.CharField(
        label=_("More choices"),
        required=False,
        max_length=20_000,
        widget=UnfoldAdminTextareaWidget({"rows": 4}),
        help_text=_("Where one or several of several are chosen: one choice on each line."),
    )
    put_away = forms.BooleanField(
        label=_("Put away"),
        required=False,
        widget=UnfoldBooleanWidget,
        help_text=_("The field is shown nowhere. What people have in it stays, and comes back with it."),
    )

    class Meta:
        model = CustomField
        fields = "__all__"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["put_away"] = self.instance.archived
        for number, choice in enumerate(self.known_choices):
            self.initial[f"{CHOICE}{number}"] = choice["label"]
            self.initial[f"{CHOICE}{number}{PUT_AWAY}"] = bool(choice.get("archived"))

    def clean(self) -> dict[str, Any]:
        """Puts the choices together; one whose name was taken out goes."""
        values = super().clean() or {}
        choices = []
        for number, choice in enumerate(self.known_choices):
            label = values.pop(f"{CHOICE}{number}", "")
            put_away = values.pop(f"{CHOICE}{number}{PUT_AWAY}", False)
            if label:
                choices.append({"key": choice["key"], "label": label, "archived": put_away})
        lines = str(values.pop("new_choices", "")).splitlines()
        values["choices"] = choices + [{"label": line} for line in lines if line.strip()]
        return values

    @property
    def changed_data(self) -> list[str]:
        changed = super().changed_data
        own = [name for name in changed if not name.startswith((CHOICE, "new_choices"))]
        return own if len(own) == len(changed) else [*own, "choices"]


def _choice_inputs(choices: Sequence[dict[str, Any]]) -> dict[str, forms.Field]:
    inputs: dict[str, forms.Field] = {}
    for number, _choice in enumerate(choices):
        inputs[f"{CHOICE}{number}"] = forms.CharField(
            label=gettext("Choice %(number)d") % {"number": number + 1},
            required=False,
            max_length=domain.LONGEST_LABEL,
            widget=UnfoldAdminTextInputWidget({"autocomplete": "off"}),
        )
        inputs[f"{CHOICE}{number}{PUT_AWAY}"] = forms.BooleanField(
            label=gettext("Choice %(number)d is offered no more") % {"number": number + 1},
            required=False,
            widget=UnfoldBooleanWidget,
        )
    return inputs


@admin.register(CustomField, site=church_site)
class CustomFieldAdmin(AreaModelAdmin):
    """Fields of a church's own. Only who may change the church's settings comes here."""

    area = "settings"
    form = CustomFieldForm
    add_verb = _("Add a field")
    list_display = ("label", "kind_shown", "seen_by", "state")
    list_display_links = ("label",)
    actions = None

    def get_fieldsets(self, request: HttpRequest, obj: CustomField | None = None) -> Any:
        choices = obj.choices if obj else []
        lines = [
            (f"{CHOICE}{number}", f"{CHOICE}{number}{PUT_AWAY}") for number, _choice in enumerate(choices)
        ]
        last = ("order_index", "put_away") if obj else ()
        return [
            (None, {"fields": ("label", "help_text", "kind")}),
            (_("Choices"), {"fields": (*lines, "new_choices")}),
            (_("Who sees it"), {"fields": ("visible_to",)}),
            *([(_("Place"), {"fields": last})] if last else []),
        ]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        known = obj.choices if obj else []
        form = type("CustomFieldForm", (self.form,), {**_choice_inputs(known), "known_choices": known})
        return super().get_form(request, obj, change, **{"form": form, **kwargs})

    def perform_create(self, request: HttpRequest, values: dict[str, Any]) -> CustomField:
        values.pop("put_away", None)
        return domain.create_custom_field(**values)

    def perform_update(
        self, request: HttpRequest, instance: CustomField, values: dict[str, Any]
    ) -> CustomField:
        put_away = values.pop("put_away", None)
        field = domain.change_custom_field(field=instance, **values)
        if put_away is None:
            return field
        door = domain.archive_custom_field if put_away else domain.restore_custom_field
        return door(field=field)

    def perform_destroy(self, request: HttpRequest, instance: CustomField) -> None:
        domain.remove_custom_field(field=instance)

    @admin.display(description=_("kind"), ordering="kind")
    def kind_shown(self, field: CustomField) -> str:
        return field.get_kind_display()

    @admin.display(description=_("who sees it"))
    def seen_by(self, field: CustomField) -> str:
        names = dict(Role.choices)
        return ", ".join(str(names[role]) for role in field.visible_to) or gettext("everybody")

    @admin.display(description=_("state"))
    def state(self, field: CustomField) -> str:
        return gettext("put away") if field.archived else ""
