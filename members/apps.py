from typing import Any

from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "members"
    verbose_name = "People"

    def ready(self) -> None:
        # Deferred: models are not loaded before this point.
        from tenants.signals import church_resumed

        church_resumed.connect(_take_up_imports, dispatch_uid="members.take_up_imports")


def _take_up_imports(**_kwargs: Any) -> None:
    # Deferred for the same reason.
    from .importing.domain import work_soon
    from .models import MemberImport

    if MemberImport.objects.unfinished().exists():
        work_soon()
