"""What who has started an import is told when it has ended."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.models import MemberImport
from notifications.domain import notify
from notifications.kinds import Kind, register

FINISHED = "members.import_finished"


def tell(member_import: MemberImport) -> None:
    """Tells who has started an import that it has ended, in the transaction that ends it."""
    if member_import.created_by is None:
        return
    counts = ("created", "updated", "failed")
    notify(
        kind=FINISHED,
        users=[member_import.created_by],
        data={
            "file": member_import.file_name,
            "broke_off": member_import.status == MemberImport.Status.FAILED,
            **{name: getattr(member_import, name) for name in counts},
        },
        url=f"/admin/members/memberimport/{member_import.pk}/change/",
    )


def text_of(data: dict[str, Any]) -> str:
    if data["broke_off"]:
        return _("The import of %(file)s broke off.") % data
    text = _("%(file)s is imported. New: %(created)d, changed: %(updated)d, failed: %(failed)d.")
    return text % data


def name_kind() -> None:
    register(Kind(FINISHED, gettext_lazy("Import finished"), text_of, permission="members:write"))
