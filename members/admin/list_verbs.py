"""What else can be done with the people of the list, as it is filtered: links above it.

A room above adds one in its ``admin``:

    @list_verb(position=10)
    def write_to_them(request):
        return Verb(_("Write to these people"), f"{address}?{request.GET.urlencode()}")
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest

from .person_page import Verb

Reader = Callable[[HttpRequest], Verb | None]

_readers: list[tuple[int, Reader]] = []


def list_verb(*, position: int) -> Callable[[Reader], Reader]:
    """Adds a link, by rising ``position``; the function answers None where it is not for this user."""

    def add(reader: Reader) -> Reader:
        _readers.append((position, reader))
        return reader

    return add


def list_verbs_for(request: HttpRequest) -> list[Verb]:
    """What can be done with the list, in order."""
    ordered = sorted(_readers, key=lambda entry: entry[0])
    return [verb for _position, reader in ordered if (verb := reader(request)) is not None]
