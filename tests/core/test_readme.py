"""README.md and the pages that it leads to say what is so."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from django.core.management import get_commands

from churchsaas.processes import ROOT
from churchsaas.settings.environment import VARIABLES

README = (ROOT / "README.md").read_text()
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
# Variables of deploy/compose.yaml alone.
OF_COMPOSE = {"POSTGRES_PASSWORD", "TLS", "CERTIFICATES"}


def test_the_readme_lists_every_setting_with_its_default():
    rows = [line.strip("| ").split(" | ") for line in README.splitlines() if line.startswith("| `")]
    shown = {row[0].strip("`"): row[1] for row in rows if re.fullmatch(r"`[A-Z0-9_]+`", row[0])}
    assert shown == {name: variable.shown_default for name, variable in VARIABLES.items()}


def test_the_example_file_lists_every_setting_with_its_default():
    assignments = re.findall(r"^#([A-Z0-9_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.M)
    values = {name: value for name, value in assignments if name not in OF_COMPOSE}
    expected = {name: "" if v.default is None else str(v.default) for name, v in VARIABLES.items()}
    assert values == expected


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_file_leads_to_one(page: Path):
    targets = re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text())
    assert not [target for target in targets if not (page.parent / target).exists()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_named_command_exists(page: Path):
    text = page.read_text()
    commands = set(re.findall(r"manage\.py ([a-z_]+)", text))
    assert not commands - set(get_commands())
    targets = set(re.findall(r"(?:`|^)make ([a-z]+)", text, re.M))
    for target in targets:
        # Only asks whether there is such a target; nothing is made.
        asked = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True, check=False)
        assert asked.returncode == 0, asked.stderr


def test_two_commands_are_all_that_a_newcomer_needs():
    start = README.partition("## Start")[2].partition("\n## ")[0]
    assert re.findall(r"```sh\n(.+?)\n```", start, re.S) == ["make demo", "make test"]
