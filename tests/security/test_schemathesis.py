"""The API against its own description: schemathesis makes up requests, right and wrong ones.

Every check that it has is on. What it must know besides, with the reason for each exception, is in
``schemathesis_hooks``.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests import world
from tests.security.actors import content_of

HOOKS = Path(__file__).with_name("schemathesis_hooks.py")
CONFIGURATION = """
[generation]
# PostgreSQL has no NUL in text; the API refuses it everywhere with 400 (tests/core), which a
# description of texts cannot say.
allow-x00 = false
"""


@pytest.mark.slow
def test_no_answer_is_a_fault_or_outside_the_description(own_database, web, tmp_path):
    server = web(
        own_database,
        environment={
            "RATE_LIMIT_SCALE": "1000000",
            "LOG_LEVEL": "WARNING",
            "DJANGO_SETTINGS_MODULE": "tests.server_settings",
        },
    )
    credentials = {"email": world.email_of("anna"), "password": world.PASSWORD}
    signed_in = server.post("/api/auth/login", host="grace.localhost", json=credentials).json()
    (tmp_path / "schemathesis.toml").write_text(CONFIGURATION)

    # One thread: Python 3.11's compiler is not safe in several, and hypothesis uses it.
    run = subprocess.run(
        [
            str(Path(sys.executable).with_name("schemathesis")), "run", f"{server.url}/api/schema",
            "--header", "Host: grace.localhost", "--header", f"Authorization: Bearer {signed_in['access']}",
            "--checks", "all", "--max-examples", os.environ.get("SCHEMATHESIS_EXAMPLES", "3"),
            "--seed", os.environ.get("SCHEMATHESIS_SEED", "1"), "--workers", "1",
            "--continue-on-failure", "--no-color", "--generation-database", "none",
        ],
        cwd=tmp_path,
        env={
            **os.environ,
            "SCHEMATHESIS_HOOKS": str(HOOKS),
            "OWN_USER_ID": signed_in["user"]["id"],
            "OWN_LOGIN_ID": content_of(signed_in["access"])["sid"],
            "PYTHONPATH": str(Path.cwd()),
        },
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    report = run.stdout[-40_000:] + run.stderr[-2_000:]
    assert run.returncode == 0, report
    # A run that reached nothing would find nothing.
    counts = re.search(r"Operations:\s+(\d+) selected / (\d+) total", run.stdout)
    assert counts, report
    assert counts[1] == counts[2]
    assert int(re.search(r"(\d+) generated", run.stdout)[1]) > 15 * int(counts[1]), report
    assert "returned only 401/403 responses" not in run.stdout, report
    alive = server.get(
        "/api/auth/me", host="grace.localhost", headers={"Authorization": f"Bearer {signed_in['access']}"}
    )
    assert alive.status_code == 200
    assert '"level": "ERROR"' not in server.text(), server.text()[-5_000:]
