from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "files"
    verbose_name = "Files"

    def ready(self) -> None:
        # Deferred: models are not loaded before this point.
        from core.history import track
        from files import removals
        from files.models import StoredFile
        from files.sweeping import remove_church, sweep
        from files.transfer import FilesOfChurch
        from tenants import due
        from tenants.signals import church_deleted, church_swept
        from tenants.transfer import carry_files

        track(StoredFile, leave_out=["key"])
        due.register(
            due.DueKind(removals.KIND, work=removals.remove_due_objects, next_due=removals.next_removal)
        )
        church_swept.connect(sweep, dispatch_uid="files.sweep")
        church_deleted.connect(remove_church, dispatch_uid="files.remove_church")
        carry_files(FilesOfChurch())
