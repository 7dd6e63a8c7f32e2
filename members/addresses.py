"""The parts of an address."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

# In the order in which they are asked for.
PARTS = {
    "line1": _("Street"),
    "line2": _("Street, second line"),
    "city": _("City"),
    "state": _("State or region"),
    "postal_code": _("Postal code"),
    "country": _("Country"),
}
