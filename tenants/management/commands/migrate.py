"""``manage.py migrate``: the platform's tables, then every church that is behind."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.commands import migrate

from tenants.context import outside_churches
from tenants.models import Church
from tenants.provisioning import migrate_due_churches, migration_state


class Command(migrate.Command):
    help = (
        "Migrates the platform's tables and then each church that is behind the code. "
        "With --check nothing is changed, and the status is 1 when something is due."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        super().handle(*args, **options)
        if options["check_unapplied"] and not options["app_label"]:
            with outside_churches():
                due = Church.objects.due_for_migration(migration_state()).count()
            if due:
                self.stdout.write(f"Churches behind the code: {due}.")
                sys.exit(1)
        partial = options["app_label"] or options["plan"] or options["check_unapplied"]
        if not partial:
            migrated = migrate_due_churches(report=self.stdout.write)
            if options["verbosity"] > 0:
                self.stdout.write(f"Churches migrated: {migrated}.")
