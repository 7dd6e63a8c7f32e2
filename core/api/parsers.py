"""Request bodies."""

from __future__ import annotations

from typing import Any

import orjson
from django.http.request import RawPostDataException
from django.http import UnreadablePostError
from rest_framework import parsers
from rest_framework.exceptions import ParseError


class JSONParser(parsers.JSONParser):
    """JSON (RFC 8259), read by orjson: no NaN, no lone surrogates; and no NUL, which PostgreSQL
    cannot store in text. Raises ParseError (400).
    """

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        try:
            body = stream.read()
        except (RawPostDataException, UnreadablePostError) as error:
            raise ParseError("The body could not be read.") from error
        if b"\\u0000" in body:
            raise ParseError("The body contains a NUL character.")
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise ParseError(f"The body is not valid JSON: {error.msg}.") from error
