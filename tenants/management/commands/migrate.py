"""``manage.py migrate``: the platform's tables, then every church that is behind."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate

from tenants.provisioning import migrate_due_churches


class Command(migrate.Command):
    help = "Migrates the platform's tables and then each church that is behind the code."

    def handle(self, *args: Any, **options: Any) -> None:
        super().handle(*args, **options)
        partial = options["app_label"] or options["plan"] or options["check_unapplied"]
        if not partial:
            migrated = migrate_due_churches(report=self.stdout.write)
            if options["verbosity"] > 0:
                self.stdout.write(f"Churches migrated: {migrated}.")
