"""Texts that unfold shows and has no translations for; named here, they come into our catalogues."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

TEXTS = (
    _("Apply Filters"),
    _("Choose file to upload"),
    _("Dark"),
    _("Filters"),
    _("General"),
    _("Go back"),
    _("Light"),
    _("Run"),
    _("Select action"),
    _("Select action to run"),
    _("Select all rows"),
    _("Select record"),
    _("Select value"),
    _("System"),
    _("Toggle password visibility"),
    _("Type to search"),
)
