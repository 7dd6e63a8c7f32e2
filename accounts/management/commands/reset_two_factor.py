"""``manage.py reset_two_factor EMAIL [--church SUBDOMAIN]``"""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from accounts.two_factor.domain import reset
from core import context
from tenants.context import enter_church, outside_churches
from tenants.models import Church


class Command(BaseCommand):
    help = "Takes the second factor from somebody who has lost it, and signs them out everywhere."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the address with which they sign in")
        parser.add_argument("--church", help="the subdomain; without it, a superuser of the platform")

    def handle(self, *args: Any, **options: Any) -> None:
        with ExitStack() as place:
            place.enter_context(context.working_for(None, come_from="command"))
            place.enter_context(self._place(options["church"]))
            user = User.objects.here().with_email(options["email"]).first()
            if user is None:
                raise CommandError(f"Nobody signs in there with “{options['email']}”.")
            had_one = user.has_second_factor
            reset(user=user, by=None)
        state = "signs in by password alone now" if had_one else "had no second factor"
        self.stdout.write(f"{user.email} {state}.")

    def _place(self, subdomain: str | None) -> Any:
        if subdomain is None:
            return outside_churches()
        church = Church.objects.filter(subdomain=subdomain.strip().lower()).first()
        if church is None:
            raise CommandError(f"There is no church “{subdomain}”. manage.py list_churches shows all.")
        return enter_church(church, even_suspended=True)
