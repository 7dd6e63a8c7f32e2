"""The page behind the secret link: for whoever has it, and for nobody else."""

from __future__ import annotations

import json
import logging

import pytest

from core.link_secrets import digest_of
from core.logs import JSONFormatter
from prayer import domain
from prayer.models import PrayerRequest, PrayerUpdate
from tenants.context import enter_church
from tests.pages import text_of


@pytest.fixture
def made(ask):
    return ask("Can a man be born when he is old?", email="nico@night.example", is_anonymous=True)


@pytest.fixture
def own(made):
    return f"/prayer/mine/{made.secret}/"


def test_the_requester_reads_what_is_for_them(visitor, made, own, grace, user):
    texts = {"public": "For all.", "requester": "For you.", "internal": "For us.", "confidential": "For few."}
    with enter_church(grace):
        for audience, text in texts.items():
            domain.add_update(request=made.request, user=user("alice"), update_text=text, audience=audience)
        domain.change_request(request=made.request, user=user("alice"), moderation="published")
    page = visitor().get(own)
    text = text_of(page)
    assert "We are praying" in text
    for seen in ("Can a man be born", "For all.", "For you.", "0 people have prayed for you"):
        assert seen in text, seen
    assert "For us." not in text
    assert "For few." not in text
    assert "Alice" not in text


def test_no_search_engine_no_cache_and_no_other_site_learns_the_address(visitor, own):
    page = visitor().get(own)
    assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert 'content="noindex, nofollow"' in page.content.decode()
    assert "no-store" in page.headers["Cache-Control"]
    # Sends the host at most; with "no-referrer" a browser would send its forms without an origin.
    assert page.headers["Referrer-Policy"] == "strict-origin"
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_the_secret_is_in_no_line_of_the_log(visitor, own, made, caplog):
    caplog.set_level(logging.DEBUG)
    visitor().get(own)
    visitor().get(f"{own}nothing/")
    lines = [JSONFormatter().format(record) for record in caplog.records]
    assert any("/prayer/mine/[hidden]/" in line for line in lines)
    assert not [line for line in lines if made.secret in line]
    assert all(json.loads(line) for line in lines)


def test_only_a_digest_is_stored(made, grace):
    with enter_church(grace):
        stored = PrayerRequest.objects.values().get()
    assert stored["secret_digest"] == digest_of(made.secret)
    assert made.secret not in str(stored)


def test_another_secret_opens_nothing_and_a_lost_one_is_not_sent_again(visitor, own, made, hope):
    for secret in ("x" * 43, made.secret[:-1], made.secret.lower(), str(made.request.pk), "%00", "' OR 1=1"):
        assert visitor().get(f"/prayer/mine/{secret}/").status_code in {400, 404}, secret
    from django.test import Client

    assert Client(HTTP_HOST="hope.localhost").get(own).status_code == 404


def test_looking_changes_nothing_and_verbs_need_the_forms_token(visitor, own, made, stored):
    browser = visitor()
    for query in ("", "?new=1", "?done=withdraw", "?verb=withdraw"):
        assert browser.get(f"{own}{query}").status_code == 200
    assert browser.post(own, {"verb": "withdraw"}).status_code == 403
    assert stored(made.request).withdrawn_at is None


def test_the_requester_writes_again(visitor, send, own, grace):
    browser = visitor()
    answer = send(browser, own, {"verb": "write", "update_text": "He was.\n<b>Twice</b>"})
    assert answer["Location"] == f"{own}?done=write"
    page = browser.get(answer["Location"])
    assert "We have it." in text_of(page)
    assert "&lt;b&gt;Twice" in page.content.decode()
    with enter_church(grace):
        update = PrayerUpdate.objects.get()
    assert (update.by_requester, update.created_by_id, update.audience) == (True, None, "requester")
    refused = send(browser, own, {"verb": "write", "update_text": "\u200b"})
    assert refused.status_code == 400
    assert "This is required." in text_of(refused)
    assert send(browser, own, {"verb": "nonsense"}).status_code == 404


def test_the_requester_takes_it_off_the_wall_and_takes_it_back(visitor, send, own, made, stored, grace, user):
    with enter_church(grace):
        domain.change_request(request=made.request, user=user("bob"), moderation="published")
    browser = visitor()
    assert "Can a man" in text_of(browser.get("/prayer/"))
    send(browser, own, {"verb": "off-the-wall"})
    assert "Can a man" not in text_of(browser.get("/prayer/"))
    assert stored(made.request).status == "active"
    for verb, wanted in (("mails", True), ("no-mails", False)):
        send(browser, own, {"verb": verb})
        assert stored(made.request).wants_mail is wanted
    send(browser, own, {"verb": "withdraw"})
    page = browser.get(own)
    assert "You have taken this request back." in text_of(page)
    assert "<form" not in page.content.decode()
    assert stored(made.request).withdrawn_at is not None
