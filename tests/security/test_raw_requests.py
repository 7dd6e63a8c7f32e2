"""Requests that no client library would send, to both of our servers: refused or answered, never a fault."""

from __future__ import annotations

import json
import socket
from urllib.parse import urlsplit

import pytest

from tests import world
from tests.services import Server

pytestmark = pytest.mark.slow
BIG = b'{"email": "a@b.example", "password": "' + b"x" * 3_000_000 + b'"}'


@pytest.fixture(params=["wsgi", "asgi"])
def server(request, own_database, web):
    return web(own_database, interface=request.param, environment={"RATE_LIMIT_SCALE": "1000"})


def send(server: Server, request: bytes) -> tuple[int, bytes]:
    """Status and body of the answer to these very bytes; 0 when the connection is closed without one."""
    parts = urlsplit(server.url)
    with socket.create_connection((parts.hostname, parts.port), timeout=20) as connection:
        received = b""
        try:
            connection.sendall(request)
            while chunk := connection.recv(65536):
                received += chunk
        except ConnectionError:
            pass
    if not received.startswith(b"HTTP/1."):
        return 0, b""
    head, _, body = received.partition(b"\r\n\r\n")
    return int(head.split()[1]), body


def request(line: bytes, *headers: bytes, body: bytes = b"", host: bytes = b"grace.localhost") -> bytes:
    lines = [line + b" HTTP/1.1", b"Host: " + host, b"Connection: close", *headers]
    if body and not any(header.lower().startswith(b"transfer-encoding") for header in headers):
        lines.append(b"Content-Length: " + str(len(body)).encode())
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


JSON = b"Content-Type: application/json"
FORM = b"Content-Type: multipart/form-data"
URLENCODED = b"Content-Type: application/x-www-form-urlencoded"


# Each with the statuses that are right for it; 0 is a connection closed without a word.
REQUESTS: list[tuple[bytes, set[int]]] = [
    (request(b"GET /api/%ff%fe%00"), {400}),
    (request(b"GET /api/\xff\xfe"), {0, 400, 404}),
    (request(b"GET /api/\x00"), {0, 400}),
    (request(b"GET /api/%zz%"), {0, 400, 404}),
    (request(b"GET /api/members?search=%ff%00"), {400}),
    (request(b"GET /api/" + b"a" * 60_000), {0, 400, 404, 414, 431}),
    (request(b"GET /api/members", b"X-Long: " + b"a" * 200_000), {0, 400, 401, 431}),
    (request(b"GET /api/members", b"Authorization: Bearer \xff\xfe"), {0, 400, 401}),
    (request(b"GET /api/members", b"Accept: \xff"), {0, 400, 401, 406}),
    (request(b"GET /api/members", b"Cookie: session=\xff\xfe\xfd; csrf=\xff"), {0, 400, 401}),
    (request(b"GET /api/members", b'Cookie: session="\\000\\001abcdef"'), {400}),
    (request(b"GET /api/members", host=b"grace.localhost:99999"), {0, 400, 401}),
    (request(b"GET /api/members", host=b"grace.localhost@evil"), {0, 400}),
    (request(b"GET /api/members", host=b"\xff"), {0, 400, 404}),
    (request(b"GET /api/members", host=b""), {0, 400, 404}),
    (b"GET /api/members HTTP/1.0\r\n\r\n", {0, 400, 404}),
    (b"NONSENSE\r\n\r\n", {0, 400}),
    (request(b"POST /api/auth/login", JSON, body=b"\xff"), {400}),
    (request(b"POST /api/auth/login", JSON, body=BIG), {0, 413}),
    (request(b"POST /api/auth/login", JSON, b"Content-Length: nonsense"), {0, 400, 413}),
    (request(b"POST /api/auth/login", JSON, b"Content-Length: -1"), {0, 400}),
    # Under ASGI the program hears that the client has gone, and granian answers by itself.
    (request(b"POST /api/auth/login", JSON, b"Transfer-Encoding: chunked", body=b"zz\r\n"), {0, 400, 500}),
    (request(b"POST /api/auth/login", b"Content-Type: \xff", body=b"{}"), {0, 400, 415}),
    (request(b"POST /api/auth/login", FORM, body=b"--"), {400, 415}),
    (request(b"POST /admin/login/", FORM + b"; boundary=\xff", body=b"x"), {0, 400, 403}),
    (request(b"POST /admin/login/", FORM, body=b"x"), {400, 403}),
    (request(b"POST /admin/login/", URLENCODED, body=b"%00=%ff&" * 3000), {400, 403}),
]  # fmt: skip


def test_what_cannot_be_read_is_refused(server):
    for raw, statuses in REQUESTS:
        status, body = send(server, raw)
        assert status in statuses, (raw[:80], status, body[:300])
        assert status != 500 or body == b"Internal server error"
    assert '"status": 500' not in server.text()
    assert "Traceback" not in server.text()


def test_a_body_in_pieces_is_a_body(server):
    login = json.dumps({"email": world.email_of("anna"), "password": world.PASSWORD}).encode()
    whole = request(b"POST /api/auth/login", JSON, body=login)
    assert send(server, whole)[0] == 200
