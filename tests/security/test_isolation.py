"""Who gets what: every endpoint, for everybody, with one's own id, another church's and none at all."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import caches
from django.http import HttpResponse
from django.urls import include, path
from rest_framework.test import APIClient

from accounts.permissions import role_allows
from tenants.context import enter_church
from tests.security.actors import OUTSIDERS, ROLES, rows_of, secrets_of
from tests.security.endpoints import ENDPOINTS, MAKERS, PUBLIC, SIGNED_IN, Endpoint
from tests.security.endpoints_automation_consent import WEBHOOKS
from tests.security.url_walk import Address, addresses_of, walk

CATCH_ALL = "api/^.*$"
EVERYBODY = [*ROLES, *OUTSIDERS]
# Where nobody is asked who they are, a few kinds of credentials show that none of them matters.
VISITORS = ["volunteer", *OUTSIDERS[:4]]

every_endpoint = pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
endpoints_with_id = pytest.mark.parametrize(
    "endpoint", [e for e in ENDPOINTS if e.kind], ids=lambda endpoint: endpoint.name
)


def differences(addresses: list[Address]) -> tuple[set[str], set[str]]:
    """Endpoints that the URLs have and the list lacks, and the other way round."""
    found = {
        f"{method} {address.route}"
        for address in addresses
        if address.route.startswith("api/") and address.route != CATCH_ALL
        for method in address.methods
    }
    listed = {endpoint.name for endpoint in ENDPOINTS}
    return found - listed, listed - found


def test_the_list_names_every_endpoint_and_no_other():
    unlisted, stale = differences(addresses_of("churchsaas.urls.church"))
    assert not unlisted, f"add to tests/security/endpoints.py: {sorted(unlisted)}"
    assert not stale, f"no longer there: {sorted(stale)}"


def test_an_endpoint_that_nobody_listed_is_noticed():
    from core.api.views import AreaView

    class Forgotten(AreaView):
        area = "members"

        def get(self, request: Any) -> None: ...
        def post(self, request: Any) -> None: ...

    patterns = [path("api/", include([path("members/<uuid:pk>/secrets", Forgotten.as_view())]))]
    unlisted, _ = differences(list(walk(patterns)))
    assert unlisted == {
        "GET api/members/<uuid:pk>/secrets",
        "POST api/members/<uuid:pk>/secrets",
    }


def test_the_platforms_host_offers_no_church_endpoint():
    routes = {a.route for a in addresses_of("churchsaas.urls.platform") if not a.route.startswith("admin/")}
    assert routes == {"healthz", "readyz", CATCH_ALL, *WEBHOOKS}


def send(client: APIClient, endpoint: Endpoint, identifier: Any, body: Any) -> HttpResponse:
    """Sends one request; a server error raises, as everywhere in the tests."""
    return whole(client.generic(endpoint.method, endpoint.path(identifier), *encoded(client, endpoint, body)))


def whole(answer: HttpResponse) -> HttpResponse:
    """The answer with its body read to the end, where that is sent in pieces."""
    if not answer.streaming:
        return answer
    body = b"".join(answer.streaming_content)
    return HttpResponse(body, status=answer.status_code, headers=dict(answer.headers))


def encoded(client: APIClient, endpoint: Endpoint, body: Any) -> tuple[bytes, str]:
    if body is None:
        return b"", "application/json"
    data, content_type = client._encode_data(body, format="multipart" if endpoint.form else "json")
    return data, content_type


def expected(endpoint: Endpoint, actor: str, ok: int) -> int:
    """The status that ``actor`` must get where one with all rights gets ``ok``."""
    if endpoint.needs == PUBLIC:
        return ok
    if actor not in ROLES:
        return 401
    if endpoint.needs == SIGNED_IN or role_allows(actor, endpoint.needs):
        return ok
    return 403


@pytest.fixture
def ask(at_grace: Callable[[str], APIClient], tokens: Callable[[str], dict[str, str]], grace: Any) -> Any:
    """``ask(endpoint, actor, id)``: Grace's answer."""

    def knock(endpoint: Endpoint, actor: str, key: Any) -> HttpResponse:
        with enter_church(grace):
            body = endpoint.body(tokens) if endpoint.body else None
        # So many knock here from one address that the limits, tested elsewhere, would answer.
        caches["counters"].clear()
        return send(at_grace(actor), endpoint, key, body)

    return knock


def made_at(church: Any, endpoint: Endpoint) -> Any:
    """Id of a new row of the church for an address that names one."""
    with enter_church(church):
        return MAKERS[endpoint.kind]() if endpoint.kind else None


def told(answer: HttpResponse, secrets: set[str]) -> list[str]:
    """Those of the secrets that the answer tells."""
    text = answer.content.decode(errors="replace")
    return [secret for secret in secrets if secret in text]


@every_endpoint
def test_everybody_gets_what_the_permission_table_says_and_no_more(ask, grace, hope, endpoint):
    of_grace, of_hope = secrets_of(grace), secrets_of(hope)
    for actor in VISITORS if endpoint.needs == PUBLIC else EVERYBODY:
        # Outsiders who are refused leave the row to the next one.
        if actor not in OUTSIDERS[1:] or endpoint.needs == PUBLIC:
            key = made_at(grace, endpoint)
        answer = ask(endpoint, actor, key)
        assert answer.status_code == expected(endpoint, actor, endpoint.ok), (actor, answer.content)
        assert not told(answer, of_hope), actor
        if answer.status_code == 401:
            assert answer.headers["WWW-Authenticate"] == 'Bearer realm="api"'
        if actor in OUTSIDERS and endpoint.needs != PUBLIC:
            assert not told(answer, of_grace), actor


def seen(answer: HttpResponse) -> dict[str, Any]:
    """All that a client can see of an answer, but for the request's own id."""
    headers = {name: value for name, value in answer.headers.items() if name != "X-Request-ID"}
    return {"status": answer.status_code, "headers": headers, "body": answer.content}


@endpoints_with_id
def test_an_id_of_another_church_looks_like_one_that_nobody_has_and_is_left_alone(ask, hope, endpoint):
    key = made_at(hope, endpoint)
    before, secrets = rows_of(hope), secrets_of(hope)
    for actor in EVERYBODY:
        foreign = ask(endpoint, actor, key)
        assert foreign.status_code == expected(endpoint, actor, 404), (actor, foreign.content)
        assert not told(foreign, secrets), actor
        # Of the outsiders one stands for all: the others were refused for what they are.
        if actor in {*ROLES, OUTSIDERS[0]}:
            assert seen(foreign) == seen(ask(endpoint, actor, uuid.uuid4())), actor
    assert rows_of(hope) == before
