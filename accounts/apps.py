from importlib import import_module

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Users"

    def ready(self) -> None:
        # Models are not loaded before this point. Django itself looks for pages in admin.py alone,
        # which holds those of a church.
        import_module("accounts.platform_admin")
        import_module("accounts.history_page")

        # Deferred for the same reason.
        from django.contrib.auth.signals import user_logged_in, user_logged_out

        from accounts.models import TwoFactor, User
        from accounts.sessions import domain as sessions
        from accounts.tokens import forget_ended_logins
        from accounts.two_factor import requirement
        from accounts.two_factor.forms import requirement_field
        from core.history import track
        from tenants.church_settings import register_entry
        from tenants.signals import church_swept

        user_logged_in.connect(sessions.begin, dispatch_uid="accounts.sessions.begin")
        user_logged_out.connect(sessions.end_present, dispatch_uid="accounts.sessions.end_present")
        church_swept.connect(sessions.forget_ended, dispatch_uid="accounts.sessions.forget_ended")
        church_swept.connect(forget_ended_logins, dispatch_uid="accounts.forget_ended_logins")
        register_entry(requirement.SETTING, requirement.validate, form_field=requirement_field)
        track(User, leave_out=["tenant", "last_login"], hide=["password"])
        track(
            TwoFactor, about="user_id", leave_out=["user", "begun_at", "last_step"], hide=["recovery_digests"]
        )
