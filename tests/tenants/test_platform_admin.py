"""The platform's pages, for superusers on the platform's host and for nobody else."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from datetime import timedelta
from html import unescape

import psycopg
import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ
from psycopg import sql

from accounts.models import User
from tenants.models import Church, Domain
from tenants.statistics import sizes_of
from tests import world

PLATFORM = "localhost"
CHURCHES = "/admin/tenants/church/"
NEW_CHURCH = {
    "name": "St Mary",
    "subdomain": "St-Mary",
    "plan_type": "free",
    "timezone": "Africa/Nairobi",
    "language": "en",
    "country": "KE",
    "admin_email": "mary@st-mary.example",
}


# Who may.


PAGES = [
    CHURCHES,
    f"{CHURCHES}add/",
    "/admin/tenants/domain/",
    "/admin/tenants/domain/add/",
    "/admin/django_q/failure/",
    "/admin/django_q/ormq/",
    "/admin/django_q/schedule/",
]


@pytest.mark.parametrize("page", PAGES)
def test_superusers_see_it_and_nobody_else(root, grace, browser_session, page):
    assert root.get(page).status_code == 200
    anonymous = Client(HTTP_HOST=PLATFORM)
    assert anonymous.get(page).headers["Location"].startswith("/admin/login/")
    for actor in world.ACTORS:
        person = browser_session(actor)
        assert person.get(page).status_code == 404, actor
        stolen = Client(HTTP_HOST=PLATFORM)
        stolen.cookies["session"] = person.cookies["session"].value
        assert stolen.get(page).headers["Location"].startswith("/admin/login/"), actor
        assert stolen.post(page).status_code == 302, actor


def test_the_first_page_is_the_list_of_churches(root):
    assert root.get("/admin/").headers["Location"] == CHURCHES


def test_a_users_password_is_none_on_the_platform(db):
    client = Client(HTTP_HOST=PLATFORM)
    for actor in ("anna", "bob"):
        answer = client.post("/admin/login/", {"username": world.email_of(actor), "password": world.PASSWORD})
        assert answer.status_code == 200
        assert "Email or password is wrong." in answer.text
    answer = client.post("/admin/login/", {"username": world.SUPERUSER, "password": world.PASSWORD})
    assert answer.status_code == 302


def test_the_platforms_session_is_worth_nothing_at_a_church(root, grace):
    for host in ("grace.localhost", "hope.localhost"):
        client = Client(HTTP_HOST=host)
        client.cookies["session"] = root.cookies["session"].value
        assert client.get("/admin/").headers["Location"].startswith("/admin/login/")
        assert client.get("/api/members").status_code == 401
        answer = client.post("/admin/login/", {"username": world.SUPERUSER, "password": world.PASSWORD})
        assert "Email or password is wrong." in answer.text


def test_somebody_of_the_platform_who_is_no_superuser_is_sent_to_sign_in(db):
    clerk = User.objects.create_superuser("clerk@platform.example", world.PASSWORD)
    client = Client(HTTP_HOST=PLATFORM)
    client.force_login(clerk)
    assert client.get(CHURCHES).status_code == 200
    User.objects.filter(pk=clerk.pk).update(is_superuser=False)
    assert client.get(CHURCHES).status_code == 302
    assert client.post(f"{CHURCHES}{uuid.uuid4()}/suspend/").status_code == 302


def test_a_suspended_church_has_no_button_without_the_token(committed_root):
    """The verbs are forms: a link or another site cannot press them."""
    grace = Church.objects.get(subdomain="grace")
    strict = Client(HTTP_HOST=PLATFORM, enforce_csrf_checks=True)
    strict.cookies["session"] = committed_root.cookies["session"].value
    for verb in ("suspend", "resume"):
        address = f"{CHURCHES}{grace.pk}/{verb}/"
        assert committed_root.get(address).status_code == 405
        assert strict.post(address).status_code == 403
    grace.refresh_from_db()
    assert not grace.is_suspended


# The list.


def test_the_list_says_how_a_church_does(root, grace):
    grace.last_active_at = timezone.now()
    grace.save()
    page = root.get(CHURCHES).text
    assert "Grace Church" in page
    assert "grace.localhost" in page
    assert "Active" in page
    assert "Standard" in page
    assert page.count("4 people") == 2
    assert "KB" in page or "MB" in page
    assert page.count("no sign-in yet") == 1


def test_the_list_costs_the_same_for_two_and_for_fifty_churches(root, grace, django_assert_num_queries):
    def add(count: int) -> None:
        for number in range(count):
            identifier = uuid.uuid4()
            church = Church.objects.create(
                id=identifier,
                schema_name=Church.schema_for(identifier),
                name=f"H church {number:03}",
                subdomain=f"a{number}",
            )
            Domain.objects.create(domain=church.host, tenant=church)

    # The search path, session, user, count, page, sizes and, between two savepoint marks, people.
    with django_assert_num_queries(10):
        root.get(CHURCHES)
    # Between Grace and Hope, so that each page holds one church that has people.
    add(60)
    with django_assert_num_queries(10):
        first = root.get(CHURCHES).text
    assert first.count('name="_selected_action"') == 50
    assert "Grace Church" in first
    assert "Hope Chapel" not in first
    with django_assert_num_queries(10):
        second = root.get(CHURCHES, {"p": 2}).text
    assert second.count('name="_selected_action"') == 12
    assert "Hope Chapel" in second
    assert "4 people" in second


def test_a_church_that_is_deleted_at_just_this_moment_breaks_no_page(own_database, grace_is_deleted):
    """Its tables were there when they were looked up and are gone when its people are counted."""
    sizes = sizes_of(Church.objects.values_list("schema_name", flat=True))
    assert {size.people for size in sizes.values()} == {None}
    assert sizes[Church.objects.get(subdomain="hope").schema_name].bytes_on_disk > 0


@pytest.fixture
def grace_is_deleted(own_database: str) -> Iterator[None]:
    """Another process has dropped Grace's schema but not committed; it does so a moment later."""
    schema = Church.objects.get(subdomain="grace").schema_name
    with psycopg.connect(own_database) as other:
        other.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(schema)))
        commit = threading.Timer(0.5, other.commit)
        commit.start()
        yield
        commit.join()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "hope"}, {"Hope Chapel"}),
        ({"q": "GRACE.localhost"}, {"Grace Church"}),
        ({"q": "nobody"}, set()),
        ({"status": "suspended"}, {"Hope Chapel"}),
        ({"status": "active"}, {"Grace Church"}),
        ({"plan": "premium"}, {"Grace Church"}),
        ({"active": "week"}, {"Grace Church"}),
        ({"active": "month"}, {"Grace Church"}),
        ({"active": "quiet"}, set()),
        ({"active": "never"}, {"Hope Chapel"}),
        ({"status": "no such"}, set()),
    ],
)
def test_churches_are_found(root, grace, hope, query, found):
    Church.objects.filter(pk=grace.pk).update(
        plan_type="premium", last_active_at=timezone.now() - timedelta(days=2)
    )
    Church.objects.filter(pk=hope.pk).update(status="suspended")
    page = root.get(CHURCHES, query)
    assert page.status_code == 200
    for name in ("Grace Church", "Hope Chapel"):
        assert (f">{name}<" in page.text) == (name in found), name


def test_a_church_is_found_by_the_id_of_a_log_line(root, grace):
    page = root.get(CHURCHES, {"q": str(grace.pk)}).text
    assert "Grace Church" in page
    assert "Hope Chapel" not in page


def test_columns_that_are_no_filter_cannot_be_asked_for(root, settings):
    settings.DEBUG = False
    assert root.get(CHURCHES, {"settings__startswith": "a"}).status_code in {302, 400}


# Opening a church.


def test_a_church_is_opened_and_its_administrator_invited(committed_root):
    answer = committed_root.post(f"{CHURCHES}add/", NEW_CHURCH, follow=True)
    assert answer.status_code == 200
    assert "St Mary is open at st-mary.localhost." in unescape(answer.text)
    church = Church.objects.get(subdomain="st-mary")
    assert (church.plan_type, church.timezone, church.country) == ("free", "Africa/Nairobi", "KE")
    assert Client(HTTP_HOST="st-mary.localhost").get("/admin/login/").status_code == 200
    (job,) = [row for row in OrmQ.objects.all() if row.func() == "accounts.tasks.mail_link"]
    assert job.kwargs()["church_id"] == str(church.id)
    assert job.kwargs()["email"] == "mary@st-mary.example"
    assert job.kwargs()["purpose"] == "invitation"
    assert LogEntry.objects.get().object_id == str(church.id)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"subdomain": "grace"}, "“grace” is taken."),
        ({"subdomain": "www"}, "“www” is reserved for the platform."),
        ({"subdomain": "st_mary"}, "cannot be a subdomain"),
        ({"name": ""}, "This field is required."),
        ({"admin_email": "mary"}, "Enter a valid email address."),
        ({"timezone": "Mars"}, "Select a valid choice."),
        ({"country": "XX"}, "Select a valid choice."),
    ],
)
def test_what_is_wrong_is_said_on_the_form_and_nothing_is_made(root, change, reason):
    answer = root.post(f"{CHURCHES}add/", {**NEW_CHURCH, **change})
    assert answer.status_code == 200
    text = unescape(answer.text)
    assert reason in text
    assert "mary@st-mary.example" in text or "admin_email" in change
    assert Church.objects.count() == 2
    assert not OrmQ.objects.exists()


# One church.


def test_a_church_is_suspended_and_resumed_by_buttons(committed_root):
    grace = Church.objects.get(subdomain="grace")
    page = f"{CHURCHES}{grace.pk}/change/"
    assert f'action="{CHURCHES}{grace.pk}/suspend/"' in committed_root.get(page).text

    answer = committed_root.post(f"{CHURCHES}{grace.pk}/suspend/", follow=True)
    assert "Grace Church is suspended." in answer.text
    assert f'action="{CHURCHES}{grace.pk}/resume/"' in answer.text
    assert Client(HTTP_HOST="grace.localhost").get("/admin/login/").status_code == 403

    answer = committed_root.post(f"{CHURCHES}{grace.pk}/resume/", follow=True)
    assert "Grace Church is active again." in answer.text
    assert Client(HTTP_HOST="grace.localhost").get("/admin/login/").status_code == 200
    assert [entry.change_message for entry in LogEntry.objects.order_by("id")] == ["Suspended.", "Resumed."]
    history = committed_root.get(f"{CHURCHES}{grace.pk}/history/").text
    assert "Suspended." in history


def test_several_churches_are_suspended_and_resumed_at_once(committed_root):
    selected = [str(pk) for pk in Church.objects.values_list("pk", flat=True)]
    for action, status in (("suspend_selected", 403), ("resume_selected", 200)):
        answer = committed_root.post(CHURCHES, {"action": action, "_selected_action": selected}, follow=True)
        assert answer.status_code == 200
        for host in ("grace.localhost", "hope.localhost"):
            assert Client(HTTP_HOST=host).get("/admin/login/").status_code == status


def test_settings_of_a_church_are_changed_through_the_door(committed_root):
    grace = Church.objects.get(subdomain="grace")
    page = f"{CHURCHES}{grace.pk}/change/"
    values = {
        "name": "Grace Community", "plan_type": "premium", "timezone": "Europe/Berlin", "language": "es",
        "country": "DE",
    }  # fmt: skip
    assert committed_root.post(page, values).status_code == 302
    changed = Church.objects.get(pk=grace.pk)
    assert {name: getattr(changed, name) for name in values} == values
    assert (changed.subdomain, changed.status, changed.settings) == ("grace", "active", grace.settings)
    assert changed.updated_at > grace.updated_at

    refused = committed_root.post(page, {**values, "timezone": "Mars", "subdomain": "stolen"})
    assert "Select a valid choice." in refused.text
    assert Church.objects.get(pk=grace.pk).subdomain == "grace"


def test_no_church_is_deleted_from_the_web(root, grace):
    assert root.post(f"{CHURCHES}{grace.pk}/delete/", {"post": "yes"}).status_code == 403
    answer = root.post(
        CHURCHES, {"action": "delete_selected", "_selected_action": [str(grace.pk)], "post": "yes"}
    )
    assert answer.status_code in {200, 302}
    assert Church.objects.filter(pk=grace.pk).exists()
    assert "delete" not in root.get(f"{CHURCHES}{grace.pk}/change/").text.lower().replace("deleted", "")


def test_an_unknown_church_is_not_found(root):
    assert root.post(f"{CHURCHES}{uuid.uuid4()}/suspend/").status_code == 404
    assert root.get(f"{CHURCHES}{uuid.uuid4()}/change/", follow=True).status_code == 200


# Hosts.


def test_a_church_gets_a_host_of_its_own_and_loses_it_again(committed_root):
    own = Client(HTTP_HOST="www.grace.example")
    assert own.get("/admin/login/").status_code == 404
    answer = committed_root.post(
        "/admin/tenants/domain/add/", {"domain": "WWW.Grace.Example.", "church": "grace"}
    )
    assert answer.status_code == 302
    added = Domain.objects.get(domain="www.grace.example")
    assert own.get("/admin/login/").status_code == 200
    page = committed_root.get("/admin/tenants/domain/", {"kind": "own"}).text
    assert "www.grace.example" in page
    assert "hope.localhost" not in page

    address = f"/admin/tenants/domain/{added.pk}/delete/"
    assert "www.grace.example" in committed_root.get(address).text
    assert committed_root.post(address, {"post": "yes"}).status_code == 302
    assert own.get("/admin/login/").status_code == 404


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"domain": "www.grace.example", "church": "nobody"}, "There is no church with this subdomain."),
        ({"domain": "not a host", "church": "grace"}, "is no host name."),
        ({"domain": "hope.localhost", "church": "grace"}, "come with the church"),
        ({"domain": "localhost", "church": "grace"}, "is no host name."),
        ({"domain": "taken.example", "church": "grace"}, "“taken.example” is taken."),
        ({"domain": "", "church": ""}, "This field is required."),
    ],
)
def test_a_host_that_cannot_be_is_refused_on_the_form(root, hope, values, reason):
    hope.domains.create(domain="taken.example", is_primary=False)
    answer = root.post("/admin/tenants/domain/add/", values)
    assert answer.status_code == 200
    assert reason in unescape(answer.text)
    assert Domain.objects.count() == 3


def test_the_host_below_the_platform_stays(root, grace):
    first = grace.domains.get()
    assert root.post(f"/admin/tenants/domain/{first.pk}/delete/", {"post": "yes"}).status_code == 403
    answer = root.post(
        "/admin/tenants/domain/",
        {"action": "delete_selected", "_selected_action": [first.pk], "post": "yes"},
    )
    assert answer.status_code in {200, 302}
    assert Domain.objects.filter(pk=first.pk).exists()
