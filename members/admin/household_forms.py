"""The form of a household, and those by which people come into one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from members.households.reading import roles_in_use
from members.models import Household, HouseholdMembership

from .forms import AddressForm, phone_field
from .presentation import role_name

LONGEST_SEARCH = 200


def role_choices() -> list[tuple[str, str]]:
    """The suggested roles and those that the church has come to use, after none."""
    roles = dict.fromkeys([*HouseholdMembership.SUGGESTED_ROLES, *roles_in_use()])
    return [("", "–"), *((role, role_name(role)) for role in roles)]


class HouseholdForm(AddressForm):
    """A household; ``members.households.domain`` checks the values."""

    phone = phone_field(_("Phone"))

    class Meta:
        model = Household
        fields = "__all__"


class SearchForm(forms.Form):
    """Words by which somebody, or a household, is looked for."""

    q = forms.CharField(
        max_length=LONGEST_SEARCH,
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"type": "search", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, label: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["q"].label = label

    @property
    def words(self) -> str:
        return self.cleaned_data["q"].strip() if self.is_valid() else ""


class RoleForm(forms.Form):
    """The role that somebody has, or will have; ``choices`` are those of ``role_choices``.

    A page has one for each person, so it asks for the choices once.
    """

    role = forms.ChoiceField(label=_("Role"), required=False, widget=UnfoldAdminSelectWidget)

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        role_field: Any = self.fields["role"]
        role_field.choices = choices


class NewHouseholdForm(forms.Form):
    """What a new household is called."""

    name = forms.CharField(
        label=_("Name"),
        required=False,
        max_length=200,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
        help_text=_("Without one, it is called after its people."),
    )
