"""The form in which somebody says what the columns of a file mean."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldBooleanSwitchWidget

from members.custom_fields.domain import may_define
from members.importing.columns import CUSTOM
from members.importing.fields import Choice, choices
from members.importing.own_fields import own_fields
from members.importing.preview import Preview

NEW_FIELD = "new"


def start_sequences_field() -> forms.BooleanField:
    """Whether the import starts what usually starts for new people; asked with the file and once more."""
    return forms.BooleanField(
        label=gettext_lazy("Start sequences for these people"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text=gettext_lazy(
            "Whoever is new, or gets a tag, then gets the messages that this starts, a welcome for example. "
            "Leave it off for a list of people who have been with you for long."
        ),
    )


class ColumnsForm(forms.Form):
    """One select for each column that has a name, and one for the column that identifies people.

    Fields are offered that ``user`` sees, and a new one where they may define fields.
    """

    start_sequences = start_sequences_field()

    def __init__(self, data: Any, *, preview: Preview, user: Any, start_sequences: bool = False) -> None:
        super().__init__(data)
        self.initial["start_sequences"] = start_sequences
        self.preview = preview
        offered = self._choices(choices(own_fields(user)), may_define(user))
        names = [column.name for column in preview.columns if column.name]
        for column in preview.columns:
            if not column.name:
                continue
            fields = [name for name in column.fields if name != "external_key" or len(column.fields) == 1]
            as_key = column.name == preview.external_key and fields == ["external_key"]
            self.fields[self.name_of(column.position)] = forms.ChoiceField(
                label=_("What “%(column)s” means") % {"column": column.name[:100]},
                choices=offered,
                required=False,
                initial="" if as_key else next(iter(fields), ""),
                widget=UnfoldAdminSelectWidget,
            )
        self.fields["external_key"] = forms.ChoiceField(
            label=_("Column that identifies people"),
            required=False,
            choices=[("", _("None: by name with email, birthday or household")), *((n, n) for n in names)],
            initial=preview.external_key,
            widget=UnfoldAdminSelectWidget,
            help_text=_(
                "A number or key that each person has in the system from which the file comes. With it "
                "people are known again even when their name has changed."
            ),
        )

    @staticmethod
    def name_of(position: int) -> str:
        return f"column-{position}"

    def _choices(self, offered: list[Choice], may_add_fields: bool) -> list[Any]:
        groups: dict[str, list[tuple[str, str]]] = {}
        for choice in offered:
            groups.setdefault(choice.group, []).append((choice.field, choice.label))
        new = [(NEW_FIELD, _("A new field of your own"))] if may_add_fields else []
        return [("", _("Leave this column out")), *new, *groups.items()]

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """What the page shows of each column."""
        return [
            {
                "name": column.name or _("column %(number)d") % {"number": column.position + 1},
                "samples": self.preview.samples[column.position],
                "field": self[self.name_of(column.position)] if column.name else None,
            }
            for column in self.preview.columns
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        chosen: dict[str, str] = {}
        for column in self.preview.columns:
            field = cleaned.get(self.name_of(column.position)) or ""
            if field in ("", NEW_FIELD):
                continue
            if field in chosen:
                text = _("“%(column)s” fills this field already.") % {"column": chosen[field]}
                self.add_error(self.name_of(column.position), text)
            chosen[field] = column.name
        return cleaned

    def mapping(self) -> dict[str, str | None]:
        """Name of each column -> its field, or None. A new field is made when the import begins."""
        found: dict[str, str | None] = {}
        for column in self.preview.columns:
            if column.name:
                field = self.cleaned_data[self.name_of(column.position)]
                if field == NEW_FIELD:
                    field = f"{CUSTOM}{column.name}"
                found[column.name] = field or None
        return found

    def show(self, refusal: ValidationError) -> None:
        """Puts what a door refused on the page."""
        for name, texts in refusal.message_dict.items():
            self.add_error("external_key" if name == "external_key" else None, texts)
