from importlib import import_module

from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "members"
    verbose_name = "People"

    def ready(self) -> None:
        # Deferred: models are not loaded before this point.
        from accounts.signals import user_removed
        from core.history import track
        from members import models
        from members.custom_fields.domain import define_stray_keys
        from members.history.labels import name_parts
        from members.households.importing import place_soon
        from members.importing.domain import forget_old_results, take_up_imports
        from members.importing.telling import name_kind
        from members.importing.undo import take_up_undos
        from members.merging.domain import forget_old_snapshots
        from members.personal_data import erasing
        from members.saved_lists.domain import forget_private_lists
        from tenants.signals import church_resumed, church_swept

        church_resumed.connect(take_up_imports, dispatch_uid="members.take_up_imports")
        church_swept.connect(take_up_imports, dispatch_uid="members.take_up_imports")
        church_swept.connect(define_stray_keys, dispatch_uid="members.define_stray_keys")
        church_resumed.connect(take_up_undos, dispatch_uid="members.take_up_undos")
        church_swept.connect(take_up_undos, dispatch_uid="members.take_up_undos")
        church_swept.connect(forget_old_results, dispatch_uid="members.forget_old_results")
        church_swept.connect(place_soon, dispatch_uid="members.place_soon")
        church_swept.connect(forget_old_snapshots, dispatch_uid="members.forget_old_snapshots")

        user_removed.connect(forget_private_lists, dispatch_uid="members.forget_private_lists")

        # Derived columns, and the digest by which an import knows a bare row again.
        # Of a photo that it changed is enough: its id means nothing to anybody, least when it is gone.
        track(
            models.Member,
            leave_out=["search_document", "folded_name"],
            hide=["photo"],
            keep=["import_fingerprint"],
        )
        track(models.Household)
        track(models.HouseholdMembership, about="member_id")
        track(models.MemberNote, about="member_id")
        track(models.ConfidentialDetails, about="member_id")
        track(models.CustomField)
        track(models.SavedList)
        track(models.ImportMapping)
        name_parts()
        name_kind()
        # Declares what a person is told.
        import_module("members.personal_data.sections")
        import_module("members.care.notes")
        erasing.declare()
