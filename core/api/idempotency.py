"""``Idempotency-Key``: a POST that creates can be sent again and is carried out once.

Follows the IETF draft draft-ietf-httpapi-idempotency-key-header. The key is remembered in the
same transaction as what was created, so that neither can exist without the other.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

import orjson
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from core.models import IdempotencyKey
from core.network import address_bucket, client_address

from .problems import ConflictError
from .renderers import JSONRenderer

HEADER = "Idempotency-Key"
LIFETIME = timedelta(hours=24)
KEY = re.compile(r"[ -~]{0,255}")


def _digest(value: Any) -> str:
    if isinstance(value, UploadedFile):
        digest = hashlib.sha256()
        for chunk in value.chunks():
            digest.update(chunk)
        value.seek(0)
        return digest.hexdigest()
    return str(value)


def _fingerprint(request: Request) -> str:
    data = request.data
    if hasattr(data, "lists"):
        content: Any = {name: [_digest(value) for value in values] for name, values in data.lists()}
    else:
        content = data
    query = sorted(request.query_params.lists())
    return hashlib.sha256(orjson.dumps([query, content], option=orjson.OPT_SORT_KEYS)).hexdigest()


def _key(request: Request) -> str:
    key: str = request.headers.get(HEADER, "")
    if not KEY.fullmatch(key):
        raise ValidationError({HEADER: [_("At most 255 printable ASCII characters.")]})
    return key


def _scope(request: Request) -> str:
    """Who asked for what. Visitors are told apart by address: none may draw another's answer."""
    who = request.user.pk or address_bucket(client_address(request))
    return hashlib.sha256(f"{who} {request.method} {request.path}".encode()).hexdigest()


def answer_once(request: Request, answer: Callable[[], Response]) -> Response:
    """``answer()``, or what it gave when the same user sent the same key and body before.

    Two requests at once: the second waits for the first one's transaction. Raises ConflictError
    when the key came with another body. Answers that are errors are not remembered.
    """
    key = _key(request)
    if not key:
        return answer()
    scope = _scope(request)
    fingerprint = _fingerprint(request)
    IdempotencyKey.objects.filter(scope=scope, key=key, created_at__lt=timezone.now() - LIFETIME).delete()
    candidate = IdempotencyKey(scope=scope, key=key, fingerprint=fingerprint)
    IdempotencyKey.objects.bulk_create([candidate], ignore_conflicts=True)
    stored = IdempotencyKey.objects.select_for_update().get(scope=scope, key=key)
    if stored.fingerprint != fingerprint:
        raise ConflictError("This Idempotency-Key was used with another request.")
    if stored.status:
        return Response(
            orjson.loads(stored.body), status=stored.status, headers={"Idempotency-Replayed": "true"}
        )
    response = answer()
    stored.status = response.status_code
    stored.body = JSONRenderer().render(response.data).decode() or "null"
    stored.save(update_fields=["status", "body"])
    return response


def creates(handler: Callable[..., Response]) -> Callable[..., Response]:
    """Marks a POST handler that creates: one transaction, and ``Idempotency-Key`` is obeyed."""

    @wraps(handler)
    def handle(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        with transaction.atomic():
            return answer_once(request, lambda: handler(view, request, *args, **kwargs))

    handle.creates = True  # type: ignore[attr-defined]  # read by the API's description
    return handle


def forget_old_keys() -> int:
    """Deletes the keys of this church that are past their 24 hours; returns how many."""
    return IdempotencyKey.objects.filter(created_at__lt=timezone.now() - LIFETIME).delete()[0]
