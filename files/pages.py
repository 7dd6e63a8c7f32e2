"""Addresses at which files on disk are handed out."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Any

from asgiref.sync import sync_to_async
from django.core.files.base import File
from django.core.handlers.asgi import ASGIRequest
from django.http import FileResponse, Http404, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import path
from django.views.decorators.http import require_safe

from . import objects
from .models import StoredFile
from .urls import disposition_of, ticket_of

BLOCK = 64 * 1024
# Whatever got in must not run, wherever it is opened.
POLICY = "default-src 'none'; sandbox"


@require_safe
def signed_file(request: HttpRequest, token: str) -> HttpResponseBase:
    """The file for which the token was signed; for everything else 404, without a word why."""
    ticket = ticket_of(token)
    file = StoredFile.objects.filter(pk=ticket.file_id).first() if ticket else None
    if ticket is None or file is None:
        raise Http404
    try:
        content = objects.opened(file.key)
    except FileNotFoundError as gone:
        raise Http404 from gone
    answer = _streamed(request, content, file)
    answer["Content-Length"] = str(content.size)
    answer["Content-Disposition"] = disposition_of(file, download=ticket.download)
    answer["Content-Security-Policy"] = POLICY
    answer["X-Content-Type-Options"] = "nosniff"
    left = max(0, ticket.expires_at - int(time.time()))
    answer["Cache-Control"] = f"private, max-age={left}, immutable"
    return answer


def _streamed(request: HttpRequest, content: File[bytes], file: StoredFile) -> HttpResponseBase:
    if isinstance(request, ASGIRequest):
        return StreamingHttpResponse(_blocks(content), content_type=file.content_type)
    answer: Any = FileResponse(content, content_type=file.content_type)
    answer.block_size = BLOCK
    return answer


async def _blocks(content: File[bytes]) -> AsyncIterator[bytes]:
    # Under ASGI Django would read an ordinary iterator to its end before it sends the first byte.
    with content:
        while block := await sync_to_async(content.read)(BLOCK):
            yield block


urlpatterns = [path("files/<str:token>", signed_file, name="file")]
