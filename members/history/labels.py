"""What the parts of a person's fields are called in the history."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.history_reading import label_further, label_parts
from members import addresses
from members.models import CustomField, Household, Member, SavedList

from .deleted import ERASURE, MERGED

RULE_PARTS = {"match": _("people of whom"), "conditions": _("conditions")}


def _custom_fields() -> Mapping[str, Any]:
    return dict(CustomField.objects.values_list("key", "label"))


def name_parts() -> None:
    """Tells the history the names of parts; called once when the program starts."""
    for model in (Member, Household):
        for field in ("address", "mailing_address"):
            label_parts(model, field, lambda: addresses.PARTS)
    label_parts(Member, "custom_fields", _custom_fields)
    label_parts(SavedList, "rule", lambda: RULE_PARTS)
    label_further(Member, ERASURE, _("erased because"))
    label_further(Member, MERGED, _("merged with"))
