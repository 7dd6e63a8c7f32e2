"""The API as pages, for people with a browser."""

from __future__ import annotations

import json
import re

from django.test import Client

from tests.pages import text_of

HTML = {"Accept": "text/html,application/xhtml+xml"}


def test_who_is_signed_in_reads_the_api_in_a_browser(browser_session):
    answer = browser_session("bob").get("/api/members?page_size=2", headers=HTML)
    assert answer.status_code == 200
    page = text_of(answer)
    assert "GET /api/members?page_size=2" in page
    assert "Lovelace" in page
    assert "Bob" in page
    assert 'href="http://grace.localhost/api/members?page=2&amp;page_size=2"' in answer.content.decode()


def test_who_is_not_is_led_to_the_sign_in_page_and_back(db):
    answer = Client(HTTP_HOST="grace.localhost").get("/api/members", headers=HTML)
    assert answer.status_code == 401
    assert 'href="/admin/login/?next=/api/members"' in answer.content.decode()


def test_the_pages_hold_no_script_of_their_own_and_no_markup_of_people(browser_session, grace):
    from members.domain import create_member
    from tenants.context import enter_church

    with enter_church(grace):
        create_member(first_name="<script>alert(1)</script>", last_name="A")
    body = browser_session("bob").get("/api/members?page_size=200", headers=HTML).content.decode()
    assert "&lt;script&gt;alert(1)" in body
    scripts = re.findall(r"<script[^>]*>", body)
    assert all(' src="/static/' in script or 'type="application/json"' in script for script in scripts)
    assert not re.search(r"\son[a-z]+=", body)


def methods_of(page):
    return re.findall(r"<option>([A-Z]+)</option>", page.content.decode())


def test_a_page_offers_to_send_what_its_reader_may(browser_session, grace):
    from members.models import Member
    from tenants.context import enter_church

    with enter_church(grace):
        person = f"/api/members/{Member.objects.get(last_name='Lovelace').pk}"
    assert methods_of(browser_session("anna").get("/api/members", headers=HTML)) == ["POST"]
    assert methods_of(browser_session("anna").get(person, headers=HTML)) == ["PUT", "PATCH", "DELETE"]
    assert methods_of(browser_session("bob").get(person, headers=HTML)) == ["PUT", "PATCH"]
    assert methods_of(browser_session("vera").get(person, headers=HTML)) == []
    assert methods_of(Client(HTTP_HOST="grace.localhost").get(person, headers=HTML)) == []
    # Files are sent by programs.
    assert methods_of(browser_session("anna").get("/api/members/imports", headers=HTML)) == []
    page = browser_session("bob").get(person, headers=HTML).content.decode()
    bodies = json.loads(re.search(r'<script id="send-bodies"[^>]*>(.*?)</script>', page, re.S)[1])
    assert json.loads(bodies["PUT"])["last_name"] == "Lovelace"
    assert "created_at" not in bodies["PUT"]
    assert bodies["PATCH"] == "{}"
