"""The pages behind the links in messages."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils.translation import override

from automation.consent.links import message_of, one_click_headers, preferences_url, unsubscribe_url
from automation.consent.masking import masked
from automation.consent.pages import USES
from automation.models import BulkMail, Topic
from core.models import HistoryEntry
from core.rate_limits import count
from members.personal_data.domain import erase_member
from tenants.context import enter_church
from tenants.hosts import forget_hosts

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
SAVE = {"verb": "save", "asked": ["email", "sms"]}
NEWS_BY_EMAIL = {("email", "jane@example.org", "news", "unsubscribed")}


def text(answer):
    return answer.content.decode()


def test_the_links_of_a_message_are_whole_and_its_headers_are_those_of_rfc_8058(
    grace, written, django_assert_num_queries
):
    message = written()
    with enter_church(grace):
        with django_assert_num_queries(0):
            url = unsubscribe_url(message)
        assert url.startswith("http://grace.localhost:8000/messages/")
        assert url.endswith("/unsubscribe")
        assert preferences_url(message) == url.replace("/unsubscribe", "/preferences")
        assert message_of(url.split("/")[-2]) == message
    assert one_click_headers(url) == {
        "List-Unsubscribe": f"<{url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


@pytest.mark.parametrize("page", ["unsubscribe", "preferences"])
def test_looking_at_a_page_changes_nothing_and_tells_little(visitor, written, link, declined, page):
    path = link(written(), page)
    for method in (visitor.get, visitor.head):
        answer = method(path)
        assert answer.status_code == 200
        assert not answer.cookies
        assert declined() == set()
    answer = visitor.get(path)
    assert "j…@example.org" in text(answer)
    assert not [word for word in ("jane", "doe", "2175550199") if word in text(answer).lower()]
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert "no-store" in answer["Cache-Control"]
    assert "script-src 'none'" in answer["Content-Security-Policy"]


@pytest.mark.parametrize(
    "sent",
    [
        {"data": "List-Unsubscribe=One-Click", "content_type": "application/x-www-form-urlencoded"},
        {"data": ONE_CLICK},
        {"data": "List-Unsubscribe=One-Click", "content_type": "text/plain"},
        {"data": ONE_CLICK, "headers": {"User-Agent": "", "Origin": "null"}},
    ],
    ids=["form", "multipart", "without a type", "without a name"],
)
def test_one_click_declines_at_once_without_cookie_or_detour(visitor, written, link, declined, sent):
    path = link(written(), "unsubscribe")
    for _time in range(2):
        answer = visitor.post(path, **sent)
        assert answer.status_code == 200
        assert not answer.cookies
        assert declined() == NEWS_BY_EMAIL


def test_of_a_message_to_many_its_topic_is_declined(grace, visitor, written, link, declined):
    with enter_church(grace):
        message = written(channel="sms")
        mail = BulkMail.objects.create(topic="events", message_type="sms", body_text="Come")
        type(message).objects.filter(pk=message.pk).update(enrolment=None, bulk_mail=mail)
    path = link(message, "unsubscribe")
    assert "Text messages about" in text(visitor.get(path))
    visitor.post(path, ONE_CLICK)
    assert declined() == {("sms", "+12175550199", "events", "unsubscribed")}


def test_what_a_person_declines_stands_in_the_history_under_nobodys_name(
    grace, browser_session, written, link
):
    # Also where somebody of the church is signed in: the link is the person's.
    browser_session("alice").post(link(written(), "unsubscribe"), ONE_CLICK)
    with enter_church(grace):
        entry = HistoryEntry.objects.get(kind="automation.suppression")
    assert (entry.actor_id, entry.actor_name, entry.origin) == (None, "", "link")
    assert entry.changes["reason"] == [None, "unsubscribed"]


def test_the_pages_own_button_declines_and_undoes(visitor, written, link, declined):
    path = link(written(), "unsubscribe")
    done = visitor.post(path, {"verb": "decline"})
    assert "You get no more of these" in text(done)
    assert "Undo: I want to get them" in text(done)
    assert declined() == NEWS_BY_EMAIL
    undone = visitor.post(path, {"verb": "undo"})
    assert "It is undone" in text(undone)
    assert declined() == set()


def test_an_undo_takes_back_no_more_than_that(grace, visitor, written, link, declined):
    from automation.consent.domain import suppress

    path = link(written(), "unsubscribe")
    with enter_church(grace):
        suppress(channel="email", address="jane@example.org", reason="complained")
    assert "Undo" not in text(visitor.post(path, ONE_CLICK))
    visitor.post(path, {"verb": "undo"})
    assert declined() == {("email", "jane@example.org", "", "complained")}


@pytest.mark.parametrize("page", ["unsubscribe", "preferences"])
def test_a_form_that_says_nothing_changes_nothing(visitor, written, link, declined, page):
    for data in ({}, {"verb": "other"}, {"List-Unsubscribe": "Two-Clicks"}):
        assert visitor.post(link(written(), page), data).status_code == 400
    assert declined() == set()


def test_where_the_message_went_and_where_the_next_would_go_are_both_declined(
    visitor, written, link, declined
):
    visitor.post(link(written(address="old@example.org"), "unsubscribe"), ONE_CLICK)
    assert {entry[1] for entry in declined()} == {"old@example.org", "jane@example.org"}


def boxes(answer):
    """Channel and topic of the boxes with a tick."""
    lines = [part for part in text(answer).split("<input")[1:] if " checked>" in part.partition(">")[0] + ">"]
    return {(line.split('name="')[1].split('"')[0], line.split('value="')[1].split('"')[0]) for line in lines}


EVERYTHING = {(channel, topic) for channel in ("email", "sms") for topic in Topic.values}


def test_everything_can_be_chosen_by_topic_and_way(visitor, written, link, declined):
    path = link(written(topic="prayer"), "preferences")
    assert boxes(visitor.get(path)) == EVERYTHING
    wanted = {"email": ["prayer", "events"], "sms": list(Topic.values)}
    answer = visitor.post(path, {**SAVE, **wanted})
    assert boxes(answer) == {(channel, topic) for channel, topics in wanted.items() for topic in topics}
    assert declined() == {
        ("email", "jane@example.org", topic, "unsubscribed") for topic in ("news", "follow_up", "greetings")
    }
    answer = visitor.post(path, {**SAVE, "email": ["news"]})
    assert boxes(answer) == {("email", "news")}
    assert ("sms", "+12175550199", "", "unsubscribed") in declined()


def test_of_a_way_that_the_page_did_not_ask_about_nothing_changes(visitor, written, link, declined):
    path = link(written(), "preferences")
    assert 'name="asked" value="sms"' in text(visitor.get(path))
    visitor.post(path, {"verb": "save", "asked": ["email"], "email": list(Topic.values)})
    assert declined() == set()


def test_nothing_at_all_is_one_button_and_can_be_taken_back(visitor, written, link, declined):
    path = link(written(), "preferences")
    assert boxes(visitor.post(path, {"verb": "nothing"})) == set()
    assert declined() == {
        ("email", "jane@example.org", "", "unsubscribed"),
        ("sms", "+12175550199", "", "unsubscribed"),
    }
    wanted = {"email": list(Topic.values), "sms": list(Topic.values)}
    assert boxes(visitor.post(path, {**SAVE, **wanted})) == EVERYTHING
    assert declined() == set()


def test_a_complaint_and_a_stop_are_taken_back_here_by_the_person(grace, visitor, written, link, declined):
    from automation.consent.domain import suppress

    path = link(written(), "preferences")
    with enter_church(grace):
        suppress(channel="email", address="jane@example.org", reason="complained")
        suppress(channel="sms", address="+12175550199", reason="stop")
    assert "also send START to the number" in text(visitor.get(path))
    # Nothing is ticked, and saved so: what was declined stays, with its reason.
    visitor.post(path, SAVE)
    assert {reason for *_, reason in declined()} == {"complained", "stop"}
    visitor.post(path, {**SAVE, "email": list(Topic.values), "sms": list(Topic.values)})
    assert declined() == set()


def test_who_has_no_mobile_number_is_asked_of_mail_alone(grace, visitor, link, written):
    from members.domain import create_member

    with enter_church(grace):
        person = create_member(
            first_name="Jane", last_name="Doe", email="j@example.org", home_phone="2175550199"
        )
    answer = visitor.get(link(written(member=person), "preferences"))
    assert {channel for channel, _topic in boxes(answer)} == {"email"}


def forged(path):
    token = path.split("/")[2]
    return path.replace(token, token[:-1] + ("A" if token[-1] != "A" else "B"))


@pytest.mark.parametrize("page", ["unsubscribe", "preferences"])
def test_no_link_tells_why_it_does_not_work(grace, hope, user, visitor, written, link, declined, page):
    gone, erased, elsewhere = written(), written(), written(church=hope)
    paths = [
        link(gone, page),
        link(erased, page),
        link(elsewhere, page, church=hope),
        forged(link(written(), page)),
        f"/messages/nothing/{page}",
        f"/messages/{'é' * 43}:{'x' * 43}/{page}",
    ]
    with enter_church(grace):
        erase_member(member_id=erased.recipient_id, user=user("anna"), reason="asked for it")
        gone.delete()
    told = set()
    for path in paths:
        for answer in (
            visitor.get(path),
            visitor.post(path, ONE_CLICK),
            visitor.post(path, {"verb": "nothing"}),
        ):
            assert answer.status_code == 404
            assert not answer.cookies
            own = {"X-Request-ID", "Expires"}
            told.add((text(answer), *((name, value) for name, value in answer.items() if name not in own)))
    assert len(told) == 1
    assert "This link does not work" in text(visitor.get(paths[0]))
    assert declined() == declined(hope) == set()


def test_the_link_of_one_church_does_nothing_at_another(hope, visitor, written, link, declined):
    message = written()
    path = link(message, "unsubscribe")
    assert Client(HTTP_HOST="hope.localhost").post(path, ONE_CLICK).status_code == 404
    assert declined() == declined(hope) == set()


def test_the_pages_speak_the_churchs_language(grace, visitor, written, link):
    path = link(written(), "preferences")
    grace.language = "es"
    grace.save()
    forget_hosts()
    answer = visitor.get(path)
    assert '<html lang="es">' in text(answer)
    with override("es"):
        assert str(Topic.PRAYER.label) in text(answer)


def test_a_link_is_not_used_without_end(visitor, written, link, declined):
    message = written()
    for _time in range(USES.count):
        count(USES, str(message.pk))
    answer = visitor.post(link(message, "unsubscribe"), ONE_CLICK)
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert declined() == set()
    assert visitor.post(link(written(), "unsubscribe"), ONE_CLICK).status_code == 200


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("jane@example.org", "j…@example.org"),
        ("+12175550199", "…99"),
        ('"a@b"@example.org', '"…@example.org'),
    ],
)
def test_an_address_is_shown_masked(address, shown):
    assert masked(address) == shown
