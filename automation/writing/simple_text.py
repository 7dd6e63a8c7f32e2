"""Text as people type it, with a few signs for formatting, made HTML.

    # A heading
    A paragraph, *bold* and _italic_, https://grace.example or [our page](https://grace.example).

    - a list
    - of two

    1. a list
    2. with numbers

Empty lines part paragraphs; a line's end within one stays. What is not known is text.
"""

from __future__ import annotations

import html as markup
import re
from collections.abc import Callable

from .cleaning import clean_html
from .merge_fields import CANDIDATE

HEADING = re.compile(r"#{1,3} +(\S.*)")
BULLET = re.compile(r"[-*•] +(\S.*)")
NUMBERED = re.compile(r"\d{1,3}[.)] +(\S.*)")
NAMED_LINK = re.compile(r"\[([^\[\]\n]{1,200})\]\(((?:https?://|mailto:|tel:|\ue000)[^\s()]{1,2000})\)")
BARE_LINK = re.compile(r"https?://[^\s<>()\"']{1,2000}")
BOLD = re.compile(r"(?<![\w*])\*(?=[^\s*])([^*\n]{1,1000}?)(?<=[^\s*])\*(?![\w*])")
ITALIC = re.compile(r"(?<![\w_])_(?=[^\s_])([^_\n]{1,1000}?)(?<=[^\s_])_(?![\w_])")
KEPT = re.compile("\ue000(\\d+)\ue001")


def html_of(text: str) -> str:
    """``text`` as clean HTML."""
    text = text.replace("\ue000", "").replace("\ue001", "").replace("\r\n", "\n").replace("\r", "\n")
    blocks = [block for block in re.split(r"\n[ \t]*\n", text) if block.strip()]
    return clean_html("\n".join(_block(block.strip("\n")) for block in blocks))


def _block(block: str) -> str:
    """One stretch without empty lines: lists and headings in it stand by themselves."""
    parts: list[str] = []
    lines: list[str] = []
    kind = ""
    for line in [*block.split("\n"), None]:
        found, content = _kind_of(line) if line is not None else ("end", "")
        if found != kind or found == "h2":
            if lines:
                parts.append(_element(kind, lines))
            lines, kind = [], found
        lines.append(content)
    return "\n".join(parts)


def _kind_of(line: str) -> tuple[str, str]:
    for kind, pattern in (("h2", HEADING), ("ul", BULLET), ("ol", NUMBERED)):
        if found := pattern.fullmatch(line.strip()):
            return kind, found[1]
    return "p", line.strip()


def _element(kind: str, lines: list[str]) -> str:
    contents = [_inline(line) for line in lines]
    if kind in {"ul", "ol"}:
        return f"<{kind}>{''.join(f'<li>{content}</li>' for content in contents)}</{kind}>"
    return f"<{kind}>{'<br>'.join(contents)}</{kind}>"


def _inline(line: str) -> str:
    kept: list[str] = []

    def keep(made: str) -> str:
        kept.append(made)
        return f"\ue000{len(kept) - 1}\ue001"

    # Set aside in this order, so that an underscore in a field or an address is none of emphasis.
    line = CANDIDATE.sub(lambda field: keep(markup.escape(field[0], quote=False)), line)
    line = markup.escape(line, quote=False)
    line = NAMED_LINK.sub(lambda link: keep(_link(link[2], link[1])), line)
    line = BARE_LINK.sub(_bare(keep), line)
    line = BOLD.sub(r"<strong>\1</strong>", line)
    line = ITALIC.sub(r"<em>\1</em>", line)
    # A link holds what was set aside before it.
    for _again in range(2):
        line = KEPT.sub(lambda number: kept[int(number[1])], line)
    return line


def _link(address: str, text: str) -> str:
    quoted = address.replace('"', "%22")
    return f'<a href="{quoted}">{text}</a>'


def _bare(keep: Callable[[str], str]) -> Callable[[re.Match[str]], str]:
    def link(found: re.Match[str]) -> str:
        # The sentence's own sign behind it is not of the address.
        address = found[0].rstrip(".,;:!?")
        return keep(_link(address, address)) + found[0][len(address) :]

    return link
