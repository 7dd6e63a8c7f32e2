"""Who is told what, in which order, at what cost; and what is forgotten."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.domain import change_user, create_user
from accounts.models import User
from notifications import domain
from notifications.models import Notification, NotificationPreference
from tenants.context import enter_church
from tenants.models import Church, DueWork
from tenants.signals import church_swept
from tests.notifications.kinds_for_tests import NEWS, SECRET, URGENT


@pytest.fixture(autouse=True)
def in_grace(request):
    if "own_database" in request.fixturenames:
        yield
        return
    with enter_church(request.getfixturevalue("grace")):
        yield


def told(**values):
    return domain.notify(**{"kind": NEWS, "data": {"what": "bread"}, **values})


def test_each_is_told_once_and_numbers_rise_by_user(user):
    anna, bob = user("anna"), user("bob")
    told(users=[anna])
    made = told(users=[bob, anna, bob])
    assert {(row.user_id, row.number) for row in made} == {(anna.pk, 2), (bob.pk, 1)}


def test_who_may_not_know_or_is_switched_off_is_left_out(user):
    change_user(user=user("bob"), is_active=False)
    everybody = [user(actor) for actor in ("anna", "alice", "bob", "vera")]
    assert {row.user_id for row in told(users=everybody)} == {u.pk for u in everybody if u != user("bob")}
    assert [row.user_id for row in told(users=everybody, kind=SECRET)] == [user("anna").pk]
    with pytest.raises(KeyError):
        told(users=everybody, kind="tests.unknown")


def test_who_loses_the_permission_no_longer_sees_it(user):
    told(users=[user("anna")], kind=SECRET)
    create_user(email="second@grace.example", role="admin")
    volunteer = change_user(user=user("anna"), role="volunteer")
    assert not Notification.objects.shown_to(volunteer).exists()
    assert domain.unread_count(volunteer) == 0


def test_everybody_is_told_as_they_chose(user):
    anna, bob, vera = user("anna"), user("bob"), user("vera")
    domain.set_preference(user=bob, kind=NEWS, choice="digest")
    domain.set_preference(user=vera, kind=NEWS, choice="off")
    assert {row.user_id: row.by_mail for row in told(users=[anna, bob, vera])} == {
        anna.pk: False,
        bob.pk: True,
    }
    assert domain.unread_count(bob) == 0
    # What is urgent nobody misses, whatever is written in the table.
    NotificationPreference.objects.create(user=vera, kind=URGENT, choice="off")
    assert not any(row.by_mail for row in told(users=[anna, bob, vera], kind=URGENT))
    assert domain.unread_count(vera) == 1


def test_choices_that_cannot_be_made(user):
    vera = user("vera")
    for kind, choice in ((SECRET, "off"), ("tests.unknown", "off"), (NEWS, "weekly"), (URGENT, "digest")):
        with pytest.raises(ValidationError) as refusal:
            domain.set_preference(user=vera, kind=kind, choice=choice)
        assert list(refusal.value.message_dict) == [kind]
    domain.set_preference(user=vera, kind=NEWS, choice="off")
    domain.set_preference(user=vera, kind=NEWS, choice="digest")
    assert {kind.name: choice for kind, choice in domain.preferences_of(vera)}[NEWS] == "digest"


def test_thirty_are_told_with_the_statements_that_one_takes(user):
    many = [create_user(email=f"u{n}@grace.example", role="staff") for n in range(30)]
    for people in (many, many[:1]):
        told(users=people)
    costs = []
    for people in (many, many[:1]):
        with CaptureQueriesContext(connection) as asked:
            told(users=people)
        costs.append(len(asked))
    assert costs[0] == costs[1] <= 6


def test_nothing_is_told_by_what_is_rolled_back(user):
    with transaction.atomic():
        told(users=[user("bob")])
        transaction.set_rollback(True)
    assert [row.number for row in told(users=[user("bob")])] == [1]


def test_reading_marks_ones_own_and_no_other(user):
    anna, bob = user("anna"), user("bob")
    [first] = told(users=[bob])
    told(users=[bob])
    with pytest.raises(Notification.DoesNotExist):
        domain.mark_read(user=anna, notification_id=first.pk)
    domain.mark_read(user=bob, notification_id=first.pk)
    assert domain.unread_count(bob) == 1
    [third] = told(users=[bob])
    assert domain.mark_all_read(user=bob, up_to=2) == 1
    assert list(Notification.objects.shown_to(bob).unread()) == [third]
    assert domain.mark_all_read(user=bob) == 1


def test_what_was_read_long_ago_is_forgotten(user, grace):
    bob = user("bob")
    rows = [told(users=[bob])[0] for _ in range(4)]
    long_ago = timezone.now() - timedelta(days=91)
    Notification.objects.filter(pk=rows[0].pk).update(read_at=long_ago)
    Notification.objects.filter(pk=rows[1].pk).update(by_mail=True, mailed_at=long_ago)
    Notification.objects.filter(pk=rows[2].pk).update(created_at=long_ago, read_at=timezone.now())
    church_swept.send(sender=Church, church=grace)
    assert set(Notification.objects.all()) == {rows[2], rows[3]}
    assert told(users=[bob])[0].number == 5


def test_mail_that_waits_is_planned_again_each_day(user, grace):
    domain.set_preference(user=user("bob"), kind=NEWS, choice="digest")
    told(users=[user("bob")])
    DueWork.objects.all().delete()
    church_swept.send(sender=Church, church=grace)
    assert DueWork.objects.filter(church=grace, kind="notifications.digest").exists()


def test_numbers_come_to_light_in_their_order_however_many_tell_at_once(own_database):
    grace = Church.objects.get(subdomain="grace")

    def tell(number):
        with enter_church(grace):
            # In turns from both ends: whoever locked them as they come would wait in a circle.
            people = list(User.objects.here().order_by("email"))[:: 1 if number % 2 else -1]
            told(users=people, data={"what": str(number)})
        connections["default"].close()

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(tell, range(30)))
    with enter_church(grace):
        for someone in User.objects.here():
            numbers = Notification.objects.filter(user=someone).values_list("number", flat=True)
            assert sorted(numbers) == list(range(1, 31))
