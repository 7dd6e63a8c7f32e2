"""Who sees which page, of the church's host and of the platform's, and with whose ids and cookies."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.urls import path

from accounts.models import User
from accounts.permissions import role_allows
from tenants.context import enter_church, outside_churches
from tenants.models import Church
from tests import world
from tests.security.actors import GRACE, HOPE, PLATFORM, ROLES, rows_of, secrets_of, session_cookie
from tests.security.endpoints import MAKERS
from tests.security.pages import NOBODY, PAGES, PUBLIC, SIGNED_IN, Page
from tests.security.url_walk import Address, addresses_of, walk

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.route or "/")
pages_with_id = pytest.mark.parametrize("page", [p for p in PAGES if p.kind], ids=lambda page: page.route)
OUTSIDERS = [
    "nobody",
    "administrator of the other church",
    "superuser of the platform",
    "own administrator, with a token instead of a session",
]


def differences(addresses: list[Address]) -> tuple[set[str], set[str]]:
    """Pages that the URLs have and the list lacks, and the other way round."""
    found = {address.route for address in addresses if not address.route.startswith("api/")}
    listed = {page.route for page in PAGES}
    return found - listed, listed - found


def test_the_list_names_every_page_and_no_other():
    unlisted, stale = differences(addresses_of("churchsaas.urls.church"))
    assert not unlisted, f"add to tests/security/pages.py: {sorted(unlisted)}"
    assert not stale, f"no longer there: {sorted(stale)}"


def test_a_page_that_nobody_listed_is_noticed():
    unlisted, _ = differences(list(walk([path("admin/members/member/<uuid:pk>/secrets/", HttpResponse)])))
    assert unlisted == {"admin/members/member/<uuid:pk>/secrets/"}


@pytest.fixture
def visit(
    user: Callable[[str], Any], tokens: Callable[[str], dict[str, str]], grace: Any, hope: Any
) -> Callable[..., HttpResponse]:
    """``visit("staff", "/admin/")``: Grace's answer; ``data`` posts, without asking for a CSRF token."""

    def client_of(actor: str) -> Client:
        if actor == OUTSIDERS[3]:
            return Client(HTTP_HOST=GRACE, HTTP_AUTHORIZATION=f"Bearer {tokens('anna')['access']}")
        client = Client(HTTP_HOST=GRACE)
        if actor in ROLES:
            client.cookies[settings.SESSION_COOKIE_NAME] = session_cookie(user(ROLES[actor]), grace)
        elif actor == OUTSIDERS[1]:
            client.cookies[settings.SESSION_COOKIE_NAME] = session_cookie(user("hugo"), hope)
        elif actor == OUTSIDERS[2]:
            with outside_churches():
                superuser = User.objects.get(email=world.SUPERUSER)
            client.cookies[settings.SESSION_COOKIE_NAME] = session_cookie(superuser, None)
        return client

    def ask(actor: str, address: str, data: dict[str, Any] | None = None) -> HttpResponse:
        client = client_of(actor)
        return client.get(address) if data is None else client.post(address, data)

    return ask


def identifier(page: Page, church: Any) -> Any:
    if not page.kind:
        return None
    with enter_church(church):
        return MAKERS[page.kind]()


def may(page: Page, role: str) -> bool:
    return page.needs in {PUBLIC, SIGNED_IN} or (page.needs != NOBODY and role_allows(role, page.needs))


def asks_to_sign_in(answer: HttpResponse) -> bool:
    return answer.status_code == 302 and answer["Location"].startswith("/admin/login/?next=/admin/")


@every_page
def test_a_page_is_shown_to_whom_the_permission_table_says_and_tells_of_no_other_church(
    visit, grace, hope, page
):
    secrets = secrets_of(hope)
    # Who is signed in is sent on from the sign-in page.
    ok = 302 if page.route == "admin/login/" else page.ok
    for role in ROLES:
        answer = visit(role, page.path(identifier(page, grace)))
        assert answer.status_code == (ok if may(page, role) else 403), role
        assert not [secret for secret in secrets if secret in answer.content.decode()], role


@every_page
def test_outsiders_are_asked_to_sign_in(visit, grace, page):
    address, secrets = page.path(identifier(page, grace)), secrets_of(grace)
    for actor in OUTSIDERS:
        for data in (None, {"post": "yes"}):
            answer = visit(actor, address, data)
            if page.needs == PUBLIC:
                assert answer.status_code in {200, 302, 400, 404, 405}, actor
            elif page.route == "admin/logout/":
                assert answer.status_code == 302, actor
            else:
                assert asks_to_sign_in(answer), (actor, data, answer.status_code)
            assert not [secret for secret in secrets if secret in answer.content.decode()], actor


CHANGES = {
    "post": "yes",
    "first_name": "Changed",
    "last_name": "Changed",
    "email": "c@example.org",
    "role": "admin",
}


@pages_with_id
def test_an_id_of_another_church_looks_like_one_that_nobody_has_and_is_left_alone(visit, hope, page):
    foreign, absent = identifier(page, hope), uuid.uuid4()
    before = rows_of(hope)
    for role in ROLES:
        for data in (None, CHANGES):
            seen = [visit(role, page.path(key), data) for key in (foreign, absent)]
            assert seen[0].status_code == seen[1].status_code, role
            # Nothing is shown: there is no such thing, or one is sent to the first page, which says so.
            assert seen[0].status_code in {302, 403, 404, 405}, (role, seen[0].status_code)
            texts = [
                a.content.decode().replace(str(key), "ID")
                for a, key in zip(seen, (foreign, absent), strict=True)
            ]
            assert texts[0] == texts[1]
    assert rows_of(hope) == before


@pytest.mark.parametrize(
    ("model", "kind"),
    [("members/member", "member"), ("members/household", "household"), ("accounts/user", "user")],
)
def test_no_bulk_action_reaches_another_church(visit, hope, model, kind):
    from tenants.sites import church_site

    with enter_church(hope):
        key = MAKERS[kind]()
    before = rows_of(hope)
    admins = {
        f"{m._meta.app_label}/{m._meta.model_name}": admin for m, admin in church_site._registry.items()
    }
    actions = {"delete_selected", *(name for _, name, _ in admins[model]._get_base_actions())}
    for action in actions:
        answer = visit(
            "admin",
            f"/admin/{model}/",
            {
                "action": action,
                "_selected_action": [str(key)],
                "tags": "Changed",
                "tag": "Changed",
                "post": "yes",
            },
        )
        assert answer.status_code in {200, 302, 403}
    assert rows_of(hope) == before


# -- The platform --


def platform_pages() -> list[str]:
    return [a.route for a in addresses_of("churchsaas.urls.platform") if a.route.startswith("admin/")]


def filled(route: str, church: Church) -> str:
    for name in ("<path:object_id>", "<uuid:church_id>"):
        route = route.replace(name, str(church.pk))
    for name, value in {
        "<path:content_type_id>": "1",
        "<str:job_id>": "0" * 32,
        "^(?P<app_label>tenants|django_q)/$": "tenants/",
        "(?P<url>.*)$": "nothing",
    }.items():
        route = route.replace(name, value)
    return f"/{route}"


def test_the_platforms_pages_are_for_superusers_alone(user, tokens, grace):
    pages = platform_pages()
    assert len(pages) > 20
    clients = {"nobody": Client(HTTP_HOST=PLATFORM), "a church's administrator": Client(HTTP_HOST=PLATFORM)}
    clients["a church's administrator"].cookies[settings.SESSION_COOKIE_NAME] = session_cookie(
        user("anna"), grace
    )
    clients["a token"] = Client(HTTP_HOST=PLATFORM, HTTP_AUTHORIZATION=f"Bearer {tokens('anna')['access']}")
    for route in pages:
        for who, client in clients.items():
            for answer in (
                client.get(filled(route, grace)),
                client.post(filled(route, grace), {"post": "yes"}),
            ):
                if route == "admin/login/":
                    assert answer.status_code == 200
                elif route in {"admin/logout/", "admin/login/code/"}:
                    assert answer.status_code == 302
                else:
                    assert asks_to_sign_in(answer), (who, route, answer.status_code)
                assert "Grace Church" not in answer.content.decode()
    assert Church.objects.filter(pk=grace.pk, status="active").exists()


def test_the_same_account_in_both_places_is_two(user, grace, settings):
    """A church's user with the superuser's very id and password is nobody on the platform."""
    with outside_churches():
        superuser = User.objects.get(email=world.SUPERUSER)
    with enter_church(grace):
        twin = user("vera")
        User.objects.filter(pk=twin.pk).delete()
        twin.pk, twin.password = superuser.pk, superuser.password
        User.objects.bulk_create([twin])
    cookie = session_cookie(twin, grace)
    for host, status in ((GRACE, 200), (PLATFORM, 302), (HOPE, 302)):
        client = Client(HTTP_HOST=host)
        client.cookies[settings.SESSION_COOKIE_NAME] = cookie
        assert client.get("/admin/").status_code == status


def test_a_superuser_sees_the_churches(db):
    client = Client(HTTP_HOST=PLATFORM)
    with outside_churches():
        superuser = User.objects.get(email=world.SUPERUSER)
    client.cookies[settings.SESSION_COOKIE_NAME] = session_cookie(superuser, None)
    page = client.get("/admin/tenants/church/").content.decode()
    assert "Grace Church" in page
    assert "Hope Chapel" in page
