"""Merge fields: the few words in double braces that become each person's own.

    Dear {{ member.first_name | friend }},

What may stand in the braces is the list below and nothing else: no expression, no filter, no call. What
stands behind the bar is written where the person has no such value. There is no engine: a text is gone
through once, and a value that looks like a merge field is a value.

In an address of a link, ``automation.writing.preparing`` puts a mark in front (``{{%member.last_name}}``),
which nobody else may write: there a value is percent-encoded (RFC 3986, 2.1).
"""

from __future__ import annotations

import html as markup
import re
from collections.abc import Mapping
from difflib import get_close_matches
from urllib.parse import quote

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

FIELDS: dict[str, object] = {
    "member.first_name": gettext_lazy("first name"),
    "member.called": gettext_lazy("what they are called: the nickname, or else the first name"),
    "member.last_name": gettext_lazy("last name"),
    "member.full_name": gettext_lazy("first and last name"),
    "church.name": gettext_lazy("name of your church"),
    "church.url": gettext_lazy("address of your church’s pages here"),
    "event.title": gettext_lazy("name of the event"),
    "event.date": gettext_lazy("day of the event"),
    "event.time": gettext_lazy("time of the event"),
    "unsubscribe_url": gettext_lazy("address at which one declines such messages"),
    "preferences_url": gettext_lazy("address at which one chooses what one gets"),
}
# Fields that only the sequences of one trigger have.
OF_TRIGGER = {
    "event.title": "event_registered",
    "event.date": "event_registered",
    "event.time": "event_registered",
}
# Their values are whole addresses of our own, so that a link may begin with them.
ADDRESSES = frozenset({"church.url", "unsubscribe_url", "preferences_url"})
EXAMPLE = "{{ member.first_name | friend }}"

NAME = r"[a-z_]+(?:\.[a-z_]+)?"
FIELD = re.compile(r"\{\{(%?)\s*(" + NAME + r")\s*(?:\|([^{}|<>]*))?\}\}")
CANDIDATE = re.compile(r"\{\{([^{}]*)\}\}")
BROKEN = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}")
# What other systems write behind a bar: a filter, which would be taken for a fallback here.
FILTER = re.compile(
    r"(?:upper|lower|title|capfirst|capitalize|escape|safe|e|trim|urlencode|default(?:_if_none)?)"
    r"(?:\s*[:(].*)?",
    re.DOTALL,
)
MOST_SHOWN = 60


def fields_for(trigger: str = "") -> dict[str, object]:
    """The fields that a message of sequences with this trigger may use, with what each is."""
    return {name: text for name, text in FIELDS.items() if OF_TRIGGER.get(name, trigger) == trigger}


def check(text: str, *, trigger: str = "") -> None:
    """Raises ValidationError, in words for whoever writes, for braces that are no known merge field."""
    offered = list(fields_for(trigger))
    found = [_problem(candidate[1], offered) for candidate in CANDIDATE.finditer(text)]
    problems = [problem for problem in found if problem]
    if BROKEN.search(CANDIDATE.sub("", text)):
        problems.append(
            _(
                "Braces are for merge fields alone, which look like %(example)s: two braces, a field, and"
                " two braces. There are no other commands."
            )
            % {"example": EXAMPLE}
        )
    if problems:
        raise ValidationError(list(dict.fromkeys(problems)))


def _problem(inside: str, offered: list[str]) -> str:
    """What is wrong with what stands between two braces; empty when nothing is."""
    name, bar, fallback = inside.partition("|")
    name = name.strip()
    shown = {"field": f"{{{{ {' '.join(inside.split())[:MOST_SHOWN]} }}}}", "example": EXAMPLE}
    if name not in offered:
        return _unknown(name, offered, shown)
    if bar and ("|" in fallback or FILTER.fullmatch(fallback.strip())):
        return (
            _(
                "%(field)s: behind the bar stands what is written when there is no such value, as in"
                " %(example)s. There are no filters."
            )
            % shown
        )
    if "<" in fallback or ">" in fallback:
        return _("%(field)s: formatting goes around a merge field, not into it.") % shown
    return ""


def _unknown(name: str, offered: list[str], shown: dict[str, str]) -> str:
    if trigger := OF_TRIGGER.get(name):
        return (
            _("%(field)s is there only in sequences that start with somebody’s registration for an event.")
            if trigger == "event_registered"
            else _("%(field)s is not there in this message.")
        ) % shown
    if near := closest(name, offered):
        return _("%(field)s is not known. Did you mean %(near)s?") % {**shown, "near": f"{{{{ {near} }}}}"}
    known = ", ".join(offered)
    return _("%(field)s is not known. It is written like %(example)s; there are: %(known)s.") % {
        **shown,
        "known": known,
    }


def closest(name: str, offered: list[str]) -> str:
    """The offered field that was probably meant; empty when none is near."""
    wanted = re.sub(r"\W+", "_", name[:MOST_SHOWN].lower()).strip("_")
    spellings: dict[str, str] = {}
    for field in offered:
        spellings.setdefault(field.rpartition(".")[2], field)
        spellings.setdefault(field.replace(".", "_"), field)
        spellings.setdefault(field.rpartition(".")[2].replace("_", ""), field)
    found = get_close_matches(wanted, spellings, n=1, cutoff=0.75)
    return spellings[found[0]] if found else ""


def fill(text: str, values: Mapping[str, str], *, html: bool) -> str:
    """``text`` with each merge field replaced by its value, or by what stands behind its bar.

    With ``html``, ``text`` is markup (as ``automation.writing.cleaning`` leaves it) and values are escaped;
    without, they are put in as they are. A field that ``values`` lacks is empty.
    """

    def value_of(field: re.Match[str]) -> str:
        in_address, name, fallback = field.groups()
        value = values.get(name, "")
        if not value:
            # Of the text itself: in markup it is markup already.
            return (fallback or "").strip()
        if in_address:
            return quote(value, safe="")
        return markup.escape(value) if html else value

    return FIELD.sub(value_of, text) if "{{" in text else text
