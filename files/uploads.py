"""Files as they come in, over the API and on pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from rest_framework import serializers
from rest_framework.request import Request

from core.rate_limits import Limit, count

from .domain import too_large_text

UPLOAD_LIMIT = Limit("upload", 10, 60)
# What a multipart body holds besides the file.
ALLOWANCE = 1024 * 1024


class FileInput(forms.FileInput):
    """The browser's own field: it says what was chosen and has a focus, without any script."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"class": "file-input", **(attrs or {})})

    class Media:
        css = {"all": ["files/files.css"]}


def count_upload(request: Request) -> None:
    """Counts an upload, and looks at its size before it is read, so that nobody fills the disk with it.

    Raises TooManyRequestsError, and ValidationError (``file``).
    """
    count(UPLOAD_LIMIT, str(request.user.pk))
    length = request.META.get("CONTENT_LENGTH") or "0"
    if length.isdigit() and int(length) > settings.LARGEST_UPLOAD + ALLOWANCE:
        raise serializers.ValidationError({"file": [too_large_text()]})
