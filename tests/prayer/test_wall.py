"""The public prayer wall: what visitors see, ask and say, without a script."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import caches
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from core.models import HistoryEntry
from notifications.models import Notification
from prayer import domain
from prayer.models import Prayer, PrayerRequest
from tenants.context import enter_church
from tenants.hosts import forget_hosts
from tenants.models import Church
from tests.members.conftest import fewest_queries
from tests.pages import text_of
from tests.parallel import at_once
from tests.prayer.conftest import ASKED


def wall_of(browser: Client, query: str = "") -> HttpResponse:
    answer = browser.get(f"/prayer/{query}")
    assert answer.status_code == 200
    return answer


def test_the_wall_shows_what_is_published_and_public_by_first_name(visitor, published, ask, grace, user):
    published("Pray for rain.", name="Ruth Moab", title="Rain")
    published("Pray for me.", name="Nicodemus Night", title="Night", is_anonymous=True)
    published("Not for the wall.", is_public=False)
    ask("Waits.")
    answered = published("Answered one.", title="Healed")
    closed = published("Closed one.")
    with enter_church(grace):
        bob = user("bob")
        domain.change_request(request=closed, user=bob, status="closed")
        domain.change_request(
            request=answered, user=bob, status="answered", testimony="She walks!", testimony_is_public=True
        )
        domain.add_update(request=answered, user=bob, update_text="She stood up.", audience="public")
        domain.add_update(request=answered, user=bob, update_text="Call her doctor.", audience="internal")
    text = text_of(wall_of(visitor()))
    for seen in ("Rain", "Ruth,", "Night", "Somebody,", "Healed", "Answered", "She walks!", "She stood up."):
        assert seen in text, seen
    for hidden in ("Moab", "Nicodemus", "Not for the wall", "Waits.", "Closed one", "doctor"):
        assert hidden not in text, hidden


def test_a_testimony_that_is_not_public_stays_with_the_requester(visitor, ask, grace, user):
    made = ask("Pray.")
    with enter_church(grace):
        values = {"moderation": "published", "status": "answered", "testimony": "Between us."}
        domain.change_request(request=made.request, user=user("bob"), **values)
    assert "Between us." not in text_of(wall_of(visitor()))
    assert "Between us." in text_of(visitor().get(f"/prayer/mine/{made.secret}/"))


def test_what_visitors_type_is_escaped_and_no_script_may_run(visitor, published):
    published(
        "<script>alert(1)</script>\nhttp://evil.example", title="<img src=x onerror=alert(2)>", name="<b>x"
    )
    answer = wall_of(visitor())
    content = answer.content.decode()
    assert "<script" not in content
    assert "<img" not in content
    assert 'href="http://evil' not in content
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "script-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy


def test_a_church_takes_its_wall_down(visitor, send, ask, published, api):
    request, browser = published(), visitor()
    made = ask("Own page.")
    answer = api("anna").patch(
        "/api/tenants/current/settings", {"settings": {"prayer_wall": False}}, format="json"
    )
    assert answer.status_code == 200, answer.content
    forget_hosts()
    assert [browser.get(path).status_code for path in ("/prayer/", "/prayer/ask/")] == [404, 404]
    own = f"/prayer/mine/{made.secret}/"
    assert send(browser, own, {}, to=f"/prayer/{request.pk}/pray/").status_code == 404
    assert browser.get(own).status_code == 200
    refused = api("anna").patch(
        "/api/tenants/current/settings", {"settings": {"prayer_wall": "no"}}, format="json"
    )
    assert refused.status_code == 400


def test_the_settings_page_offers_the_switch_and_the_words(browser_session, grace):
    anna = browser_session("anna")
    page = anna.get("/admin/settings/").content.decode()
    assert re.search(r'<input[^>]*name="prayer_wall"[^>]*checked', page)
    values = {"name": "Grace Church", "timezone": "America/Chicago", "language": "en", "country": "US"}
    sent = {**values, "prayer_wall": "on", "prayer_urgent_words": "flood\r\n\r\n  great   flood \r\nflood"}
    assert anna.post("/admin/settings/", sent).status_code == 302
    stored = Church.objects.get(pk=grace.pk).settings
    assert stored["prayer_urgent_words"] == ["flood", "great flood"]
    assert "prayer_wall" not in stored
    assert anna.post("/admin/settings/", values).status_code == 302
    assert Church.objects.get(pk=grace.pk).settings["prayer_wall"] is False


def test_pages_go_on_where_the_last_one_ended_and_back(visitor, published, grace):
    keys = [str(published(f"Request {number}.").pk) for number in range(45)]
    with enter_church(grace):
        # Some of the very same moment: the id decides.
        at = PrayerRequest.objects.get(pk=keys[0]).published_at
        PrayerRequest.objects.filter(pk__in=keys[:30]).update(published_at=at)
    browser, pages, query = visitor(), [], ""
    while True:
        content = wall_of(browser, query).content.decode()
        pages.append(re.findall(r'id="request-([\w-]+)"', content))
        link = re.search(r'href="(\?older=[\w-]+)"', content)
        if link is None:
            break
        query = link[1]
    assert [len(page) for page in pages] == [20, 20, 5]
    assert sorted(key for page in pages for key in page) == sorted(keys)
    back = re.search(r'href="(\?newer=[\w-]+)"', content)[1]
    content = wall_of(browser, back).content.decode()
    assert re.findall(r'id="request-([\w-]+)"', content) == pages[1]
    assert wall_of(browser, "?older=nonsense").status_code == 200


def test_a_page_far_behind_is_found_by_the_walls_index(grace):
    with enter_church(grace):
        PrayerRequest.objects.bulk_create(
            PrayerRequest(
                title=str(number), description="Pray.", source="wall", moderation="published",
                published_at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=number),
            )
            for number in range(4_000)
        )  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE prayer_requests")
        wall = PrayerRequest.objects.on_the_wall()
        place = (wall[2_000].published_at, wall[2_000].pk)
        for page in (wall[:21], wall.behind(place)[:21], wall.before(place)[:21]):
            plan = page.explain()
            assert "prayer_requests_wall" in plan, plan
            assert "Sort" not in plan.replace("Incremental Sort", ""), plan


def test_a_page_takes_as_many_statements_for_twenty_as_for_one(visitor, published, grace, user):
    browser = visitor()

    def one_more():
        request = published(member=None)
        with enter_church(grace):
            domain.add_update(request=request, user=user("bob"), update_text="x", audience="public")

    one_more()
    few = fewest_queries(lambda: wall_of(browser))
    for _number in range(19):
        one_more()
    assert fewest_queries(lambda: wall_of(browser)) == few
    assert few < 8


def test_a_browser_prays_once_and_sees_that_it_has(visitor, send, published, stored):
    request, browser = published(), visitor()
    address = f"/prayer/{request.pk}/pray/"
    for _click in range(2):
        answer = send(browser, "/prayer/ask/", {}, to=address)
        assert answer.status_code == 302
        assert answer["Location"] == f"/prayer/#request-{request.pk}"
    assert stored(request).prayed_count == 1
    text = text_of(wall_of(browser))
    assert "You have prayed" in text
    assert "1 prayer" in text
    assert "I prayed" not in text
    other = visitor()
    send(other, "/prayer/", {}, to=address)
    assert stored(request).prayed_count == 2


def test_without_our_cookie_nothing_is_counted_and_it_is_said(visitor, send, published, stored):
    request, browser = published(), visitor()
    browser.get("/prayer/")
    browser.cookies["prayer"] = "made-up:by-hand:signature"
    shown = browser.get(f"/prayer/mine/{'x' * 43}/")
    assert shown.status_code == 404
    token = browser.cookies["csrf"].value
    answer = browser.post(f"/prayer/{request.pk}/pray/", {"csrfmiddlewaretoken": token})
    assert "no-cookie=1" in answer["Location"]
    assert stored(request).prayed_count == 0
    assert "could not be counted" in text_of(browser.get(answer["Location"]))


def test_praying_needs_the_forms_token_and_a_request_on_the_wall(visitor, send, ask, published, stored):
    browser, request = visitor(), published()
    assert browser.post(f"/prayer/{request.pk}/pray/").status_code == 403
    waits = ask("Waits.").request
    assert send(browser, "/prayer/", {}, to=f"/prayer/{waits.pk}/pray/").status_code == 404
    assert browser.get(f"/prayer/{request.pk}/pray/").status_code == 405
    assert (stored(waits).prayed_count, stored(request).prayed_count) == (0, 0)


@pytest.mark.slow
def test_parallel_clicks_count_once_and_many_browsers_each(own_database, settings):
    settings.RATE_LIMIT_SCALE = 100
    church = Church.objects.get(subdomain="grace")
    with enter_church(church):
        made = domain.submit_request(description="Pray.", source="api")
    request = made.request

    def browser():
        client = Client(HTTP_HOST="grace.localhost")
        client.get("/prayer/")
        return client

    def click(client):
        return lambda: client.post(f"/prayer/{request.pk}/pray/").status_code

    same = browser()
    twins = [Client(HTTP_HOST="grace.localhost") for _ in range(8)]
    for twin in twins:
        twin.cookies = same.cookies
    others = [browser() for _ in range(12)]
    assert set(at_once(*[click(client) for client in [*twins, *others]])) == {302}
    with enter_church(church):
        assert PrayerRequest.objects.get(pk=request.pk).prayed_count == Prayer.objects.count() == 13


def test_a_visitor_asks_and_is_led_to_a_page_of_their_own(visitor, send, grace):
    browser = visitor()
    answer = send(browser, "/prayer/ask/", {**ASKED, "name": "Ruth", "email": "ruth@moab.example"})
    assert answer.status_code == 302
    own = browser.get(answer["Location"])
    text = text_of(own)
    assert "Thank you. We have your request." in text
    assert f"http://grace.localhost{answer['Location'].partition('?')[0]}" in text
    assert "My mother is to be operated on Friday." in text
    with enter_church(grace):
        request = PrayerRequest.objects.get()
        assert (request.source, request.moderation, request.guest_name) == ("wall", "pending", "Ruth")
        assert Notification.objects.filter(kind="prayer.waiting").count() == 3
    assert "operated" not in text_of(wall_of(browser))


def test_a_program_that_fills_in_everything_is_thanked_and_forgotten(visitor, send, grace):
    answer = send(visitor(), "/prayer/ask/", {**ASKED, "website": "http://spam.example"})
    assert answer["Location"] == "/prayer/?asked=1"
    with enter_church(grace):
        assert not PrayerRequest.objects.exists()


def test_what_is_wrong_is_said_beside_its_field(visitor, send):
    answer = send(visitor(), "/prayer/ask/", {"description": " \u200b", "email": "nonsense"})
    assert answer.status_code == 400
    assert "valid email" in text_of(answer)
    assert "nonsense" in answer.content.decode()


def test_too_much_from_one_address_is_stopped_and_said_kindly(visitor, send, grace):
    browser = visitor()
    statuses = [send(browser, "/prayer/ask/", ASKED).status_code for _ in range(21)]
    assert statuses[:20] == [302] * 20
    assert statuses[20] == 429
    refused = send(browser, "/prayer/ask/", ASKED)
    assert int(refused["Retry-After"]) > 0
    assert "Try again in some minutes" in text_of(refused)
    with enter_church(grace):
        flags = [request.flags for request in PrayerRequest.objects.order_by("created_at")]
    assert (flags[2], flags[3], len(flags)) == ([], ["many"], 20)
    caches["counters"].clear()


def test_a_signed_in_user_is_a_visitor_here(browser_session, grace, user):
    client = browser_session("bob")
    answer = client.post("/prayer/ask/", {**ASKED, "is_anonymous": "on"})
    assert answer.status_code == 302
    with enter_church(grace):
        request = PrayerRequest.objects.get()
        (entry,) = HistoryEntry.objects.filter(about=request.pk)
        assert (entry.actor_id, entry.actor_name, entry.origin) == (None, "", "web")


def test_the_wall_speaks_the_churchs_language(visitor, grace):
    Church.objects.filter(pk=grace.pk).update(language="es")
    forget_hosts()
    assert '<html lang="es">' in wall_of(visitor()).content.decode()
