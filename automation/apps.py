from importlib import import_module

from django.apps import AppConfig


class AutomationConfig(AppConfig):
    name = "automation"
    verbose_name = "Messages"

    def ready(self) -> None:
        # Deferred: models are not loaded before this point.
        from automation import models
        from automation.sending import running
        from automation import models, quiet_hours
        from automation.enrolling import connecting
        from core.history import track
        from tenants.church_settings import register_entry

        track(models.Sequence, leave_out=["edition", "paused_at"])
        track(models.EmailTemplate, about="sequence_id")
        track(models.BulkMail, leave_out=["prepared", "written_up_to"])
        track(models.Suppression, leave_out=["address_digest"])
        running.connect()
        connecting.connect()
        register_entry(
            quiet_hours.SETTING,
            quiet_hours.validate_quiet_hours,
            form_field=quiet_hours.quiet_hours_field,
        )
        # Each declares something when it is imported.
        for module in ("automation.care", "automation.personal_data", "automation.demo"):
            import_module(module)
