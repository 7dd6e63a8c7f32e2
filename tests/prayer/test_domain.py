"""The doors to prayer requests: what is held, who is told, what only the requester decides."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from core import context
from members.models import Member
from notifications.models import Notification
from prayer import domain, requester, signals
from prayer.models import Prayer, PrayerRequest, PrayerUpdate
from prayer.praying import mail_what_is_due, next_mail, pray
from tenants.context import enter_church
from tenants.models import Church, DueWork


@pytest.fixture(autouse=True)
def in_grace(grace):
    with enter_church(grace):
        yield


def told(kind):
    rows = Notification.objects.filter(kind=kind).select_related("user")
    return sorted(row.user.first_name for row in rows)


def test_what_a_visitor_writes_waits_and_the_team_is_told(ask):
    made = ask(
        "  My mother’s operation is on Friday, and we are all rather afraid of what it may bring. \r\nPray."
    )
    request = made.request
    assert (request.moderation, request.status, request.priority) == ("pending", "active", "normal")
    assert request.title == "My mother’s operation is on Friday, and we are all rather…"
    assert request.published_at is None
    assert told("prayer.waiting") == ["Alice", "Anna", "Bob"]
    assert told("prayer.urgent") == []
    assert len(made.secret) == 43
    assert made.secret not in request.secret_digest


@pytest.mark.parametrize("source", ["wall", "api"])
def test_what_is_urgent_is_held_whoever_writes_it_and_is_told_at_once(ask, source):
    request = ask("I w4nt to d1e", source=source).request
    assert (request.priority, request.moderation, request.flags) == ("urgent", "pending", ["self_harm"])
    assert told("prayer.urgent") == ["Alice", "Anna", "Bob"]
    row = Notification.objects.filter(kind="prayer.urgent").first()
    assert row.data == {"prayer_request": str(request.pk)}
    assert str(request.pk) in row.url


def test_a_church_has_words_of_its_own(grace, ask):
    Church.objects.filter(pk=grace.pk).update(settings={"prayer_urgent_words": ["flood"]})
    with enter_church(Church.objects.get(pk=grace.pk)):
        made = domain.submit_request(description="The FLOOD took the barn", source="wall")
    assert made.request.flags == ["church_words"]


def test_what_the_church_writes_down_is_published(ask):
    request = ask(source="admin").request
    assert request.moderation == "published"
    assert request.published_at is not None
    assert told("prayer.waiting") == []


def test_a_visitor_does_not_call_alarm_by_a_field(ask):
    assert ask(priority="urgent").request.priority == "high"


def test_many_from_one_place_are_marked(ask):
    flags = [ask(sender="192.0.2.7").request.flags for _ in range(5)]
    assert flags == [[], [], [], ["many"], ["many"]]
    assert ask(sender="192.0.2.8").request.flags == []


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"description": " \u200b "}, "description"),
        ({"description": "x" * 10_001}, "description"),
        ({"title": "x" * 256}, "title"),
        ({"email": "nonsense"}, "email"),
        ({"name": "x" * 201}, "name"),
        ({"category": "x" * 51}, "category"),
    ],
)
def test_what_is_refused_names_its_field(ask, values, field):
    with pytest.raises(ValidationError) as refusal:
        ask(**{"description": "Pray.", **values})
    assert field in refusal.value.message_dict


def test_the_requester_is_mailed_the_link_also_an_anonymous_one(ask, work_queue, grace):
    from django_q.models import OrmQ

    made = ask(name="Nicodemus", email="nico@night.example", is_anonymous=True)
    queued = "".join(row.payload for row in OrmQ.objects.all())
    for secret in ("nico@night.example", "Nicodemus", made.secret):
        assert secret not in queued
    work_queue()
    (letter,) = mail.outbox
    assert letter.to == ["nico@night.example"]
    assert f"{grace.url}/prayer/mine/{made.secret}/" in letter.body
    assert "Nicodemus" not in letter.subject + letter.body


def test_a_mail_that_fails_tells_no_address(ask, work_queue, monkeypatch):
    import smtplib

    from django.core.mail import EmailMessage

    from prayer.telling import MailNotSentError, send_to_requester

    made = ask(email="nico@night.example", is_anonymous=True)

    def refuse(self):
        raise smtplib.SMTPRecipientsRefused({"nico@night.example": (550, b"no such user")})

    monkeypatch.setattr(EmailMessage, "send", refuse)
    with pytest.raises(MailNotSentError) as failure:
        send_to_requester.__wrapped__(prayer_request_id=str(made.request.pk), about="received")
    assert "night" not in str(failure.value)
    assert failure.value.__suppress_context__


def test_without_an_address_nothing_is_mailed_nor_to_whom_the_church_wrote_down(ask, work_queue):
    ask()
    ask(source="admin", email="quiet@example.org")
    work_queue()
    assert mail.outbox == []


def test_publishing_says_that_somebody_has_looked(ask, user):
    request = ask("I want to die").request
    done = domain.change_request(request=request, user=user("bob"), moderation="published")
    assert (done.moderation, done.priority) == ("published", "high")
    first = done.published_at
    domain.change_request(request=request, user=user("bob"), moderation="hidden")
    again = domain.change_request(request=request, user=user("bob"), moderation="published")
    assert again.published_at == first


def test_what_becomes_urgent_comes_off_the_wall(published, user):
    request = published()
    done = domain.change_request(request=request, user=user("bob"), priority="urgent")
    assert done.moderation == "pending"
    assert told("prayer.urgent") == ["Alice", "Anna", "Bob"]
    with pytest.raises(ValidationError) as refusal:
        domain.change_request(
            request=published(), user=user("bob"), priority="urgent", moderation="published"
        )
    assert "priority" in refusal.value.message_dict


def test_assigning_tells_whom_it_is_assigned_to(published, user):
    request = published()
    domain.change_request(request=request, user=user("alice"), assigned_to=user("bob"))
    domain.change_request(request=request, user=user("alice"), assigned_to=user("alice"))
    assert told("prayer.assigned") == ["Bob"]
    with pytest.raises(ValidationError) as refusal:
        domain.change_request(request=request, user=user("alice"), assigned_to=user("vera"))
    assert "assigned_to" in refusal.value.message_dict


def test_answered_and_active_again(published, user, work_queue):
    heard = []
    signals.prayer_answered.connect(
        lambda request, **_: heard.append(request.pk), weak=False, dispatch_uid="t"
    )
    try:
        request = published(email="ruth@moab.example")
        work_queue()
        done = domain.change_request(
            request=request, user=user("bob"), status="answered", testimony="She walks!"
        )
        assert done.answered_at is not None
        assert heard == [request.pk]
        work_queue()
        assert "answered" in mail.outbox[-1].subject
        back = domain.change_request(request=request, user=user("bob"), status="active")
        assert back.answered_at is None
    finally:
        signals.prayer_answered.disconnect(dispatch_uid="t")


def test_what_only_the_requester_decides(ask, user):
    request = ask(is_public=False, is_anonymous=True).request
    for values in ({"is_public": True}, {"is_anonymous": False}):
        with pytest.raises(ValidationError) as refusal:
            domain.change_request(request=request, user=user("anna"), **values)
        assert refusal.value.message_dict.keys() == values.keys()
    by_church = ask(source="api", is_anonymous=True).request
    with pytest.raises(PermissionDenied):
        domain.change_request(request=by_church, user=user("bob"), is_anonymous=False)
    assert (
        domain.change_request(request=by_church, user=user("alice"), is_anonymous=False).is_anonymous is False
    )


def test_who_may_not_know_changes_nothing_of_who_asked(ask, user, stored):
    ada = Member.objects.get(first_name="Ada")
    request = ask(name="Nicodemus", email="n@night.example", is_anonymous=True).request
    domain.change_request(request=request, user=user("bob"), member=ada, name="Bob", email=None)
    after = stored(request)
    assert (after.requester_id, after.guest_name, after.guest_email) == (None, "Nicodemus", "n@night.example")
    domain.change_request(request=request, user=user("alice"), member=ada)
    after = stored(request)
    assert (after.requester_id, after.guest_name) == (ada.pk, None)


def test_nothing_is_done_with_what_was_withdrawn(ask, user, work_queue, stored):
    made = ask(email="n@night.example", wants_mail=True)
    requester.withdraw(secret=made.secret)
    after = stored(made.request)
    assert (after.status, after.moderation, after.is_public, after.wants_mail) == (
        "closed",
        "hidden",
        False,
        False,
    )
    for values in ({"status": "active"}, {"moderation": "published"}, {"is_public": True}):
        with pytest.raises(ValidationError):
            domain.change_request(request=made.request, user=user("anna"), **values)
    with pytest.raises(PrayerRequest.DoesNotExist):
        requester.write_again(secret=made.secret, update_text="Wait")
    work_queue()
    assert mail.outbox == []


def test_an_update_for_the_requester_is_mailed_and_an_internal_one_is_not(published, user, work_queue):
    request = published(email="ruth@moab.example")
    work_queue()
    mail.outbox.clear()
    domain.add_update(request=request, user=user("bob"), update_text="Call her.", audience="internal")
    domain.add_update(request=request, user=user("bob"), update_text="We pray on.", audience="requester")
    work_queue()
    assert [("We pray on." in letter.body) for letter in mail.outbox] == [True]
    with pytest.raises(ValidationError):
        domain.add_update(request=request, user=user("bob"), update_text="x", audience="confidential")


def test_texts_of_updates_lie_encrypted_and_so_does_who_asked(published, user):
    from django.db import connection

    request = published(name="Nicodemus", email="n@night.example")
    domain.add_update(request=request, user=user("bob"), update_text="Call her.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT guest_name, guest_email FROM prayer_requests")
        values = [value for row in cursor.fetchall() for value in row]
        cursor.execute("SELECT update_text FROM prayer_updates")
        values += [value for row in cursor.fetchall() for value in row]
    assert all(value.startswith("gAAAA") for value in values)


def test_what_the_requester_writes_is_looked_through_too(published, ask, user, stored):
    made = ask()
    domain.change_request(
        request=made.request, user=user("bob"), moderation="published", assigned_to=user("bob")
    )
    requester.write_again(secret=made.secret, update_text="She is better.")
    assert told("prayer.wrote") == ["Bob"]
    assert stored(made.request).moderation == "published"
    domain.change_request(request=made.request, user=user("bob"), status="answered")
    requester.write_again(secret=made.secret, update_text="No puedo más. Quiero morir.")
    after = stored(made.request)
    assert (after.priority, after.moderation, after.status) == ("urgent", "pending", "active")
    assert told("prayer.urgent") == ["Alice", "Anna", "Bob"]


def test_a_prayer_counts_once_for_each(published, user, stored):
    request = published()
    counted = [
        pray(request=request, user=user("bob"))[1],
        pray(request=request, user=user("bob"))[1],
        pray(request=request, user=user("vera"))[1],
        pray(request=request, browser="b" * 64)[1],
        pray(request=request, browser="b" * 64)[1],
    ]
    assert counted == [True, False, True, True, False]
    assert stored(request).prayed_count == Prayer.objects.count() == 3
    with pytest.raises(ValueError, match="user or a browser"):
        pray(request=request)


def test_prayers_are_told_once_a_day_and_only_if_wished(published, grace, work_queue, stored):
    request = published(email="ruth@moab.example", wants_mail=True)
    quiet = published(email="orpah@moab.example")
    work_queue()
    mail.outbox.clear()
    for number in range(3):
        pray(request=request, browser=f"b{number}")
        pray(request=quiet, browser=f"b{number}")
    due = stored(request).mail_due_at
    assert next_mail() == due
    assert DueWork.objects.get(church_id=grace.pk, kind="prayer.prayed_mails").due_at == due
    mail_what_is_due()
    work_queue()
    assert mail.outbox == []
    PrayerRequest.objects.filter(pk=request.pk).update(mail_due_at=timezone.now())
    mail_what_is_due()
    mail_what_is_due()
    work_queue()
    (letter,) = mail.outbox
    assert (letter.to, "3 people have prayed for you." in letter.body) == (["ruth@moab.example"], True)
    pray(request=request, browser="b9")
    assert stored(request).mail_due_at - stored(request).mailed_at == timedelta(days=1)


def test_the_history_tells_what_was_done_and_nothing_of_texts_and_people(ask, user):
    from core.models import HistoryEntry

    with context.working_for(None, come_from="web"):
        request = ask(
            "My secret sorrow.", title="Sorrow", name="Nicodemus", email="n@night.example", is_anonymous=True
        ).request
    with context.working_for(user("bob"), come_from="admin"):
        domain.change_request(
            request=request, user=user("bob"), moderation="published", description="Another secret."
        )
        update = domain.add_update(request=request, user=user("bob"), update_text="Third secret.")
        domain.change_audience(update=update, user=user("bob"), audience="public")
        domain.remove_request(request=request)
    entries = list(HistoryEntry.objects.filter(about=request.pk).order_by("timestamp"))
    text = " ".join(f"{entry.changes} {entry.object_repr}" for entry in entries)
    for hidden in ("secret", "sorrow", "Sorrow", "Nicodemus", "night", "guest_"):
        assert hidden not in text, hidden
    assert not any("requester" in entry.changes for entry in entries)
    assert [entry.changes["moderation"] for entry in entries if "moderation" in entry.changes][1] == [
        "pending",
        "published",
    ]
    assert entries[0].actor_id is None


def test_deleting_takes_everything_along(published, user):
    request = published()
    pray(request=request, user=user("bob"))
    domain.add_update(request=request, user=user("bob"), update_text="x")
    domain.remove_request(request=request)
    assert not any(model.objects.exists() for model in (PrayerRequest, PrayerUpdate, Prayer))
