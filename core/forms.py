"""What forms that strangers send have in common."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

TRAP = "website"


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
