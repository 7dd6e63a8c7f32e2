from importlib import import_module

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Users"

    def ready(self) -> None:
        # Models are not loaded before this point. Django itself looks for pages in admin.py alone,
        # which holds those of a church.
        import_module("accounts.platform_admin")
