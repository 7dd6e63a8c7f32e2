"""A church's own fields on the pages of people: in the form, for reading, and as filters of the list."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.dateparse import parse_date
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from core.admin import ChoiceFilter
from members.custom_fields.querying import is_value
from members.custom_fields.values import LONGEST_TEXT, PREFIX, offered_choices, plain_text
from members.models import CustomField, Member

Kind = CustomField.Kind
NO_CHOICE = ("", "—")
YES_NO = [("yes", _("Yes")), ("no", _("No"))]
FILTERED = {Kind.CHOICE, Kind.CHOICES, Kind.YES_NO}


def form_with(form: type[forms.ModelForm], fields: Iterable[CustomField]) -> type[forms.ModelForm]:
    """``form`` with an input for each of the fields, called as in the door's refusals."""
    known = list(fields)
    inputs = {f"{PREFIX}{field.key}": _form_field(field) for field in known}
    return type(form.__name__, (form,), {**inputs, "own_fields": known})


def own_fieldset(fields: Iterable[CustomField], *, to_read: bool) -> list[Any]:
    """The section of a person's page with the fields; none where there are none."""
    names = [_shown(field) if to_read else f"{PREFIX}{field.key}" for field in fields]
    return [(_("Fields of your own"), {"fields": tuple(names)})] if names else []


def _form_field(field: CustomField) -> forms.Field:
    stated: dict[str, Any] = {"label": field.label, "help_text": field.help_text, "required": False}
    if field.kind == Kind.TEXT:
        # Several lines are possible in every text, and one line must not flatten them.
        return forms.CharField(
            max_length=LONGEST_TEXT, widget=UnfoldAdminTextareaWidget({"rows": 2}), **stated
        )
    if field.kind in {Kind.NUMBER, Kind.DATE}:
        attributes = {"inputmode": "decimal"} if field.kind == Kind.NUMBER else {"type": "date"}
        widget = UnfoldAdminTextInputWidget({**attributes, "autocomplete": "off"})
        return forms.CharField(max_length=40, widget=widget, **stated)
    if field.kind == Kind.CHOICES:
        return _OwnChoices(own=field, widget=UnfoldAdminCheckboxSelectMultipleWidget, **stated)
    return _OwnChoice(own=field, widget=UnfoldAdminSelectWidget, **stated)


class _OwnChoice(forms.ChoiceField):
    """One of a field's choices, or yes or no."""

    def __init__(self, *, own: CustomField, **kwargs: Any) -> None:
        choices = YES_NO if own.kind == Kind.YES_NO else _pairs(offered_choices(own))
        super().__init__(choices=[NO_CHOICE, *choices], **kwargs)


class _OwnChoices(forms.MultipleChoiceField):
    """Several of a field's choices."""

    def __init__(self, *, own: CustomField, **kwargs: Any) -> None:
        super().__init__(choices=_pairs(offered_choices(own)), **kwargs)


def _pairs(choices: Iterable[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(str(choice["key"]), str(choice["label"])) for choice in choices]


def initial_value(field: CustomField, value: Any) -> Any:
    """A stored value as the form's input shows it."""
    if field.kind == Kind.YES_NO and isinstance(value, bool):
        return "yes" if value else "no"
    if field.kind in {Kind.CHOICE, Kind.CHOICES}:
        return value
    return plain_text(field, value)


def offer_what_is_chosen(form_field: Any, field: CustomField, value: Any) -> None:
    """Keeps a choice that was put away on the form of who has it."""
    chosen = value if isinstance(value, list) else [value]
    put_away = [c for c in field.choices if c.get("archived") and c["key"] in chosen]
    if put_away:
        form_field.choices = [*form_field.choices, *_pairs(put_away)]


def readable_value(field: CustomField, value: Any) -> str:
    """A stored value in the language of the page."""
    if isinstance(value, str) and field.kind == Kind.DATE and (day := parse_date(value)):
        return date_format(day)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return number_format(value)
    return plain_text(field, value)


def _shown(field: CustomField) -> Callable[[Member], str]:
    def value(person: Member) -> str:
        return readable_value(field, person.custom_fields.get(field.key))

    value.short_description = field.label  # type: ignore[attr-defined]  # read by Django's admin
    value.__name__ = f"own_{field.key}"
    return value


def own_filters(fields: Iterable[CustomField]) -> list[type[ChoiceFilter]]:
    """Filters of the list of people by choices and by yes or no; for the rest there are saved lists."""
    return [_filter(field) for field in fields if field.kind in FILTERED]


def _filter(field: CustomField) -> type[ChoiceFilter]:
    class OwnFilter(ChoiceFilter):
        title = field.label
        parameter_name = f"custom_{field.key}"

        def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
            return YES_NO if field.kind == Kind.YES_NO else _pairs(field.choices)

        def queryset(self, request: HttpRequest, queryset: Any) -> Any:
            value = filtered_value(field, self.value())
            return queryset if value is None else queryset.filter(is_value(field, value))

    return OwnFilter


def filtered_value(field: CustomField, text: str | None) -> Any:
    """What a filter's text means; None where it means nothing."""
    if field.kind == Kind.YES_NO:
        return {"yes": True, "no": False}.get(text or "")
    return text if any(choice["key"] == text for choice in field.choices) else None
