"""The world in which the tests play: two churches with people in them, and one superuser.

Alice is pastor of Grace, Bob its staff, Carol pastor of Hope; each church has one user of every
role. It is made once, in the template database that every test process clones.
"""

from __future__ import annotations

from django.db import transaction

from accounts.domain import create_user
from accounts.models import User
from members.domain import create_member
from tenants.context import enter_church
from tenants.domain import provision_church

PASSWORD = "correct horse battery"
SUPERUSER = "root@platform.example"
ACTORS = {
    # Each with a church and a role there.
    "anna": ("grace", "admin"),
    "alice": ("grace", "pastor"),
    "bob": ("grace", "staff"),
    "vera": ("grace", "volunteer"),
    "hugo": ("hope", "admin"),
    "carol": ("hope", "pastor"),
    "dan": ("hope", "staff"),
    "wim": ("hope", "volunteer"),
}
CHURCHES = {"grace": "Grace Church", "hope": "Hope Chapel"}
PEOPLE = [("José", "Müller"), ("Ada", "Lovelace"), ("Søren", "Kierkegård"), ("Mary", "Smith")]


def email_of(actor: str) -> str:
    return f"{actor}@{ACTORS[actor][0]}.example"


def build() -> None:
    """Fills an empty, migrated database."""
    User.objects.create_superuser(SUPERUSER, PASSWORD)
    for subdomain, name in CHURCHES.items():
        with transaction.atomic():
            church = provision_church(name=name, subdomain=subdomain, timezone_name="America/Chicago")
            with enter_church(church):
                for actor, (home, role) in ACTORS.items():
                    if home == subdomain:
                        create_user(
                            email=email_of(actor), role=role, first_name=actor.title(), password=PASSWORD
                        )
                for number, (first, last) in enumerate(PEOPLE):
                    create_member(
                        first_name=first,
                        last_name=last,
                        email=f"{last.lower()}@{subdomain}.example".encode("ascii", "ignore").decode(),
                        phone=f"(217) 555-010{number}",
                        tags=["Choir"] if number % 2 else [],
                    )
