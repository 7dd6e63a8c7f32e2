"""Every error of the API is a problem (RFC 9457), whatever was wrong; none is a server error."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from rest_framework.test import APIClient

from tests.core.urls_with_faults import SECRET
from tests.problems import assert_problem

GRACE = "grace.localhost"
MEMBERS = "/api/members"
# Not made at random: test processes must agree on the names of their tests.
NOBODY = "0190f000-0000-7000-8000-000000000000"
PERSON = {"first_name": "Martha", "last_name": "Bethany"}


@pytest.fixture
def anna(api):
    return api("anna")


# -- Where nothing is --


@pytest.mark.parametrize(
    "path",
    ["/api/nothing", "/api/", "/api/members/", "/api/members/5", "/api/members/../auth/me", "/api/é",
     "/api/%ff%fe",
     "/api/%2e%2e/%2e%2e/etc/passwd", "/api/members/%0a", "/api//members", "/api/members;x=1",
     "/api/members/search/x", "/api/auth/login.json"],
)  # fmt: skip
@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
def test_an_unknown_address(anna, path, method):
    assert_problem(getattr(anna, method)(path), 404)


def test_an_unknown_address_needs_no_credentials(db):
    for headers in ({}, {"HTTP_AUTHORIZATION": "Bearer x"}, {"HTTP_ACCEPT": "text/html"}):
        assert_problem(APIClient(HTTP_HOST=GRACE).get("/api/nothing", **headers), 404)


@pytest.mark.parametrize("host", ["nowhere.localhost", "grace.localhost.evil.example", "127.0.0.1", "[::1]"])
def test_an_unknown_host(db, host):
    assert_problem(Client(HTTP_HOST=host).get(MEMBERS), 404)


@pytest.mark.parametrize("host", ["grace.localhost:x", "a b", "grace.localhost/", "é.localhost", "@", "-"])
def test_a_host_that_is_none(db, host):
    assert_problem(Client(HTTP_HOST=host).get(MEMBERS), 400 if host != "-" else 404)


def test_the_platforms_host_has_no_churchs_endpoint(db):
    assert_problem(Client(HTTP_HOST="localhost").get(MEMBERS), 404)


# -- Methods and forms --


@pytest.mark.parametrize(
    ("path", "method", "allowed"),
    [
        (MEMBERS, "put", "GET, POST, HEAD, OPTIONS"),
        (MEMBERS, "delete", "GET, POST, HEAD, OPTIONS"),
        ("/api/members/search", "post", "GET, HEAD, OPTIONS"),
        ("/api/auth/login", "get", "POST, OPTIONS"),
        ("/api/auth/me", "patch", "GET, HEAD, OPTIONS"),
        ("/api/schema", "post", "GET, HEAD, OPTIONS"),
        (f"/api/members/{NOBODY}/tags", "get", "POST, OPTIONS"),
    ],
)
def test_a_method_that_is_not_offered(anna, path, method, allowed):
    answer = getattr(anna, method)(path)
    assert_problem(answer, 405)
    assert answer["Allow"] == allowed


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND", "FOO"])
def test_a_method_that_nobody_knows(anna, method):
    assert_problem(anna.generic(method, MEMBERS), 405)


def test_head_is_get_without_its_body(anna):
    got, headed = anna.get(MEMBERS), anna.head(MEMBERS)
    assert (headed.status_code, headed.content) == (200, b"")
    assert headed["Content-Type"] == got["Content-Type"]
    assert headed["Content-Length"] == got["Content-Length"]


@pytest.mark.parametrize("path", [MEMBERS, "/api/auth/login", "/api/auth/me", f"/api/members/{NOBODY}"])
def test_options_says_what_is_allowed(anna, path):
    answer = anna.options(path)
    assert answer.status_code == 200
    assert "OPTIONS" in answer["Allow"]


def test_options_needs_the_permission_to_read(api):
    assert_problem(api(None).options(MEMBERS), 401)
    assert_problem(api("vera").options("/api/tenants/current/users"), 403)


@pytest.mark.parametrize("accept", ["application/xml", "image/png", "nonsense/nothing"])
def test_a_form_that_is_not_offered(anna, accept):
    assert_problem(anna.get(MEMBERS, HTTP_ACCEPT=accept), 406)


@pytest.mark.parametrize(
    "accept", ["*/*", "application/json", "a/b, */*;q=0.1", "application/json; q=1", "image/*, */*;q=0.1"]
)
def test_forms_that_json_satisfies(anna, accept):
    answer = anna.get(MEMBERS, HTTP_ACCEPT=accept)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/xml", "application/x-www-form-urlencoded",
     "multipart/form-data; boundary=x", "",
     "nonsense", "application/jsonx", "text/" + "x" * 5000],
)  # fmt: skip
def test_a_body_of_a_type_that_is_not_taken(anna, content_type):
    assert_problem(anna.generic("POST", MEMBERS, b"first_name=a", content_type=content_type), 415)


def test_json_with_a_charset_or_parameter_is_json(anna):
    answer = anna.generic("POST", MEMBERS, json.dumps(PERSON), content_type="application/json; charset=utf-8")
    assert answer.status_code == 201


# -- Sessions --


def test_a_write_with_the_cookie_needs_the_csrf_token(browser_session, settings):
    client = browser_session("bob")
    client.handler.enforce_csrf_checks = True
    assert client.get(MEMBERS).status_code == 200
    assert_problem(client.post(MEMBERS, PERSON, content_type="application/json"), 403)
    client.get("/admin/password_change/")
    token = client.cookies[settings.CSRF_COOKIE_NAME].value
    foreign = {"HTTP_X_CSRFTOKEN": token, "HTTP_ORIGIN": "https://evil.example"}
    assert_problem(client.post(MEMBERS, PERSON, content_type="application/json", **foreign), 403)
    own = {"HTTP_X_CSRFTOKEN": token, "HTTP_ORIGIN": "http://grace.localhost"}
    assert client.post(MEMBERS, PERSON, content_type="application/json", **own).status_code == 201


def test_a_write_with_a_token_does_not(api):
    client = api("bob")
    client.handler.enforce_csrf_checks = True
    assert client.post(MEMBERS, PERSON).status_code == 201


def test_the_api_can_be_browsed_with_a_session(browser_session):
    answer = browser_session("bob").get(MEMBERS, HTTP_ACCEPT="text/html")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/html")
    assert "Kierkeg" in page
    refused = browser_session("vera").get("/api/tenants/current/users", HTTP_ACCEPT="text/html")
    assert refused.status_code == 403
    assert refused["Content-Type"].startswith("text/html")


# -- Faults of our own --


@pytest.fixture
def broken(db, settings):
    settings.ROOT_URLCONF = "tests.core.urls_with_faults"
    return APIClient(HTTP_HOST=GRACE, raise_request_exception=False)


def test_a_fault_of_ours_tells_nothing(broken):
    for answer in (broken.get("/api/fault"), broken.post("/api/fault", {"a": 1})):
        body = assert_problem(answer, 500)
        assert body["detail"] == "Something went wrong on our side. It has been recorded."
    for path, status in (("/fault", 500), ("/forbidden", 403), ("/suspicious", 400), ("/nothing", 404)):
        page = broken.get(path)
        assert page.status_code == status
        assert page["Content-Type"].startswith("text/html")
        assert not [
            word for word in (*SECRET.split(), "Traceback", "RuntimeError") if word in page.content.decode()
        ]
