"""What of two people somebody who merges them may see and choose."""

from __future__ import annotations

from typing import Any

from members.custom_fields.visibility import all_fields, is_visible


def hidden_custom_fields(user: Any) -> frozenset[str]:
    """Keys of the custom fields that the role of ``user`` does not see.

    They are united like all others, but neither shown in a preview nor open to a choice.
    """
    return frozenset(field.key for field in all_fields() if not is_visible(field, user.role))
