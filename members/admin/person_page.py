"""The page of one person: a card with the verbs, and tabs to which each subject adds its own.

A room above adds a tab to it in its ``admin.py``, in the same way as the subjects here do:

    @person_page.tab("notes", _("Notes"), "members/notes_tab.html", position=30)
    def notes(request, person):
        return {"notes": [...]}

Tabs are addresses (``?tab=notes``), so they work without a script, can be kept and be sent to somebody.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from core.admin import may
from members.models import Member

DETAILS = "details"

TabReader = Callable[[HttpRequest, Member], dict[str, Any]]


@dataclass(frozen=True)
class Tab:
    """``permission`` is what it takes to be offered the tab; ``reader`` is asked only when it is open."""

    key: str
    title: Any
    template: str
    position: int
    permission: str
    reader: TabReader


@dataclass(frozen=True)
class Verb:
    """One thing to do with the person: a button that leads to ``url``."""

    label: str
    url: str
    icon: str = ""


VerbReader = Callable[[HttpRequest, Member], Verb | None]
LineReader = Callable[[HttpRequest, Member], str]


class PersonPage:
    """What a person's page shows besides the form."""

    def __init__(self) -> None:
        self._tabs: dict[str, Tab] = {}
        self._verbs: list[tuple[int, VerbReader]] = []
        self._lines: list[tuple[int, LineReader]] = []

    def tab(
        self, key: str, title: Any, template: str, *, position: int, permission: str = "members:read"
    ) -> Callable[[TabReader], TabReader]:
        """Adds a tab, by rising ``position``; the function answers what its template shows.

        The template finds that, and ``person``, in its context.
        """

        def add(reader: TabReader) -> TabReader:
            self._tabs[key] = Tab(key, title, template, position, permission, reader)
            return reader

        return add

    def verb(self, *, position: int) -> Callable[[VerbReader], VerbReader]:
        """Adds a button, by rising ``position``; the function answers None where it is not for this user."""

        def add(reader: VerbReader) -> VerbReader:
            self._verbs.append((position, reader))
            return reader

        return add

    def line(self, *, position: int) -> Callable[[LineReader], LineReader]:
        """Adds a line of text to the card, by rising ``position``; the function answers an empty text where
        there is nothing to say to this user.
        """

        def add(reader: LineReader) -> LineReader:
            self._lines.append((position, reader))
            return reader

        return add

    def tabs_for(self, request: HttpRequest) -> list[Tab]:
        """The tabs that whoever asks may open, in order."""
        allowed = [tab for tab in self._tabs.values() if may(request, tab.permission)]
        return sorted(allowed, key=lambda tab: tab.position)

    def chosen(self, request: HttpRequest) -> Tab | None:
        """The tab of the address; None for the form, and for a tab that is not there for this user."""
        key = request.GET.get("tab", DETAILS)
        return next((tab for tab in self.tabs_for(request) if tab.key == key), None)

    def verbs_for(self, request: HttpRequest, person: Member) -> list[Verb]:
        """What can be done with the person, in order."""
        ordered = sorted(self._verbs, key=lambda entry: entry[0])
        return [verb for _position, reader in ordered if (verb := reader(request, person)) is not None]

    def lines_for(self, request: HttpRequest, person: Member) -> list[str]:
        """What else the card says, in order."""
        ordered = sorted(self._lines, key=lambda entry: entry[0])
        return [line for _position, reader in ordered if (line := reader(request, person))]


person_page = PersonPage()


def person_url(person: Member, tab: str = DETAILS) -> str:
    """Address of a person's page, opened at ``tab``."""
    url = reverse("admin:members_member_change", args=[person.pk])
    return url if tab == DETAILS else f"{url}?tab={tab}"
