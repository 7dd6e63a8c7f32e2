"""Request bodies."""

from __future__ import annotations

import re
from typing import Any

import orjson
from django.conf import settings
from django.http import UnreadablePostError
from django.http.request import RawPostDataException
from django.utils.translation import gettext as _
from rest_framework import parsers
from rest_framework.exceptions import ParseError

from .problems import TooLargeError

# Far above any body that means something, far below what writing JSON again can take.
DEEPEST = 50
# PostgreSQL keeps 1e30 in JSON as a whole number of 31 digits, which could not be written again.
LARGEST_NUMBER = 2**63
LARGE_NUMBER = re.compile(rb"[0-9]{19}|[0-9][eE]")


class JSONParser(parsers.JSONParser):
    """JSON (RFC 8259), read by orjson: no NaN, no lone surrogates; and no NUL, which PostgreSQL
    cannot store in text. At most DATA_UPLOAD_MAX_MEMORY_SIZE bytes, 50 levels, and whole numbers
    of 64 bits.

    Raises ParseError (400), TooLargeError (413).
    """

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        most: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        try:
            body = stream.read(most + 1)
        except (RawPostDataException, UnreadablePostError) as error:
            raise ParseError(_("The body could not be read.")) from error
        if len(body) > most:
            raise TooLargeError
        try:
            value = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise ParseError(_("The body is not valid JSON: %(reason)s.") % {"reason": error.msg}) from error
        # The bytes say cheaply that nearly every body needs no closer look.
        deep = body.count(b"[") + body.count(b"{") > DEEPEST
        if deep or b"\\u0000" in body or LARGE_NUMBER.search(body):
            _refuse_what_cannot_be_kept(value)
        return value


def _refuse_what_cannot_be_kept(value: Any) -> None:
    """Raises ParseError for a NUL in a text or a name, for more than DEEPEST levels, and for numbers
    from LARGEST_NUMBER.
    """
    remaining = [(value, 1)]
    while remaining:
        part, depth = remaining.pop()
        if isinstance(part, str):
            if "\x00" in part:
                raise ParseError(_("The body contains a NUL character."))
        elif isinstance(part, float):
            if abs(part) >= LARGEST_NUMBER:
                raise ParseError(_("The body contains a number that is too large."))
        elif isinstance(part, dict | list):
            if depth > DEEPEST:
                raise ParseError(_("The body is nested too deeply."))
            inner = [*part.keys(), *part.values()] if isinstance(part, dict) else part
            remaining.extend((item, depth + 1) for item in inner)
