from importlib import import_module

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Users"

    def ready(self) -> None:
        # Models are not loaded before this point. Django itself looks for pages in admin.py alone,
        # which holds those of a church.
        import_module("accounts.platform_admin")

        # Deferred for the same reason.
        from accounts.models import User
        from accounts.tokens import forget_ended_logins
        from core.history import track
        from tenants.signals import church_swept

        church_swept.connect(forget_ended_logins, dispatch_uid="accounts.forget_ended_logins")
        track(User, leave_out=["tenant", "last_login"], hide=["password"])
