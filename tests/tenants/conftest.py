"""Fixtures of the tests of churches as a whole."""

from __future__ import annotations

from datetime import time
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests import world

# What a format that is made of lines, tabs and backslashes might stumble over.
ODD_TEXT = "tab\there, line\nbreak, back\\slash, \\N, “quotes”, 日本, \u0001"


def _superusers_browser() -> Client:
    # Deferred, here and below: models are not loaded when pytest reads this file.
    from accounts.models import User

    client = Client(HTTP_HOST="localhost")
    client.force_login(User.objects.get(email=world.SUPERUSER))
    return client


@pytest.fixture
def root(db: None) -> Client:
    """A superuser's browser on the platform's host."""
    return _superusers_browser()


@pytest.fixture
def committed_root(own_database: str) -> Client:
    """The same, in a database where everything is committed."""
    return _superusers_browser()


@pytest.fixture
def full_grace(own_database: str) -> Any:
    """Grace with something in every table, and a host of its own."""
    from accounts.models import User
    from accounts.tokens import start_login
    from automation.enrolling.domain import enrol
    from automation.sequences.domain import add_step, create_sequence
    from core.models import IdempotencyKey
    from members.domain import create_member
    from members.importing.domain import start_import
    from members.models import Member
    from tenants.context import enter_church
    from tenants.domain import add_domain
    from tenants.models import Church

    church = Church.objects.get(subdomain="grace")
    church.settings = {"greeting": ODD_TEXT, "list": [1, None, True]}
    church.save()
    add_domain(church=church, host="www.grace.example")
    with enter_church(church):
        odd = create_member(
            first_name="Odd",
            last_name=ODD_TEXT.replace("\u0001", ""),
            tags=["a,b", 'c"d', "{e}"],
        )
        own_values = {"text": ODD_TEXT, "number": 1.5, "none": None}
        Member.objects.filter(pk=odd.pk).update(custom_fields=own_values)
        IdempotencyKey.objects.create(scope="s", key="k", fingerprint="f", status=201, body="secret")
        bob = User.objects.get(email=world.email_of("bob"))
        start_login(user=bob)
        start_import(content=b"First Name,Last Name\nNew,Comer\n", file_name="people.csv", user=bob)
        Client(HTTP_HOST="grace.localhost").force_login(bob)
        welcome = create_sequence(name=ODD_TEXT.replace("\u0001", ""), trigger_event="manual")
        add_step(sequence=welcome, subject="Hello", body_html="<p>Hello</p>", send_at=time(9, 30))
        enrol(sequence=welcome, member=odd, user=bob)
    church.refresh_from_db()
    return church


@pytest.fixture
def archive(full_grace: Any, tmp_path: Path) -> Path:
    """Its export, in a file."""
    from tenants.transfer import export_church

    path = tmp_path / "grace.zip"
    export_church(church=full_grace, path=path, report=lambda line: None)
    return path
