"""Many requests at the same moment.

One client with hundreds of connections spends seconds of its own on looking through its pool for each
request, so the requests are shared out among several.
"""

from __future__ import annotations

import asyncio
import ssl
from typing import Any

import httpx

CLIENTS = 20


async def _share(url: str, requests: list[dict[str, Any]], context: ssl.SSLContext) -> list[httpx.Response]:
    limits = httpx.Limits(max_connections=10)
    async with httpx.AsyncClient(base_url=url, timeout=120, limits=limits, verify=context) as client:
        return await asyncio.gather(*[client.request(**request) for request in requests])


async def send_at_once(url: str, requests: list[dict[str, Any]]) -> list[httpx.Response]:
    """The answers to ``requests`` (``method``, ``url`` and what else httpx takes), all sent at once.

    At most 200 are under way together; answers come in the order of the requests.
    """
    # Reading the authorities' certificates takes longer than a request; one context serves all.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    shares = await asyncio.gather(
        *[_share(url, requests[start::CLIENTS], context) for start in range(min(CLIENTS, len(requests)))]
    )
    return [shares[number % CLIENTS][number // CLIENTS] for number in range(len(requests))]
