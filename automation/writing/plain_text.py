"""The text part of a mail, read off its HTML."""

from __future__ import annotations

import re
from html.parser import HTMLParser

BLOCKS = {
    "blockquote", "caption", "center", "div", "h1", "h2", "h3", "h4", "hr", "li", "ol", "p", "pre", "table",
    "tr", "ul",
}  # fmt: skip
# Behind these stands an empty line.
SPACED = {"blockquote", "h1", "h2", "h3", "h4", "hr", "ol", "p", "pre", "table", "ul"}


def text_of(html: str) -> str:
    """``html`` (clean) as text: paragraphs parted by empty lines, list items on lines of their own, links
    as ``text (address)``, images by what they are said to show.
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.text()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = [""]
        # Open lists: the next number, or None where bullets are.
        self.lists: list[int | None] = []
        self.link = ""
        self.link_text = ""
        self.is_pre = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        stated = {name: value or "" for name, value in attrs}
        if tag in BLOCKS:
            self._break(tag in SPACED and not (tag in {"ul", "ol"} and self.lists))
        if tag in {"ul", "ol", "li"}:
            self._begin_list(tag, stated.get("start", ""))
        match tag:
            case "br":
                self.lines.append("")
            case "hr":
                self.lines[-1] = "-----"
                self._break(True)
            case "pre":
                self.is_pre += 1
            case "td" | "th":
                self._write(" " if self.lines[-1].strip() else "")
            case "img":
                self._write(stated.get("alt", ""))
            case "a":
                self.link, self.link_text = stated.get("href", ""), ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self.link:
            shown = self.link.removeprefix("mailto:").removeprefix("tel:")
            if self.link_text.strip() not in {shown, self.link}:
                self._write(f" ({shown})" if self.link_text.strip() else shown)
            self.link = ""
        if tag in {"ul", "ol"} and self.lists:
            self.lists.pop()
        if tag == "pre":
            self.is_pre = max(0, self.is_pre - 1)
        if tag in BLOCKS:
            self._break(tag in SPACED and not self.lists)

    def handle_data(self, data: str) -> None:
        if self.is_pre:
            first, *others = data.split("\n")
            self.lines[-1] += first
            self.lines.extend(others)
            return
        self._write(re.sub(r"\s+", " ", data))

    def _write(self, text: str) -> None:
        if self.link:
            self.link_text += text
        if self.lines[-1].endswith((" ", "\t")) or not self.lines[-1]:
            text = text.lstrip(" ")
        self.lines[-1] += text

    def _begin_list(self, tag: str, start: str) -> None:
        if tag == "li":
            self._begin_item()
        else:
            first = int(start[:6]) if start.isdecimal() else 1
            self.lists.append(first if tag == "ol" else None)

    def _begin_item(self) -> None:
        number = self.lists[-1] if self.lists else None
        indent = "  " * (len(self.lists) - 1)
        self.lines[-1] = f"{indent}- " if number is None else f"{indent}{number}. "
        if number is not None:
            self.lists[-1] = number + 1

    def _break(self, with_empty_line: bool) -> None:
        if self.lines[-1].strip():
            self.lines.append("")
        if with_empty_line and len(self.lines) > 1 and self.lines[-2].strip():
            self.lines.append("")

    def text(self) -> str:
        lines = [line.rstrip() for line in self.lines]
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
