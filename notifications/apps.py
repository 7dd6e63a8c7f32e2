from importlib import import_module

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "notifications"
    verbose_name = "Notifications"

    def ready(self) -> None:
        # Models are not loaded before this point.
        import_module("notifications.pages")

        # Deferred for the same reason.
        from accounts.signals import sign_ins_changed
        from notifications import digest, domain
        from tenants import due
        from tenants.signals import church_resumed, church_settings_changed, church_swept

        due.register(due.DueKind(digest.NAME, work=digest.send_due, next_due=digest.next_due))
        church_resumed.connect(digest.plan_again, dispatch_uid="notifications.plan_again")
        church_swept.connect(digest.plan_again, dispatch_uid="notifications.plan_lost")
        church_swept.connect(domain.forget_old, dispatch_uid="notifications.forget_old")
        sign_ins_changed.connect(domain.sign_ins_changed, dispatch_uid="notifications.sign_ins_changed")
        church_settings_changed.connect(domain.church_changed, dispatch_uid="notifications.church_changed")
