from importlib import import_module

from django.apps import AppConfig


class VisitsConfig(AppConfig):
    name = "visits"
    verbose_name = "Visits"

    def ready(self) -> None:
        # Deferred: models are not loaded before this point.
        from core.history import track
        from tenants import due
        from visits import models, personal_data, reminders, telling

        track(
            models.Visit,
            about="member_id",
            # Derived, counters of calendars, or for few to know (visits.api.may_know_origin).
            leave_out=[
                "origin_kind",
                "origin_id",
                "occupied",
                "remind_at",
                "remind_pastor_at",
                "sequence",
                "calendar_uid",
            ],
        )
        track(models.VisitReport, about="visit_id")
        due.register(
            due.DueKind(reminders.KIND, work=reminders.send_reminders, next_due=reminders.next_reminder)
        )
        telling.name_kinds()
        personal_data.declare()
        # Declares what the care for a person shows, and what the demo shows.
        import_module("visits.care")
        import_module("visits.demo")
