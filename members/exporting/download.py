"""Sending an exported file."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import IO

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import FileResponse, HttpRequest, StreamingHttpResponse
from django.utils import timezone

from .files import FORMATS

BLOCK = 64 * 1024


def download(request: HttpRequest, file: IO[bytes], file_format: str) -> StreamingHttpResponse:
    """``file`` as an attachment, block by block; closed at the end."""
    name = f"people-{timezone.localdate().isoformat()}.{file_format}"
    if isinstance(request, ASGIRequest):
        answer = StreamingHttpResponse(_blocks(file), content_type=FORMATS[file_format])
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer
    return FileResponse(file, as_attachment=True, filename=name, content_type=FORMATS[file_format])


async def _blocks(file: IO[bytes]) -> AsyncIterator[bytes]:
    # Under ASGI Django would read an ordinary iterator to its end before it sends the first byte.
    with file:
        while block := await sync_to_async(file.read)(BLOCK):
            yield block
