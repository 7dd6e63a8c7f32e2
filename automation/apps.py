from importlib import import_module

from django.apps import AppConfig

# Each declares something when it is imported.
DECLARING = (
    "automation.care",
    "automation.consent.forgetting",
    "automation.personal_data",
    "automation.demo",
    "automation.enrolling.importing",
)


class AutomationConfig(AppConfig):
    name = "automation"
    verbose_name = "Messages"

    def ready(self) -> None:
        # Deferred: models are not loaded before this point.
        from anymail.signals import tracking

        from automation import models, quiet_hours, sender
        from automation.bulk_mail import running as bulk_mail
        from automation.enrolling import connecting as enrolling
        from automation.provider_events import recording, replies
        from automation.sending import running as sending
        from core.history import track
        from core.history_reading import label_parts
        from members.history.labels import RULE_PARTS
        from tenants.church_settings import register_entry

        track(models.Sequence, leave_out=["edition", "paused_at"])
        track(models.EmailTemplate, about="sequence_id")
        track(models.BulkMail, leave_out=["prepared", "written_up_to", "written_at"])
        label_parts(models.BulkMail, "rule", lambda: RULE_PARTS)
        track(models.Suppression, leave_out=["address_digest"])
        for part in (sending, enrolling, bulk_mail):
            part.connect()
        replies.name_kinds()
        tracking.connect(recording.receive, dispatch_uid="automation.provider_events")
        sender.register()
        register_entry(
            quiet_hours.SETTING,
            quiet_hours.validate_quiet_hours,
            form_field=quiet_hours.quiet_hours_field,
        )
        for module in DECLARING:
            import_module(module)
