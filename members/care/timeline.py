"""What happened with a person, in one order: notes, prayer, visits, registrations, messages.

A room above adds its own in ``AppConfig.ready`` (or a module imported there):

    @source("visits", _("Visits"), permission="visits:read")
    def visits_of(user, member, before, count):
        return [Moment(...), ...]
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from accounts.models import User
from members.models import Member


@dataclass(frozen=True)
class Moment:
    """One thing that happened, or is to happen, at ``at``.

    ``title`` and ``text`` are what ``user`` may read, in plain text; ``who`` did it. ``url`` is a page of
    the admin, ``tab`` one of the person's own page, or both are empty; ``icon`` is one of the admin's
    symbols; ``key`` tells two at the same time apart.
    """

    at: datetime
    key: str
    title: str
    text: str = ""
    url: str = ""
    icon: str = "circle"
    who: str = ""
    tab: str = ""


# (user, member, before, count): the newest ``count`` before the time ``before``, newest first.
MomentReader = Callable[[User, Member, datetime, int], Sequence[Moment]]


@dataclass(frozen=True)
class Source:
    name: str
    title: Any
    permission: str
    reader: MomentReader


sources: dict[str, Source] = {}


def source(name: str, title: Any, *, permission: str) -> Callable[[MomentReader], MomentReader]:
    """Adds a source; its reader is asked only for who has ``permission``, and shows no more than they may
    see. It costs a fixed number of queries.
    """

    def add(reader: MomentReader) -> MomentReader:
        sources[name] = Source(name, title, permission, reader)
        return reader

    return add


# Later than whatever is planned.
EVER = datetime(9999, 1, 1, tzinfo=UTC)


def sources_for(user: User) -> list[Source]:
    """The sources that ``user`` may see, in the order in which the rooms were loaded."""
    return [entry for entry in sources.values() if user.has_permission(entry.permission)]


def moments_of(
    *, user: User, member: Member, before: datetime = EVER, count: int, only: str = ""
) -> list[tuple[Source, Moment]]:
    """The newest ``count`` moments before ``before`` of all sources that ``user`` may see, newest first;
    ``only`` names one of them. What is planned comes first, being the newest.
    """
    found = [
        (entry, moment)
        for entry in sources_for(user)
        if only in {"", entry.name}
        for moment in entry.reader(user, member, before, count)
    ]
    found.sort(key=lambda pair: (pair[1].at, pair[1].key), reverse=True)
    return found[:count]
