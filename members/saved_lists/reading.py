"""Which saved lists there are for whom, and who is on them."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from members.custom_fields.values import PREFIX
from members.models import SavedList
from members.querysets import MemberQuerySet
from members.rules.rule import UnavailableRuleError, hidden_keys, queryset_for


def lists_for(user: Any) -> QuerySet[SavedList]:
    """The user's own lists and those that are for everybody, but for lists whose rule asks for a field
    that the user does not see: they are not there. One query now, for the fields.
    """
    hidden = Q(pk__in=[])
    for key in hidden_keys(user):
        hidden |= Q(rule__contains={"conditions": [{"field": f"{PREFIX}{key}"}]})
    return SavedList.objects.filter(Q(owner=user) | Q(is_shared=True)).exclude(hidden).select_related("owner")


def list_for(user: Any, identifier: Any) -> SavedList | None:
    """The list with this id as the user may see it, or None."""
    return lists_for(user).filter(pk=identifier).first()


def people_on(saved_list: SavedList, user: Any) -> MemberQuerySet:
    """The people whom the list means now. Nobody, should its rule have become hidden in this moment."""
    try:
        return queryset_for(saved_list.rule, user)
    except UnavailableRuleError:
        return queryset_for({}, user)
