"""Addresses of files: signed, for a while, for one church; and how they are answered."""

from __future__ import annotations

import asyncio
import io
import time
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from django.http import HttpResponse
from django.test import AsyncRequestFactory, Client

from files import domain, pages, urls
from tenants.context import enter_church
from tenants.domain import suspend_church
from tenants.hosts import forget_hosts
from tests.files.samples import PDF, picture

PNG = picture("PNG")


@pytest.fixture
def fetch(grace):
    """``fetch(path)``: the whole answer at Grace for somebody who is not signed in."""

    def get(path, host="grace.localhost"):
        # A request leaves the church when it ends, and the test goes on in it.
        with enter_church(grace, even_suspended=True):
            answer = Client().get(path, headers={"host": host})
        content = answer.getvalue()
        return HttpResponse(content, status=answer.status_code, headers=dict(answer.headers))

    return get


def store(content, name, purpose="document"):
    return domain.store_file(content=io.BytesIO(content), name=name, purpose=purpose)


def test_a_file_on_disk_is_fetched_by_its_signed_address(on_disk, in_grace, fetch):
    plan = store(PDF, "Plan “Advent”.pdf")
    answer = fetch(urls.file_url(plan))
    assert (answer.status_code, answer.content) == (200, PDF)
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Length"] == str(len(PDF))
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''Plan%20")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["Cache-Control"].startswith("private, max-age=")
    assert not answer.cookies


def test_only_pictures_are_shown_and_they_too_can_be_saved(on_disk, in_grace, fetch):
    photo, text = store(PNG, "us.png"), store(b"hello", "hello.html")
    assert fetch(urls.file_url(photo))["Content-Disposition"] == 'inline; filename="us.png"'
    assert fetch(urls.file_url(photo, download=True))["Content-Disposition"].startswith("attachment")
    said = fetch(urls.file_url(text))
    assert (said["Content-Type"], said["Content-Disposition"]) == (
        "text/plain",
        'attachment; filename="hello.txt"',
    )


def test_an_address_is_over_after_its_time(on_disk, in_grace, fetch, monkeypatch):
    file = store(PDF, "plan.pdf")
    url = urls.file_url(file, seconds=60)
    now = time.time()
    monkeypatch.setattr(urls.time, "time", lambda: now + 58)
    assert fetch(url).status_code == 200
    monkeypatch.setattr(urls.time, "time", lambda: now + 61)
    assert fetch(url).status_code == 404


def test_an_address_that_was_changed_or_is_another_churchs_is_nothing(on_disk, in_grace, hope, fetch):
    file = store(PDF, "plan.pdf")
    url = urls.file_url(file)
    with enter_church(hope):
        elsewhere = urls.file_url(file)
    middle = len(url) // 2
    changed = url[:middle] + ("A" if url[middle] != "A" else "B") + url[middle + 1 :]
    for wrong in (changed, url[:-1], "/files/", "/files/x", "/files/../../etc/passwd", elsewhere):
        assert fetch(wrong).status_code == 404
    assert fetch(url, host="hope.localhost").status_code == 404
    assert fetch(elsewhere, host="hope.localhost").status_code == 404


def test_what_is_deleted_lost_or_suspended_is_served_no_longer(on_disk, in_grace, fetch):
    removed, lost, kept = (store(PDF, "plan.pdf") for _ in range(3))
    addresses = [urls.file_url(file) for file in (removed, lost, kept)]
    domain.remove_file(file=removed)
    (on_disk / lost.key).unlink()
    assert [fetch(url).status_code for url in addresses] == [404, 404, 200]
    suspend_church(church=in_grace)
    forget_hosts()
    assert fetch(addresses[2]).status_code == 403


def test_the_absolute_address_names_the_churchs_host(on_disk, in_grace):
    file = store(PDF, "plan.pdf")
    assert urls.file_url(file, absolute=True).startswith(f"{in_grace.url}/files/")


def test_under_asgi_a_file_comes_in_blocks(on_disk, in_grace, monkeypatch):
    monkeypatch.setattr(pages, "BLOCK", 1000)
    content = PDF + b"x" * 5000
    token = urls.file_url(store(content, "plan.pdf")).rpartition("/")[2]
    answer = pages.signed_file(AsyncRequestFactory().get(f"/files/{token}"), token)
    assert answer.is_async

    async def read():
        return [block async for block in answer]

    blocks = asyncio.run(read())
    assert (b"".join(blocks), max(map(len, blocks))) == (content, 1000)


def test_a_file_in_a_bucket_is_fetched_by_a_presigned_address(in_bucket, in_grace, s3_url):
    url = urls.file_url(store(PDF, "Plan.pdf"), seconds=90)
    parts = parse_qs(urlsplit(url).query)
    assert url.startswith(s3_url)
    assert parts["X-Amz-Expires"] == ["90"]
    assert parts["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]
    answer = httpx.get(url, trust_env=False)
    assert (answer.status_code, answer.content) == (200, PDF)
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="Plan.pdf"'
    shown = httpx.get(urls.file_url(store(PNG, "us.png")), trust_env=False)
    assert shown.headers["Content-Disposition"] == 'inline; filename="us.png"'


def test_browsers_may_know_the_store_by_another_name(in_bucket, in_grace, settings):
    options = {**settings.STORAGES["default"]["OPTIONS"], "public_url": "https://files.example.org"}
    settings.STORAGES = {**settings.STORAGES, "default": {**settings.STORAGES["default"], "OPTIONS": options}}
    file = store(PDF, "Plan.pdf")
    assert urls.file_url(file).startswith(f"https://files.example.org/{options['bucket_name']}/{file.key}?")
