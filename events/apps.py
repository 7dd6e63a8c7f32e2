from importlib import import_module

from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "events"
    verbose_name = "Events"

    def ready(self) -> None:
        # Deferred: models are not loaded before this point.
        from core.history import track
        from events import models, notices
        from events.registrations import people, reminders
        from members.signals import member_removed, members_merged
        from tenants import due

        track(models.Event, leave_out=["last_end", "sequence"])
        track(models.EventException, about="event_id")
        track(models.EventRegistration, about="member_id", leave_out=["reminded_at", "number"])
        track(models.CalendarFeed, leave_out=["digest"])
        due.register(
            due.DueKind("events.reminders", work=reminders.send_reminders, next_due=reminders.next_reminder)
        )
        members_merged.connect(people.keep_the_better_place, dispatch_uid="events.keep_the_better_place")
        members_merged.connect(people.refill_soon, dispatch_uid="events.refill_after_merge")
        member_removed.connect(people.refill_soon, dispatch_uid="events.refill_after_removal")
        notices.name_kinds()
        # Each declares something when it is imported.
        for module in ("events.care", "events.personal_data", "events.demo"):
            import_module(module)
