"""Addresses of files in templates: ``{% file_url person.photo %}``."""

from __future__ import annotations

from django import template

from files.models import StoredFile
from files.urls import file_url as url_of

register = template.Library()


@register.simple_tag
def file_url(file: StoredFile | None) -> str:
    """The address at which ``file`` can be fetched for five minutes; empty for none."""
    return url_of(file) if file else ""
