"""``make bench``: what it costs to serve many churches, as ratios measured in one run.

Absolute figures depend on the machine; each line therefore stands beside a baseline that was
measured right before or after it. Client, server and database share the machine.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SECONDS = float(os.environ.get("BENCH_SECONDS", "5"))
CONNECTIONS = 16
WORDS = ("muller", "jose gar", "s", "5550123", "choir")


def _environment() -> None:
    from churchsaas.secrets import development_secrets
    from core.embedded_postgres import embedded_server

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "churchsaas.settings")
    os.environ["VAR_DIR"] = str(ROOT / "var" / "bench")
    os.environ["RATE_LIMIT_SCALE"] = "1000000"
    os.environ.update(DEBUG="off", HTTPS="off")
    os.environ.update(development_secrets(Path(os.environ["VAR_DIR"])))
    os.environ["LOG_LEVEL"] = "WARNING"
    if not os.environ.get("DATABASE_URL"):
        server = embedded_server(ROOT / "var" / "bench" / "postgres")
        os.environ["DATABASE_URL"] = server.get_uri()
    import django

    django.setup()


def line(subject: str, measured: str, baseline: str, ratio: float, goal: str = "") -> None:
    print(f"{subject:<46}{measured:>22}{baseline:>30}{ratio:>9.2f}  {goal}", flush=True)


@contextmanager
def both(schema: str, **environment: str) -> Iterator[tuple[int, int]]:
    """Ports of the project's server and of the baseline's, one process each."""
    from bench import servers

    with (
        servers.web(**environment) as project,  # type: ignore[arg-type]  # all names are in upper case
        servers.web(settings="bench.plain", BENCH_SCHEMA=schema, **environment) as plain,  # type: ignore[arg-type]  # as above
    ):
        yield project, plain


def page_against_plain_django() -> None:
    from bench import client, database

    small = database.church_with("thousand", 1_000)
    message = client.request_bytes("/api/members", small.host, database.token_of(small))
    plain_message = client.request_bytes("/api/members", "localhost", database.token_of(small))
    with both(small.schema_name) as (project, plain):
        first, first_plain = client.one(project, message), client.one(plain, plain_message)
        rates: dict[str, list[float]] = {"project": [], "plain": []}
        warm: list[float] = []
        # In turns, so that a machine that gets slower meets both.
        for _turn in range(3):
            rates["project"].append(client.load(project, message, connections=4, seconds=SECONDS / 2).rate)
            rates["plain"].append(client.load(plain, plain_message, connections=4, seconds=SECONDS / 2).rate)
            warm += [client.one(project, message) for _request in range(20)]
        rate, plain_rate = statistics.median(rates["project"]), statistics.median(rates["plain"])
        line(
            "page of 50 people, one process",
            f"{rate:.0f}/s",
            f"plain Django {plain_rate:.0f}/s",
            plain_rate / rate,
            "goal: at most 1.1 times the time",
        )
        median = statistics.median(warm)
        line("first request of a process", f"{first:.1f} ms", f"warm {median:.1f} ms", first / median)
        line(
            "first request, plain Django",
            f"{first_plain:.1f} ms",
            f"warm {median:.1f} ms",
            first_plain / median,
        )


def page_from_two_processes() -> None:
    from bench import client, database, servers

    small = database.church_with("thousand", 1_000)
    message = client.request_bytes("/api/members", small.host, database.token_of(small))
    with servers.redis() as redis:
        if redis is None:
            print("two processes: not measured, redis-server is not installed")
            return
        with servers.web(processes=2, REDIS_URL=redis, WEB_PROCESSES="2") as wsgi:
            client.load(wsgi, message, connections=CONNECTIONS, seconds=1)
            result = client.load(wsgi, message, connections=CONNECTIONS, seconds=SECONDS)
        with servers.web(interface="asgi", processes=2, REDIS_URL=redis, WEB_PROCESSES="2") as asgi:
            client.load(asgi, message, connections=CONNECTIONS, seconds=1)
            asynchronous = client.load(asgi, message, connections=CONNECTIONS, seconds=SECONDS)
    line(
        f"page of 50 people, WSGI, 2 processes, {CONNECTIONS} conn.",
        f"{result.rate:.0f}/s p50 {result.median:.0f} ms",
        f"the same under ASGI {asynchronous.rate:.0f}/s",
        result.rate / asynchronous.rate,
        "goal: 450/s",
    )


PATHS = {
    **{f"search among 20,000: {text!r}": f"/api/members/search?q={text.replace(' ', '+')}" for text in WORDS},
    "own field among 20,000: shirt": "/api/members?custom.shirt=m",
    "own field among 20,000: height from, to": "/api/members?custom.height.from=160&custom.height.to=170",
    "20,000 ordered by an own field": "/api/members?ordering=custom.height",
}


def search() -> None:
    from bench import client, database, servers

    large = database.church_with("throng", 20_000)
    token = database.token_of(large)
    page = client.request_bytes("/api/members?page_size=50", large.host, token)
    with servers.web() as port:
        baseline = client.load(port, page, connections=1, seconds=SECONDS / 2)
        medians = {}
        for subject, path in PATHS.items():
            message = client.request_bytes(path, large.host, token)
            medians[subject] = client.load(port, message, connections=1, seconds=SECONDS / 4).median
    for subject, median in medians.items():
        line(
            subject,
            f"p50 {median:.1f} ms",
            f"page of 50 p50 {baseline.median:.1f} ms",
            median / baseline.median,
            "goal: p50 under 30 ms",
        )


def login() -> None:
    from django.contrib.auth.hashers import check_password, make_password

    from bench import client, database, servers

    small = database.church_with("thousand", 1_000)
    body = f'{{"email":"admin@thousand.example","password":"{database.PASSWORD}"}}'.encode()
    message = client.request_bytes("/api/auth/login", small.host, body=body)
    encoded = make_password(database.PASSWORD)
    hashing = []
    for _run in range(10):
        started = time.perf_counter()
        check_password(database.PASSWORD, encoded)
        hashing.append((time.perf_counter() - started) * 1000)
    with servers.web() as port:
        client.one(port, message)
        times = [client.one(port, message) for _run in range(20)]
    median, bare = statistics.median(times), statistics.median(hashing)
    line("login", f"p50 {median:.0f} ms", f"one argon2 check {bare:.0f} ms", median / bare)


def provisioning() -> None:
    from bench import database

    plain = statistics.median(database.seconds_to_migrate_plainly(4))
    ours = statistics.median(database.seconds_to_provision(4))
    line(
        "provisioning a church", f"{ours * 1000:.0f} ms", f"plain migrate {plain * 1000:.0f} ms", ours / plain
    )


def importing() -> None:
    from bench.importing import PEOPLE, measured

    goals = {
        "trial": "goal: under 30 s, 300 MB",
        "import": "goal: under 60 s, 300 MB",
        "export": "",
        "undo": "",
    }
    plain = measured("plain")
    for what, goal in goals.items():
        found = measured(what)
        line(
            f"{what} of {PEOPLE:,} people, {found['megabytes']:.0f} MB",
            f"{found['seconds']:.1f} s, processor {found['processor']:.1f}",
            f"bulk_create {plain['seconds']:.1f} s, {plain['processor']:.1f}",
            found["processor"] / plain["processor"],
            goal,
        )


def visits() -> None:
    from bench import servers
    from bench.visits import VISITS, measured

    with servers.web() as port:
        for what, (full, empty) in measured(port, SECONDS / 2).items():
            line(
                f"month of {VISITS:,} visits, {what}",
                f"p50 {full:.1f} ms",
                f"a month without any p50 {empty:.1f} ms",
                full / empty,
                "goal: p50 under 50 ms",
            )


def prayer() -> None:
    from bench.prayer import FAR_PAGE, REQUESTS, wall

    medians = wall(SECONDS)
    line(
        f"prayer wall of {REQUESTS:,}: page {FAR_PAGE}",
        f"p50 {medians[FAR_PAGE]:.1f} ms",
        f"page 1 p50 {medians[1]:.1f} ms",
        medians[FAR_PAGE] / medians[1],
        "goal: constant, about 1",
    )


def streams() -> None:
    from bench.streams import report

    for found in report():
        line(*found)


def automation() -> None:
    from bench import automation as messages

    ticking, asking, queries = messages.idle_tick()
    line(
        f"idle tick among {messages.CHURCHES:,} churches, {queries} query",
        f"p50 {ticking:.2f} ms",
        f"SELECT 1 p50 {asking:.2f} ms",
        ticking / asking,
        "goal: under 10 ms, one query",
    )
    seconds, bare = messages.enrolling()
    line(
        f"enrolling {messages.ENROLLED:,} people",
        f"{seconds:.1f} s",
        f"bulk_create alone {bare:.1f} s",
        seconds / bare,
        "goal: under 30 s",
    )
    rate, bare = messages.sending()
    line(
        f"mail by {messages.WORKERS} workers, one by one",
        f"{rate:.0f}/s",
        f"bare loops of smtplib {bare:.0f}/s",
        rate / bare,
        "goal: 200/s",
    )


MEASUREMENTS = {
    "page": page_against_plain_django,
    "processes": page_from_two_processes,
    "search": search,
    "login": login,
    "provisioning": provisioning,
    "import": importing,
    "visits": visits,
    "prayer": prayer,
    "streams": streams,
    "automation": automation,
}


def main(names: list[str]) -> None:
    _environment()
    from bench import database

    database.prepare()
    print(f"{'':<46}{'measured':>22}{'baseline':>30}{'ratio':>9}")
    for name in names or list(MEASUREMENTS):
        MEASUREMENTS[name]()


if __name__ == "__main__":
    main(sys.argv[1:])
