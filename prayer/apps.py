from importlib import import_module

from django.apps import AppConfig


class PrayerConfig(AppConfig):
    name = "prayer"
    verbose_name = "Prayer"

    def ready(self) -> None:
        # Deferred: models are not loaded before this point.
        from core.history import track
        from prayer import models, praying, telling, wall_settings
        from tenants.church_settings import register_entry

        # Nothing of who asked, also not that there is somebody; of texts only that they changed.
        track(
            models.PrayerRequest,
            leave_out=[
                "requester", "guest_name", "guest_email", "secret_digest", "prayed_count", "mail_due_at",
                "mailed_at", "flags", "published_at",
            ],
            hide=["title", "description", "testimony"],
        )  # fmt: skip
        track(models.PrayerUpdate, about="prayer_request_id")
        telling.name_kinds()
        praying.name_due_work()
        entries = (
            (wall_settings.WALL, wall_settings.validate_wall, wall_settings.wall_field),
            (wall_settings.WORDS, wall_settings.validate_words, wall_settings.words_field),
        )
        for name, validate, form_field in entries:
            register_entry(name, validate, form_field=form_field)
        # They declare what is told of a person, and what the demo shows.
        import_module("prayer.care")
        import_module("prayer.personal_data")
        import_module("prayer.demo")
