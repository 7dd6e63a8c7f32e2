"""Every address that a URL configuration answers, with the methods of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.urls import URLPattern, URLResolver

METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Address:
    """A route as the configuration writes it (``api/members/<uuid:pk>``), what answers, and its name."""

    route: str
    callback: Any
    name: str

    @property
    def methods(self) -> list[str]:
        """Methods that the view has a handler for, in capitals; GET and POST for a function."""
        actions = getattr(self.callback, "actions", None)
        if actions:
            return sorted(method.upper() for method in actions if method in METHODS)
        view_class = getattr(self.callback, "cls", None) or getattr(self.callback, "view_class", None)
        if view_class is None:
            return ["GET", "POST"]
        allowed = view_class.http_method_names
        return sorted(
            method.upper() for method in METHODS if method in allowed and hasattr(view_class, method)
        )


def walk(patterns: Iterable[Any], prefix: str = "") -> Iterator[Address]:
    """All addresses below ``patterns``."""
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from walk(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield Address(route, pattern.callback, pattern.name or "")


def addresses_of(urlconf: str) -> list[Address]:
    """All addresses of the URL configuration module ``urlconf``."""
    return list(walk(import_module(urlconf).urlpatterns))
