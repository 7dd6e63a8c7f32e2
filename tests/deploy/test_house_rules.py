"""What the shape of this house promises (docs/architecture.md), checked over the whole tree."""

from __future__ import annotations

import ast
import subprocess
import tomllib
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from churchsaas.processes import ROOT

MOST_LINES_OF_FILE = 400
MOST_LINES_OF_FUNCTION = 60


def tracked(pattern: str) -> list[Path]:
    """Committed files, and new ones that are not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", pattern],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    return [path for name in sorted(set(listed)) if (path := ROOT / name).exists()]


def python_files() -> list[Path]:
    return [path for path in tracked("*.py") if path.parent.name != "migrations"]


def test_no_file_is_longer_than_a_person_reads_in_one_go():
    long = {
        str(path.relative_to(ROOT)): lines
        for path in python_files()
        if (lines := len(path.read_text().splitlines())) > MOST_LINES_OF_FILE
    }
    assert not long


def test_no_function_is_longer_than_a_screen():
    long = {}
    for path in python_files():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > MOST_LINES_OF_FUNCTION:
                    long[f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"] = lines
    assert not long


def test_every_suppressed_check_says_which_and_why():
    bare = []
    for path in python_files():
        for number, line in enumerate(path.read_text().splitlines(), start=1):
            for mark in ("# noqa", "# type: ignore"):
                _, found, rest = line.partition(mark)
                code, _, reason = rest.lstrip(": [").partition(" ")
                if found and not (code and reason.strip(" -#")):
                    bare.append(f"{path.relative_to(ROOT)}:{number}")
    assert not [place for place in bare if not place.startswith("tests/deploy/test_house_rules.py")]


def test_every_room_is_known_to_the_import_rules():
    rooms = {path.parent.name for path in tracked("*/__init__.py") if path.parent.parent == ROOT}
    rules = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    ours = rooms - {"tests", "bench"}
    assert set(rules["importlinter"]["root_packages"]) == ours
    floors = " ".join(rules["importlinter"]["contracts"][0]["layers"])
    assert ours <= {word.strip("()") for word in floors.split()}
    assert ours <= set(rules["mypy"]["files"])
    assert set(rules["coverage"]["run"]["source"]) == ours


def test_every_change_of_a_model_has_its_migration(db):
    out = StringIO()
    try:
        call_command("makemigrations", check=True, dry_run=True, stdout=out)
    except SystemExit:
        pytest.fail(out.getvalue())
