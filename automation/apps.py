from django.apps import AppConfig


class AutomationConfig(AppConfig):
    name = "automation"
    verbose_name = "Messages"

    def ready(self) -> None:
        # Deferred: models are not loaded before this point.
        from automation import models
        from automation.sending import running
        from core.history import track

        track(models.Sequence, leave_out=["edition", "paused_at"])
        track(models.EmailTemplate, about="sequence_id")
        track(models.BulkMail, leave_out=["prepared", "written_up_to"])
        track(models.Suppression, leave_out=["address_digest"])
        running.connect()
