"""What the commands of a church's life have in common."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from tenants.models import Church
from tenants.transfer import ArchiveError


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turns what doors refuse into the command's error: one line for each reason, exit code 1."""
    try:
        yield
    except ValidationError as error:
        if hasattr(error, "error_dict"):
            lines = [
                f"{field.replace('_', '-')}: {message}"
                for field, messages in error.message_dict.items()
                for message in messages
            ]
        else:
            lines = error.messages
        raise CommandError("\n".join(lines)) from error
    except ArchiveError as error:
        raise CommandError(str(error)) from error
    except OSError as error:
        raise CommandError(f"{error.filename or 'file'}: {error.strerror}") from error


class ChurchCommand(BaseCommand):
    """A command about one church, named by its subdomain."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("subdomain", help="the church's subdomain, like grace")

    def church(self, subdomain: str) -> Church:
        """Raises CommandError when there is none."""
        found = Church.objects.filter(subdomain=subdomain.strip().lower()).first()
        if found is None:
            raise CommandError(f"There is no church “{subdomain}”. manage.py list_churches shows all.")
        return found
