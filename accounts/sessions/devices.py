"""A browser and a system in words, read from what a browser says of itself."""

from __future__ import annotations

from django.utils.translation import gettext as _

# Each names itself with others' names too, so the first that is found counts.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)


def _first(names: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((name for mark, name in names if mark in user_agent), "")


def device(user_agent: str) -> str:
    """“Firefox, Windows” for a ``User-Agent`` (RFC 9110, 10.1.5); a program's own name, shortened."""
    known = [name for name in (_first(BROWSERS, user_agent), _first(SYSTEMS, user_agent)) if name]
    return ", ".join(known) or user_agent[:60] or _("unknown device")
