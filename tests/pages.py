"""Reading answered pages as their users do."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any


class _Text(HTMLParser):
    UNSEEN = frozenset({"script", "style", "template"})

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self._unseen += tag in self.UNSEEN

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in self.UNSEEN

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.parts.append(data)


def text_of(answer: Any) -> str:
    """What a page says, without its markup, single blanks between the words."""
    parser = _Text()
    parser.feed(answer.content.decode())
    return " ".join(" ".join(parser.parts).split())


def choose(action: str, *rows: Any, **more: Any) -> dict[str, Any]:
    """What a list's form sends for ``action`` on the rows that were ticked."""
    return {
        "action": action,
        "index": "0",
        "select_across": "0",
        "_selected_action": [str(row.pk) for row in rows],
        **more,
    }
