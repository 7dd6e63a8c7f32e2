"""What a household is called when nobody says, and what the roles in it are called."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from members.models import HouseholdMembership
from members.values import normalized_text

HEAD = "head"
# What other programs call the first of the suggested roles.
HEADS = frozenset({"head", "head of household", "head of the household", "head of house"})


def normalized_role(value: Any) -> str:
    """A role in the form in which it is kept: a suggested one in small letters, any other as written.

    Raises ValidationError.
    """
    role = normalized_text(HouseholdMembership._meta.get_field("role"), value)
    plain = role.casefold()
    if plain in HEADS:
        return HEAD
    return plain if plain in HouseholdMembership.SUGGESTED_ROLES else role


def household_name(people: Iterable[tuple[str, str]]) -> str:
    """``The Okafor household``, after the head or the last name that most have.

    ``people`` are (role, last name); without any the name is empty.
    """
    known = [(role, last_name) for role, last_name in people if last_name]
    if not known:
        return ""
    heads = [last_name for role, last_name in known if role == HEAD]
    last_name = heads[0] if heads else Counter(name for _role, name in known).most_common(1)[0][0]
    return _("The %(last_name)s household") % {"last_name": last_name}
