from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "members"
    verbose_name = "People"

    def ready(self) -> None:
        # Deferred: models are not loaded before this point.
        from members.importing.domain import forget_old_results, take_up_imports
        from tenants.signals import church_resumed, church_swept

        church_resumed.connect(take_up_imports, dispatch_uid="members.take_up_imports")
        church_swept.connect(take_up_imports, dispatch_uid="members.take_up_imports")
        church_swept.connect(forget_old_results, dispatch_uid="members.forget_old_results")
