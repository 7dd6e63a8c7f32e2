"""The database that the benchmark reads: made once under VAR_DIR, kept for the next run."""

from __future__ import annotations

import random
import time

from django.conf import settings
from django.core.management import call_command
from django.db import transaction

from accounts.domain import create_user
from accounts.models import User
from accounts.tokens import start_login
from members.models import CustomField, Member
from tenants.context import connection, enter_church
from tenants.domain import delete_church, provision_church
from tenants.models import Church

PASSWORD = "correct horse battery"
FIRST = "José Mary Søren Ada John Grace Peter Łukasz Ana Ruth Paul Élise Noah Mia Liam Zoë Tom Ines".split()
LAST = (
    "Müller Smith García Nuñez Johnson Brown Kowalski Dubois Novák Rossi Weber Silva Moore Lee Diaz".split()
)


def people(count: int) -> list[Member]:
    """Invented people, the same at every call."""
    choice = random.Random(7)
    made = []
    for number in range(count):
        first, last = choice.choice(FIRST), f"{choice.choice(LAST)}{'' if number % 3 else number}"
        member = Member(
            first_name=first,
            last_name=last,
            email=f"person{number}@example.org",
            phone=f"+1217555{number % 10_000:04d}",
            address={"line1": f"{number} Oak Street", "city": "Springfield", "postal_code": "62701"},
            birth_date=f"19{choice.randint(30, 99)}-0{choice.randint(1, 9)}-1{choice.randint(0, 9)}",
            tags=choice.sample(["Choir", "Youth", "Elder", "Kitchen", "Welcome"], 2),
            custom_fields={"shirt": "sml"[number % 3], "height": 150 + number % 50},
        )
        member.refresh_search_document()
        made.append(member)
    return made


def church_with(subdomain: str, count: int) -> Church:
    """A church with that many people and one administrator; made where it is missing."""
    found = Church.objects.filter(subdomain=subdomain).first()
    if found is not None:
        return found
    with transaction.atomic():
        church = provision_church(name=subdomain.title(), subdomain=subdomain)
        with enter_church(church):
            create_user(email=f"admin@{subdomain}.example", role="admin", password=PASSWORD)
            sizes = [{"key": key, "label": key.upper()} for key in "sml"]
            CustomField.objects.create(key="shirt", label="Shirt", kind="choice", choices=sizes)
            CustomField.objects.create(key="height", label="Height", kind="number")
            Member.objects.bulk_create(people(count), batch_size=1000)
    return church


def prepare() -> tuple[Church, Church]:
    """Migrates and fills; gives a church of 1,000 people and one of 20,000."""
    call_command("migrate", verbosity=0, interactive=False)
    small, large = church_with("thousand", 1_000), church_with("throng", 20_000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return small, large


def token_of(church: Church) -> str:
    """An access token of the church's administrator, made without HTTP."""
    with enter_church(church):
        return start_login(user=User.objects.get(email=f"admin@{church.subdomain}.example"))["access"]


def seconds_to_provision(runs: int) -> list[float]:
    """How long each of ``runs`` new churches takes; they are removed again."""
    times = []
    for number in range(runs):
        started = time.perf_counter()
        church = provision_church(name="Bench", subdomain=f"bench-{number}")
        times.append(time.perf_counter() - started)
        delete_church(church=church)
    return times


def seconds_to_migrate_plainly(runs: int) -> list[float]:
    """How long Django's own migrate of a church's apps takes in an empty schema."""
    from django.db.migrations.executor import MigrationExecutor
    from psycopg import sql

    apps = {name.rpartition(".")[2] for name in settings.TENANT_APPS}
    times = []
    for number in range(runs):
        name = sql.Identifier(f"bench_plain_{number}")
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("CREATE SCHEMA {}").format(name))
        try:
            with transaction.atomic():
                connection.set_schema(f"bench_plain_{number}", include_public=False)
                started = time.perf_counter()
                executor = MigrationExecutor(connection)
                executor.migrate([node for node in executor.loader.graph.leaf_nodes() if node[0] in apps])
                times.append(time.perf_counter() - started)
        finally:
            connection.set_schema_to_public()
            with connection.cursor() as cursor:
                cursor.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(name))
    return times
