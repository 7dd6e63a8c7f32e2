"""The API's description and the pages that show it."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
import yaml
from django.core.management import call_command
from rest_framework.test import APIClient

from core.api.schema import NOT_BLANK
from tests.security.endpoints import ENDPOINTS, PUBLIC

DESCRIPTION = "/api/schema"


@pytest.fixture
def description(api):
    return api(None).get(DESCRIPTION).json()


def test_it_describes_every_endpoint_that_answers(description):
    described = {
        f"{method.upper()} {path.strip('/').replace('{pk}', '{id}')}"
        for path, operations in description["paths"].items()
        for method in operations
    }
    listed = {
        re.sub(r"<\w+:(\w+)>", r"{\1}", endpoint.name).replace("{pk}", "{id}") for endpoint in ENDPOINTS
    }
    assert listed - described == {"GET api/schema", "GET api/docs"}
    assert described - listed == set()


def test_it_is_made_without_a_doubt_and_is_valid(db, tmp_path):
    file = tmp_path / "description.yaml"
    call_command(
        "spectacular",
        "--fail-on-warn",
        "--validate",
        "--urlconf",
        "churchsaas.urls.church",
        "--file",
        str(file),
    )
    assert yaml.safe_load(file.read_text())["openapi"].startswith("3.")


def test_it_says_where_credentials_are_needed(description):
    assert description["openapi"].startswith("3.")
    assert set(description["components"]["securitySchemes"]) == {"token", "session", "ticket"}
    public = {endpoint.path("{id}") for endpoint in ENDPOINTS if endpoint.needs == PUBLIC}
    for path, operations in description["paths"].items():
        for operation in operations.values():
            assert ("security" in operation) == (path not in public), path


def test_every_operation_names_the_problems_it_can_answer(description):
    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            answers = set(operation["responses"])
            assert {"400", "403", "404", "406", "429"} <= answers, path
            if method != "get":
                assert {"409", "413", "415"} <= answers, path
            if "security" in operation:
                assert "401" in answers, path
            assert operation["operationId"]
    ids = [o["operationId"] for operations in description["paths"].values() for o in operations.values()]
    assert len(ids) == len(set(ids))


def test_it_says_which_posts_take_a_key(description):
    def headers(path):
        return [
            p["name"] for p in description["paths"][path]["post"].get("parameters", []) if p["in"] == "header"
        ]

    assert headers("/api/members") == headers("/api/tenants/current/users") == ["Idempotency-Key"]
    assert headers("/api/auth/login") == []


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("*/*", "application/vnd.oai.openapi+json"),
        ("application/json", "application/json"),
        ("application/yaml", "application/yaml"),
        ("application/vnd.oai.openapi", "application/vnd.oai.openapi"),
    ],
)
def test_it_comes_as_json_or_yaml(db, accept, content_type):
    answer = APIClient(HTTP_HOST="grace.localhost").get(DESCRIPTION, HTTP_ACCEPT=accept)
    assert answer.status_code == 200
    assert answer["Content-Type"].partition(";")[0] == content_type
    assert yaml.safe_load(answer.content)["info"]["title"] == "ChurchSaaS"


def test_it_speaks_the_churchs_language(api, grace):
    from tenants.domain import change_settings

    english = api(None).get(DESCRIPTION).content
    change_settings(church=grace, language="es")
    assert api(None).get(DESCRIPTION).status_code == 200
    change_settings(church=grace, language="en")
    assert api(None).get(DESCRIPTION).content == english


@pytest.mark.slow
def test_a_browser_shows_the_pages_without_being_let_off_the_policy(own_database, web, chromium, tmp_path):
    """Swagger's script makes the page, so its headings are there only when it was allowed to run."""
    server = web(own_database)
    assert shutil.which(chromium)
    rendered = subprocess.run(
        [
            chromium, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}",
            "--host-resolver-rules=MAP grace.localhost 127.0.0.1", "--virtual-time-budget=20000",
            "--enable-logging=stderr", "--v=0", "--dump-dom",
            f"http://grace.localhost:{server.url.rpartition(':')[2]}/api/docs",
        ],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    assert "opblock-summary" in rendered.stdout
    # Of a long list only what is in the window is made.
    assert "/api/auth/login" in rendered.stdout.replace("<wbr>", "").replace("\u200b", "")
    assert "Content Security Policy" not in rendered.stderr


def test_what_counts_as_blank_is_described_as_python_sees_it():
    for code in range(0x110000):
        character = chr(code)
        assert bool(re.search(NOT_BLANK, character)) == bool(character.strip()), hex(code)
