"""The page on which administrators change what concerns their whole church."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from core.admin import may

from . import church_settings as known_settings
from . import countries, domain
from .context import current_church
from .models import Church, known_timezones
from .sites import church_site

# The regions of the IANA database that stand for places where people live.
CONTINENTS = {
    "Africa": _("Africa"),
    "America": _("America"),
    "Antarctica": _("Antarctica"),
    "Arctic": _("Arctic"),
    "Asia": _("Asia"),
    "Atlantic": _("Atlantic"),
    "Australia": _("Australia"),
    "Europe": _("Europe"),
    "Indian": _("Indian Ocean"),
    "Pacific": _("Pacific"),
}


def timezone_choices(present: str) -> list[Any]:
    """IANA zones grouped by continent, with UTC and the present one even when it is an old name."""
    groups: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for name in sorted(known_timezones()):
        continent, slash, place = name.partition("/")
        if slash and continent in CONTINENTS:
            groups[continent].append((name, place.replace("_", " ").replace("/", ", ")))
    shown = {name for group in groups.values() for name, label in group}
    others = [name for name in dict.fromkeys(["UTC", present]) if name not in shown]
    return [
        *((name, name) for name in others),
        *((CONTINENTS[continent], zones) for continent, zones in groups.items()),
    ]


class ChurchSettingsForm(forms.ModelForm):
    """Name, time zone, language, country and what rooms above have added; ``domain.change_settings`` has
    the last word.
    """

    class Meta:
        model = Church
        fields = ("name", "timezone", "language", "country")
        widgets = {"name": UnfoldAdminTextInputWidget(attrs={"autocomplete": "organization"})}

    timezone = forms.ChoiceField(label=_("Time zone"), widget=UnfoldAdminSelectWidget)
    language = forms.ChoiceField(
        label=_("Language"), choices=settings.LANGUAGES, widget=UnfoldAdminSelectWidget
    )
    country = forms.ChoiceField(
        label=_("Country"),
        widget=UnfoldAdminSelectWidget,
        help_text=_("Phone numbers without a country code are of this country."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        present = self.instance
        fields: dict[str, Any] = self.fields
        fields["timezone"].choices = timezone_choices(present.timezone)
        known = countries.choices()
        fields["country"].choices = (
            known if present.country in countries.COUNTRIES else [(present.country, present.country), *known]
        )
        for entry in known_settings.entries():
            self.fields[entry.name] = entry.form_field()
            self.initial[entry.name] = present.settings.get(entry.name)

    def show(self, refusal: ValidationError) -> None:
        """Puts what the door refused at the fields that it means."""
        for name, texts in refusal.message_dict.items():
            field = name.removeprefix("settings.")
            self.add_error(field if field in self.fields else None, texts)

    def changes(self) -> dict[str, Any]:
        """What the person changed, as ``domain.change_settings`` takes it."""
        entries = {entry.name for entry in known_settings.entries()}
        changed = {name: self.cleaned_data[name] for name in self.changed_data}
        return {
            **{name: value for name, value in changed.items() if name not in entries},
            "entries": {name: value for name, value in changed.items() if name in entries},
        }


def church_settings(request: HttpRequest) -> HttpResponse:
    """Shows the settings and saves them; reading needs ``settings:read``, saving ``settings:write``."""
    writes = request.method == "POST"
    if not may(request, "settings:write" if writes else "settings:read"):
        raise PermissionDenied
    # A copy: the request's own church must keep its name on the page when the form is refused.
    church = Church.objects.get(pk=current_church().pk)
    form = ChurchSettingsForm(request.POST if writes else None, instance=church)
    if form.is_valid():
        try:
            changed = domain.change_settings(church=church, **form.changes())
        except ValidationError as refusal:
            form.show(refusal)
        else:
            with translation.override(changed.language):
                messages.success(request, gettext("The settings are saved."))
            return redirect("admin:church_settings")
    content = {
        **church_site.each_context(request),
        "title": _("Settings"),
        "form": form,
        "links": church_site.settings_links(request),
    }
    return render(request, "tenants/church_settings.html", content)
