"""The commands of a church's life, as an operator sees them."""

from __future__ import annotations

import json
import re
import uuid
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from tenants.models import Church
from tests import world
from tests.tenants.schemas import church_schemas, registered_schemas

PASSWORD = "correct horse battery"


def run(command: str, /, *arguments: str, **options: str) -> str:
    output = StringIO()
    call_command(command, *arguments, stdout=output, **options)
    return output.getvalue()


def create(**changes: str) -> str:
    options = {
        "name": "St Mary",
        "subdomain": "St-Mary",
        "plan": "standard",
        "admin_email": "mary@st-mary.example",
        **changes,
    }
    return run("create_church", **options)


def sign_in(subdomain: str, email: str, password: str = PASSWORD) -> int:
    return (
        Client(HTTP_HOST=f"{subdomain}.localhost")
        .post("/api/auth/login", {"email": email, "password": password}, content_type="application/json")
        .status_code
    )


def test_create_prints_id_host_and_a_link_that_sets_the_password(own_database):
    output = create()
    church = Church.objects.get(subdomain="st-mary")
    id_line, host_line, link_line = output.splitlines()
    assert id_line == f"id: {church.id}"
    assert host_line == "host: st-mary.localhost"
    token = re.fullmatch(r"set-password link: http://st-mary\.localhost:8000/set-password/(.+)/", link_line)[
        1
    ]

    assert sign_in("st-mary", "mary@st-mary.example") == 401
    answer = Client(HTTP_HOST="st-mary.localhost").post(
        "/api/auth/reset-password", {"token": token, "password": PASSWORD}, content_type="application/json"
    )
    assert answer.status_code == 204
    assert sign_in("st-mary", "mary@st-mary.example") == 200


def test_create_with_a_password_prints_no_link(own_database):
    output = create(admin_password=PASSWORD, timezone="Africa/Nairobi", language="es", country="ke")
    assert "link" not in output
    assert PASSWORD not in output
    assert sign_in("st-mary", "mary@st-mary.example") == 200
    church = Church.objects.get(subdomain="st-mary")
    assert (church.timezone, church.language, church.country) == ("Africa/Nairobi", "es", "KE")


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"subdomain": "www"}, "“www” is reserved for the platform."),
        ({"subdomain": "grace"}, "subdomain: “grace” is taken."),
        ({"subdomain": "st_mary"}, "cannot be a subdomain"),
        ({"plan": "gold"}, "plan: “gold” is none of free, standard, premium."),
        ({"timezone": "Mars"}, "timezone: “Mars” is no time zone."),
        ({"admin_email": "mary"}, "admin-email: Enter a valid email address."),
        ({"admin_password": "short"}, "admin-password: This password is too short."),
    ],
)
def test_create_says_what_is_wrong_and_leaves_nothing(own_database, options, text):
    before = church_schemas(own_database)
    with pytest.raises(CommandError) as refusal:
        create(**options)
    assert text in str(refusal.value)
    assert church_schemas(own_database) == registered_schemas(own_database) == before


def test_exit_codes_and_streams_of_a_real_process(own_database, manage):
    arguments = ["create_church", "--name", "St Mary", "--plan", "free", "--admin-email", "m@st-mary.example"]
    made = manage(own_database, *arguments, "--subdomain", "st-mary")
    assert made.returncode == 0, made.stderr
    assert f"id: {Church.objects.get(subdomain='st-mary').id}" in made.stdout
    again = manage(own_database, *arguments, "--subdomain", "st-mary")
    assert again.returncode == 1
    assert again.stdout == ""
    assert "CommandError: subdomain: “st-mary” is taken." in again.stderr
    assert "Traceback" not in again.stderr


def test_list_shows_all_churches(db):
    lines = run("list_churches").splitlines()
    assert lines[0].split() == ["SUBDOMAIN", "STATUS", "PLAN", "ID", "HOST", "NAME"]
    assert [line.split()[0] for line in lines[1:]] == ["grace", "hope"]
    assert lines[1].endswith("grace.localhost  Grace Church")


def test_list_as_json(db):
    churches = json.loads(run("list_churches", "--json"))
    grace = Church.objects.get(subdomain="grace")
    assert [church["subdomain"] for church in churches] == ["grace", "hope"]
    assert churches[0] == {
        "id": str(grace.id),
        "name": "Grace Church",
        "subdomain": "grace",
        "host": "grace.localhost",
        "url": "http://grace.localhost:8000",
        "hosts": ["grace.localhost"],
        "plan_type": "standard",
        "status": "active",
        "timezone": "America/Chicago",
        "language": "en",
        "country": "US",
        "created_at": grace.created_at.isoformat(),
        "last_active_at": None,
    }


def test_list_reads_thirty_churches_in_as_many_queries_as_two(db, django_assert_num_queries):
    def add(count: int) -> None:
        for number in range(count):
            identifier = uuid.uuid4()
            Church.objects.create(
                id=identifier, schema_name=Church.schema_for(identifier), name="x", subdomain=f"x{number}"
            ).domains.create(domain=f"x{number}.localhost")

    with django_assert_num_queries(2) as few:
        run("list_churches")
    add(28)
    with django_assert_num_queries(len(few)):
        assert len(run("list_churches").splitlines()) == 31


def test_a_suspended_church_is_closed_until_it_is_resumed(own_database):
    grace = Client(HTTP_HOST="grace.localhost")
    from tenants.domain import add_domain

    add_domain(church=Church.objects.get(subdomain="grace"), host="www.grace.example")
    own = Client(HTTP_HOST="www.grace.example")
    assert grace.get("/admin/login/").status_code == own.get("/admin/login/").status_code == 200

    assert run("suspend_church", "grace") == "grace.localhost is suspended.\n"
    for client in (grace, own):
        page = client.get("/admin/login/")
        assert page.status_code == 403
        assert page["Content-Type"].startswith("text/html")
        assert "This church is suspended at the moment." in page.text
        problem = client.get("/api/members")
        assert problem.status_code == 403
        assert problem["Content-Type"] == "application/problem+json"
    assert sign_in("grace", world.email_of("bob")) == 403
    assert sign_in("hope", world.email_of("carol")) == 200
    assert json.loads(run("list_churches", "--json"))[0]["status"] == "suspended"
    # Saying it twice changes nothing.
    assert run("suspend_church", "GRACE") == "grace.localhost is suspended.\n"

    assert run("resume_church", "grace") == "grace.localhost is active.\n"
    assert grace.get("/admin/login/").status_code == own.get("/admin/login/").status_code == 200
    assert sign_in("grace", world.email_of("bob")) == 200


def test_delete_asks_to_be_sure(own_database):
    grace = Church.objects.get(subdomain="grace")
    with pytest.raises(CommandError, match=r"Grace Church \(grace\.localhost\).*--yes"):
        run("delete_church", "grace")
    assert grace.schema_name in church_schemas(own_database)
    assert sign_in("grace", world.email_of("bob")) == 200

    assert run("delete_church", "grace", "--yes") == "grace.localhost is deleted.\n"
    assert grace.schema_name not in church_schemas(own_database)
    assert Client(HTTP_HOST="grace.localhost").get("/admin/login/").status_code == 404
    assert sign_in("hope", world.email_of("carol")) == 200


@pytest.mark.parametrize(
    "arguments",
    [
        ["suspend_church", "nobody"],
        ["resume_church", "nobody"],
        ["delete_church", "nobody", "--yes"],
        ["export_church", "nobody", "--to", "nobody.zip"],
    ],
)
def test_an_unknown_church_is_named(db, arguments):
    with pytest.raises(CommandError, match="There is no church “nobody”"):
        run(*arguments)
