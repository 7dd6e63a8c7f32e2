"""The doors through which saved lists change. One door, one transaction.

A list belongs to whoever made it; administrators may change every list that they see. A shared list
whose owner's account is gone belongs to everybody who may write.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import EVERYTHING
from members.custom_fields.visibility import visible_fields
from members.models import SavedList
from members.rules.rule import clean_rule

LONGEST_NAME = 100
CHANGEABLE = {"name", "rule", "is_shared"}


def may_change(saved_list: SavedList, user: Any) -> bool:
    """Whether ``user`` may change or remove the list."""
    if not user.has_permission("members:write"):
        return False
    if saved_list.owner_id == user.pk or EVERYTHING in user.permissions:
        return True
    return saved_list.owner_id is None and saved_list.is_shared


def _clean(values: Mapping[str, Any], user: User) -> dict[str, Any]:
    clean = dict(values)
    errors: dict[str, Any] = {name: _("There is no such field.") for name in clean.keys() - CHANGEABLE}
    if "name" in clean:
        clean["name"] = " ".join(str(clean["name"] or "").split())
        if not 1 <= len(clean["name"]) <= LONGEST_NAME or "\x00" in clean["name"]:
            errors["name"] = _("Give a name of 1 to %(most)d characters.") % {"most": LONGEST_NAME}
    if "rule" in clean:
        try:
            clean["rule"] = clean_rule(clean["rule"], own_fields=visible_fields(user))
        except ValidationError as error:
            errors |= error.message_dict
    if errors:
        raise ValidationError(errors)
    return clean


@transaction.atomic
def save_list(*, user: User, name: str, rule: Mapping[str, Any], is_shared: bool = False) -> SavedList:
    """A new list of ``user``. Raises ValidationError, PermissionDenied."""
    if not user.has_permission("members:write"):
        raise PermissionDenied
    clean = _clean({"name": name, "rule": rule, "is_shared": is_shared}, user)
    return SavedList.objects.create(owner=user, **clean)


@transaction.atomic
def change_list(*, saved_list: SavedList, user: User, **values: Any) -> SavedList:
    """Changes what is given and leaves the rest. Raises ValidationError, PermissionDenied."""
    locked = SavedList.objects.select_for_update().get(pk=saved_list.pk)
    if not may_change(locked, user):
        raise PermissionDenied
    clean = _clean(values, user)
    if all(getattr(locked, name) == value for name, value in clean.items()):
        return locked
    for name, value in clean.items():
        setattr(locked, name, value)
    locked.save()
    return locked


@transaction.atomic
def remove_list(*, saved_list: SavedList, user: User) -> None:
    """Deletes a list, and nobody who is on it. Raises PermissionDenied."""
    locked = SavedList.objects.select_for_update().get(pk=saved_list.pk)
    if not may_change(locked, user):
        raise PermissionDenied
    locked.delete()


@transaction.atomic
def forget_private_lists(*, user: User, **_event: Any) -> None:
    """Deletes what a user kept for themselves; receives ``accounts.signals.user_removed``."""
    for saved_list in SavedList.objects.select_for_update().filter(owner=user, is_shared=False):
        saved_list.delete()
