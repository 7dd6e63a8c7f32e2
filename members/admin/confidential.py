"""The tab with what is known of a person in confidence, and who has read it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from members.confidential import domain
from members.models import ConfidentialDetails, Member

from .people_pages import page_url, people_pages, shown
from .person_page import person_page, person_url

READINGS_SHOWN = 20


def _label(name: str) -> str:
    field: Any = ConfidentialDetails._meta.get_field(name)
    return capfirst(field.verbose_name)


class DetailsForm(forms.Form):
    """Everything that is known in confidence."""

    national_id = forms.CharField(
        required=False,
        max_length=domain.LONGEST_TEXT,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
    )
    health = forms.CharField(
        required=False,
        max_length=domain.LONGEST_TEXT,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4, "autocomplete": "off"}),
    )
    safeguarding = forms.CharField(
        required=False,
        max_length=domain.LONGEST_TEXT,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4, "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label = _label(name)


@person_page.tab(
    "confidential",
    _("Confidential"),
    "members/confidential_tab.html",
    position=40,
    permission=domain.CONFIDENTIAL,
)
def confidential_tab(request: HttpRequest, person: Member) -> dict[str, Any]:
    """The names of the details without their values, and the latest readings."""
    readings = Paginator(person.readings.all(), READINGS_SHOWN).get_page(request.GET.get("page"))
    return {
        "details": [_label(name) for name in domain.DETAILS],
        "readings": readings,
        "show_url": page_url("person_confidential_show", person.pk),
        "tab_url": person_url(person, "confidential"),
    }


@people_pages.page(
    "<uuid:person_id>/confidential/show/",
    "person_confidential_show",
    permission=domain.CONFIDENTIAL,
    methods=["POST"],
)
def show_details(request: HttpRequest, person: Member) -> HttpResponse:
    """The details in their form, shown once; the reading is logged."""
    user: Any = request.user
    form = DetailsForm(initial=domain.read_details(member=person, reader=user))
    return _form_page(request, person, form)


@people_pages.page(
    "<uuid:person_id>/confidential/",
    "person_confidential_change",
    permission=domain.CONFIDENTIAL,
    methods=["POST"],
)
def change_details(request: HttpRequest, person: Member) -> HttpResponse:
    """Stores what the form holds."""
    user: Any = request.user
    form = DetailsForm(request.POST)
    if not form.is_valid():
        return _form_page(request, person, form)
    try:
        domain.change_details(member=person, user=user, **form.cleaned_data)
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return _form_page(request, person, form)
    messages.success(request, gettext("The confidential details were changed."))
    return HttpResponseRedirect(person_url(person, "confidential"))


def _form_page(request: HttpRequest, person: Member, form: DetailsForm) -> HttpResponse:
    return shown(
        request,
        "members/confidential_page.html",
        gettext("Confidential details"),
        person=person,
        form=form,
        form_url=page_url("person_confidential_change", person.pk),
        back_url=person_url(person, "confidential"),
    )
