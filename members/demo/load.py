"""Fills one church of the demo, through the same doors as everybody else."""

from __future__ import annotations

from accounts.domain import create_user
from members.domain import add_tags, create_member
from members.models import Member
from tenants.context import enter_church
from tenants.domain import provision_church

from .churches import PASSWORD, DemoChurch
from .people import invented_people

# Tag, and who has it: every how many-th person, counted from which.
TAGS = {"Choir": (5, 0), "Prayer team": (7, 2), "Ushers": (9, 4), "Newcomers": (11, 1), "Small group": (3, 1)}


def load_church(demo: DemoChurch) -> int:
    """Makes the church with its accounts and people; returns how many people it has."""
    church = provision_church(
        name=demo.name, subdomain=demo.subdomain, timezone_name=demo.timezone, country=demo.country
    )
    with enter_church(church):
        for role, email in demo.accounts():
            first_name, last_name = demo.people[role]
            create_user(email=email, role=role, first_name=first_name, last_name=last_name, password=PASSWORD)
        if demo.subdomain == "hope":
            for values in invented_people():
                create_member(origin="import", **values)
        ids = list(Member.objects.order_by("last_name", "first_name", "id").values_list("pk", flat=True))
        for tag, (step, first) in TAGS.items():
            add_tags(member_ids=ids[first::step], tags=[tag])
        return len(ids)
