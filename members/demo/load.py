"""Fills one church of the demo, through the same doors as everybody else."""

from __future__ import annotations

from pathlib import Path

from accounts.domain import create_user
from accounts.models import User
from members.domain import add_tags, create_member
from members.households.importing import place_everybody
from members.importing.domain import start_import
from members.importing.running import work_unfinished
from members.models import Member, MemberImport
from tenants.context import enter_church
from tenants.domain import provision_church

from .churches import PASSWORD, DemoChurch
from .parts import load_parts
from .people import invented_people

FILES = Path(__file__).resolve().parent
LONGEST_SECONDS = 120
# Tag, and who has it: every how many-th person, counted from which.
TAGS = {"Choir": (5, 0), "Prayer team": (7, 2), "Ushers": (9, 4), "Newcomers": (11, 1), "Small group": (3, 1)}


class DemoDataError(Exception):
    """A file of the demo was not imported whole."""


def load_church(demo: DemoChurch) -> int:
    """Makes the church with its accounts and people; returns how many people it has.

    Raises DemoDataError.
    """
    church = provision_church(
        name=demo.name, subdomain=demo.subdomain, timezone_name=demo.timezone, country=demo.country
    )
    with enter_church(church):
        users = {role: _account(demo, role, email) for role, email in demo.accounts()}
        if demo.invents_people:
            for values in invented_people():
                create_member(**values)
        for name in demo.files:
            _import(name, user=users["admin"])
        place_everybody(seconds=LONGEST_SECONDS)
        ids = list(Member.objects.order_by("last_name", "first_name", "id").values_list("pk", flat=True))
        for tag, (step, first) in TAGS.items():
            add_tags(member_ids=ids[first::step], tags=[tag])
        load_parts(users)
        return len(ids)


def _account(demo: DemoChurch, role: str, email: str) -> User:
    first_name, last_name = demo.people[role]
    return create_user(email=email, role=role, first_name=first_name, last_name=last_name, password=PASSWORD)


def _import(name: str, *, user: User) -> None:
    """Imports a file beside this module here and now, not in the background."""
    started = start_import(content=(FILES / name).read_bytes(), file_name=name, user=user)
    work_unfinished(seconds=LONGEST_SECONDS)
    ended = MemberImport.objects.get(pk=started.pk)
    if ended.status != MemberImport.Status.DONE or ended.failed:
        raise DemoDataError(f"{name}: {ended.status}, {ended.failed} of {ended.rows_total} rows failed.")
