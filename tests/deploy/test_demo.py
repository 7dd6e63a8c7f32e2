"""``make demo`` from a fresh clone: it comes up in time, works as printed, and leaves nothing behind."""

from __future__ import annotations

import os
import re
import signal
import socket
import sys
from collections.abc import Iterator

import httpx
import pytest

from tests.deploy.checkout import (
    FIRST_START_SECONDS,
    SECOND_START_SECONDS,
    Checkout,
    Running,
    fresh_checkout,
)
from tests.services import wait_until

pytestmark = pytest.mark.slow

UP = "Ctrl-C stops everything"
ROW = re.compile(
    r"^ {2}(?P<who>\S.*?) {2,}(?P<page>http://\S+) +(?P<email>\S+@\S+) +(?P<password>\S+)$", re.M
)


@pytest.fixture(scope="module")
def checkout() -> Iterator[Checkout]:
    """A clone in which one demo has run, so that its data is there."""
    with fresh_checkout() as made:
        first = made.start("make", "demo")
        seconds = first.wait_for_text(UP, seconds=FIRST_START_SECONDS)
        print(f"first start: {seconds:.1f} s")
        first.process.send_signal(signal.SIGTERM)
        assert first.wait() != 0, "make says that its recipe was stopped"
        assert made.processes() == []
        yield made


@pytest.fixture
def demo(checkout: Checkout) -> Running:
    """The demo, running for the second time or a later one; started anew after a test that stopped it."""
    running = checkout.alive()
    if running is None:
        running = checkout.start("make", "demo")
        seconds = running.wait_for_text(UP, seconds=SECOND_START_SECONDS)
        print(f"later start: {seconds:.1f} s")
    return running


def logins(running: Running) -> list[re.Match[str]]:
    return list(ROW.finditer(running.text()))


def fetch(
    method: str, url: str, *, headers: dict[str, str] | None = None, **options: object
) -> httpx.Response:
    """A request to a printed address; what ends in .localhost is this machine, whatever DNS says."""
    address = httpx.URL(url)
    return httpx.request(
        method,
        address.copy_with(host="127.0.0.1"),
        headers={**(headers or {}), "Host": f"{address.host}:{address.port}"},
        timeout=20,
        **options,
    )


def test_every_printed_page_opens_and_every_printed_login_works(demo):
    rows = logins(demo)
    assert len(rows) == 9, demo.text()
    for row in rows:
        signed_out = fetch("GET", row["page"])
        assert signed_out.status_code == 302, row["page"]
        assert "/admin/login/" in signed_out.headers["Location"]
        if row["who"].startswith("Platform"):
            continue
        answer = fetch(
            "POST",
            row["page"].replace("/admin/", "/api/auth/login"),
            json={"email": row["email"], "password": row["password"]},
        )
        assert answer.status_code == 200, row[0]
        assert row["who"].endswith(answer.json()["user"]["role"])
    others = set(re.findall(r"http://\S+(?:docs|schema|healthz|readyz)", demo.text()))
    assert len(others) == 6
    for url in others:
        assert fetch("GET", url).status_code == 200, url


def test_the_superuser_signs_in_to_the_platform_with_the_printed_password(demo):
    row = next(row for row in logins(demo) if row["who"].startswith("Platform"))
    port = httpx.URL(row["page"]).port
    headers = {"Host": f"localhost:{port}"}
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=20) as browser:
        form = browser.get("/admin/login/")
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form.text)
        assert token is not None, form.text
        answer = browser.post(
            "/admin/login/?next=/admin/",
            data={
                "username": row["email"],
                "password": row["password"],
                "csrfmiddlewaretoken": token[1],
            },
        )
        assert answer.status_code == 302, answer.text
        page = browser.get("/admin/", follow_redirects=True)
        assert page.status_code == 200
        assert "Grace Church" in page.text


def login(running: Running, who: str) -> tuple[str, dict[str, str]]:
    """The church's address and the headers of a signed-in client."""
    row = next(row for row in logins(running) if row["who"] == who)
    base = row["page"].removesuffix("/admin/")
    answer = fetch(
        "POST", f"{base}/api/auth/login", json={"email": row["email"], "password": row["password"]}
    )
    return base, {"Authorization": f"Bearer {answer.json()['access']}"}


def people(running: Running, who: str, query: str) -> int:
    base, headers = login(running, who)
    answer = fetch("GET", f"{base}/api/members?{query}", headers=headers)
    assert answer.status_code == 200, answer.text
    return int(answer.json()["count"])


def test_both_churches_have_their_own_people(demo):
    assert people(demo, "Grace Church: staff", "") >= 81
    assert people(demo, "Hope Chapel: staff", "") >= 30
    assert people(demo, "Hope Chapel: staff", "search=okafor") > 0
    assert people(demo, "Grace Church: staff", "search=okafor") == 0


TOKEN_OF_STAFF = """
from accounts.models import User
from accounts.tokens import start_login
from tenants.context import enter_church
from tenants.models import Church
with enter_church(Church.objects.get(subdomain="grace")):
    print("token", start_login(user=User.objects.get(email="staff@grace.example"))["access"])
"""


def test_manage_py_beside_the_demo_works_on_its_data_with_its_secrets(checkout, demo):
    command = checkout.start(sys.executable, "manage.py", "shell", "--verbosity", "0", "-c", TOKEN_OF_STAFF)
    assert command.wait() == 0, command.text()
    token = re.search(r"^token (\S+)$", command.text(), re.M)
    assert token is not None, command.text()
    url = f"http://grace.localhost:{checkout.port}/api/auth/me"
    answer = fetch("GET", url, headers={"Authorization": f"Bearer {token[1]}"})
    assert answer.status_code == 200, answer.text
    assert answer.json()["email"] == "staff@grace.example"


def test_a_second_demo_of_the_same_checkout_is_refused(checkout, demo):
    second = checkout.start("make", "demo")
    assert second.wait() != 0
    assert re.search(r"is running already \(process \d+\)", second.text())
    assert fetch("GET", f"http://localhost:{checkout.port}/healthz").status_code == 200


def test_a_used_port_is_refused_before_anything_starts(checkout, tmp_path):
    var_dir = tmp_path / "var"
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        refused = checkout.start("make", "demo", PORT=str(port), VAR_DIR=str(var_dir))
        assert refused.wait() != 0
    assert f"Port {port} cannot be used" in refused.text()
    assert not (var_dir / "postgres").exists()


def test_a_later_run_keeps_what_was_entered(checkout, demo):
    base, headers = login(demo, "Grace Church: staff")
    made = fetch(
        "POST",
        f"{base}/api/members",
        headers=headers,
        json={"first_name": "Quirina", "last_name": "Keeper"},
    )
    assert made.status_code == 201, made.text
    os.killpg(demo.process.pid, signal.SIGINT)
    demo.wait()
    again = checkout.start("make", "demo")
    again.wait_for_text(UP, seconds=SECOND_START_SECONDS)
    assert people(again, "Grace Church: staff", "search=quirina") == 1
    again.process.terminate()
    again.wait()


def test_ctrl_c_leaves_no_process(checkout, demo):
    # PostgreSQL, pages, worker, the supervisor and make.
    assert len(checkout.processes()) > 5
    os.killpg(demo.process.pid, signal.SIGINT)
    demo.wait()
    assert checkout.processes() == []
    assert "Stopped." in demo.text()


def test_an_interrupt_sent_to_make_alone_leaves_no_process(checkout, demo):
    demo.process.send_signal(signal.SIGINT)
    demo.wait()
    assert checkout.processes() == []


def test_a_process_that_dies_ends_the_demo_and_is_named(checkout, demo):
    os.kill(checkout.process_of("manage.py worker"), signal.SIGKILL)
    assert demo.wait() != 0
    assert "worker ended with signal SIGKILL" in demo.text()
    assert checkout.processes() == []


def test_after_a_killed_demo_nothing_serves_on_and_the_next_one_starts(checkout, demo):
    os.kill(checkout.process_of("churchsaas.demo"), signal.SIGKILL)
    demo.process.wait(20)
    wait_until(
        lambda: not [line for line in checkout.processes() if "postgres" not in line],
        seconds=30,
        what="web and worker to notice",
    )
    again = checkout.start("make", "demo")
    again.wait_for_text(UP, seconds=SECOND_START_SECONDS)
    again.process.terminate()
    again.wait()
    assert checkout.processes() == []
