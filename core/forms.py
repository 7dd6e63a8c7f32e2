"""What the forms of many rooms have in common."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

TRAP = "website"


class RefusableForm(forms.Form):
    """A form that shows what a door refused on its field."""

    # Names of the door's values -> those of the form's fields, where they differ.
    fields_of_door: dict[str, str] = {}

    def refuse(self, refusal: ValidationError) -> None:
        for name, errors in getattr(refusal, "error_dict", {None: refusal}).items():
            field = self.fields_of_door.get(name, name)
            self.add_error(field if field in self.fields else None, errors)


class TrappedForm(forms.Form):
    """A form whose last field people do not see: what fills it in is a program.

    Templates hide the field that is called ``website``, from assistive technology too.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        attributes = {"autocomplete": "off", "tabindex": "-1"}
        self.fields[TRAP] = forms.CharField(
            label=_("Leave this empty"), required=False, widget=forms.TextInput(attrs=attributes)
        )

    @property
    def is_of_a_program(self) -> bool:
        """Whether the field was filled in that people do not see."""
        return bool(self.cleaned_data.get(TRAP))
