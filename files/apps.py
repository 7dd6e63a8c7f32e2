from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "files"
    verbose_name = "Files"

    def ready(self) -> None:
        # Deferred: models are not loaded before this point.
        from core.history import track
        from files.models import StoredFile

        track(StoredFile, leave_out=["key"])
