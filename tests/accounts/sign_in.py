"""Signing in on a church's page."""

from __future__ import annotations

from typing import Any

from django.test import Client

from tests import world

NEW_PASSWORD = "seven brass lanterns"


def at(subdomain: str = "grace") -> Client:
    """Somebody at a church's host who is not signed in."""
    return Client(HTTP_HOST=f"{subdomain}.localhost")


def sign_in(
    client: Client, email: str | None = None, password: str = world.PASSWORD, next_page: str = "/admin/"
) -> Any:
    """The answer to the form of the sign-in page; Bob's, where no address is given."""
    return client.post(
        f"/admin/login/?next={next_page}",
        {"username": email or world.email_of("bob"), "password": password, "next": next_page},
    )
