"""HTML that people wrote, made fit for mail: what is not on the list is taken out."""

from __future__ import annotations

import html as markup
import re
from collections import Counter

import nh3

from .merge_fields import ADDRESSES, CANDIDATE

TAGS = {
    "a", "b", "blockquote", "br", "caption", "center", "code", "div", "em", "h1", "h2", "h3", "h4", "hr", "i",
    "img", "li", "ol", "p", "pre", "s", "small", "span", "strong", "sub", "sup", "table", "tbody", "td",
    "tfoot", "th", "thead", "tr", "u", "ul",
}  # fmt: skip
CELL = {"align", "colspan", "rowspan", "valign", "width"}
ATTRIBUTES = {
    "*": {"dir", "lang", "style"},
    "a": {"href", "title"},
    "img": {"alt", "height", "src", "title", "width"},
    "ol": {"start"},
    "table": {"align", "border", "cellpadding", "cellspacing", "width"},
    "td": CELL,
    "th": {*CELL, "scope"},
}
# None of them can hold an address, move something over the page or hide it.
STYLES = {
    "background-color", "border", "border-bottom", "border-collapse", "border-color", "border-left",
    "border-radius", "border-right", "border-spacing", "border-style", "border-top", "border-width", "color",
    "font-family", "font-size", "font-style", "font-weight", "height", "letter-spacing", "line-height",
    "list-style-type", "margin", "margin-bottom", "margin-left", "margin-right", "margin-top", "max-width",
    "padding", "padding-bottom", "padding-left", "padding-right", "padding-top", "text-align",
    "text-decoration", "text-transform", "vertical-align", "white-space", "width",
}  # fmt: skip
SCHEMES = {"http", "https", "mailto", "tel"}
# Where merge fields may stand besides the text. They are escaped there like everywhere.
WITH_FIELDS = {"alt", "href", "src", "title"}
# An address whose beginning, up to the end of the host, is written out; or one of our own and a path.
WRITTEN_OUT = re.compile(
    r"(?:https?://[^\s/?#{}\\]+(?:[/?#].*)?|(?:mailto|tel):[^{}\s].*)", re.IGNORECASE | re.DOTALL
)
OWN_ADDRESS = re.compile(
    r"\{\{\s*(?:" + "|".join(re.escape(name) for name in sorted(ADDRESSES)) + r")\s*\}\}(?:[/?#].*)?",
    re.DOTALL,
)
DEEPEST = 200
OPENED_OR_CLOSED = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)")
CLOSED_BY_THEMSELVES = {
    "area", "base", "br", "caption", "col", "colgroup", "dd", "dt", "embed", "hr", "img", "input", "li",
    "link", "meta", "option", "p", "source", "tbody", "td", "tfoot", "th", "thead", "tr", "wbr",
}  # fmt: skip


def clean_html(html: str) -> str:
    """``html`` with nothing in it but what a mail may have: text, headings, lists, tables, links by http,
    https, mailto and tel, images by https, and simple styles. Cleaning it twice changes nothing.
    """
    return cleaned(html)[0]


def cleaned(html: str) -> tuple[str, list[str]]:
    """``clean_html``, and the merge fields that were taken out with the attribute in which they stood."""

    def kept(tag: str, attribute: str, value: str) -> str | None:
        return value if _may_stay(tag, attribute, value) else None

    clean = nh3.clean(
        html,
        tags=TAGS,
        clean_content_tags={"script", "style", "title", "head", "template", "svg", "math"} - TAGS,
        attributes=ATTRIBUTES,
        tag_attribute_values={"table": {"role": {"presentation"}}},
        attribute_filter=kept,
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer",
        filter_style_properties=STYLES,
    )
    # Editors put a hard space between braces and field; nh3 writes one as an entity.
    clean = CANDIDATE.sub(lambda field: field[0].replace("&nbsp;", " "), clean)
    return clean, list((_names_in(html) - _names_in(clean)).elements())


def _names_in(html: str) -> Counter[str]:
    return Counter(field[1].partition("|")[0].strip() for field in CANDIDATE.finditer(markup.unescape(html)))


def is_too_deep(html: str) -> bool:
    """Whether elements lie in one another so deeply that going through them would take long."""
    depth = 0
    for tag in OPENED_OR_CLOSED.finditer(html):
        if tag[2].lower() not in CLOSED_BY_THEMSELVES:
            depth = max(0, depth - 1) if tag[1] else depth + 1
            if depth > DEEPEST:
                return True
    return False


def _may_stay(tag: str, attribute: str, value: str) -> bool:
    if "{{" in value and attribute not in WITH_FIELDS:
        return False
    if tag == "img" and attribute == "src":
        return value.lower().startswith("https://") and bool(WRITTEN_OUT.fullmatch(value))
    if attribute == "href":
        # A mail has no address that others could be relative to.
        return bool(WRITTEN_OUT.fullmatch(value) or OWN_ADDRESS.fullmatch(value))
    return True
