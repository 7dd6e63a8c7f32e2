"""One way into a church; everything else fails closed."""

from __future__ import annotations

import ast
import uuid
from pathlib import Path

import pytest
from django.db import ProgrammingError, connection, transaction

from core import context
from members.models import Member
from tenants.context import (
    NOWHERE,
    ChurchUnavailableError,
    NoChurchError,
    current_church,
    current_church_or_none,
    enter_church,
    entered_church_id,
    outside_churches,
)
from tenants.domain import suspend_church
from tests.services import ROOT


def domains() -> set[str]:
    return {email.partition("@")[2] for email in Member.objects.values_list("email", flat=True) if email}


def test_each_church_reads_its_own_people_however_deeply_entered(grace, hope):
    with enter_church(grace):
        assert domains() == {"grace.example"}
        with enter_church(str(hope.id)):
            assert (current_church(), domains()) == (hope, {"hope.example"})
            with outside_churches():
                assert current_church_or_none() is None
            assert domains() == {"hope.example"}
        assert (current_church(), domains()) == (grace, {"grace.example"})
        assert entered_church_id() == context.owner_id.get() == str(grace.id)
    assert (entered_church_id(), context.owner_id.get(), current_church_or_none()) == ("", "", None)


def test_an_error_inside_leads_back_to_where_one_was(grace, hope):
    with enter_church(grace):
        with pytest.raises(ZeroDivisionError), enter_church(hope):
            _ = 1 / 0
        assert domains() == {"grace.example"}
    assert current_church_or_none() is None


def test_a_rollback_inside_leads_back_to_the_church(grace, hope):
    """PostgreSQL takes a path that was set inside a transaction back with it."""
    with enter_church(grace):
        with transaction.atomic():
            with enter_church(hope):
                assert domains() == {"hope.example"}
            transaction.set_rollback(True)
        assert domains() == {"grace.example"}


def test_outside_of_all_churches_there_are_no_people(db):
    with pytest.raises(NoChurchError):
        current_church()
    with pytest.raises(ProgrammingError, match="members"):
        Member.objects.count()


def test_a_queryset_made_inside_and_read_outside_fails(grace):
    with enter_church(grace):
        people = Member.objects.all()
    with pytest.raises(ProgrammingError, match="members"):
        list(people)


def test_churches_that_are_not_there_or_suspended_are_not_entered(grace):
    with pytest.raises(ChurchUnavailableError, match="no church"), enter_church(uuid.uuid4()):
        pass
    suspend_church(church=grace)
    for given in (grace, grace.id, str(grace.id)):
        with pytest.raises(ChurchUnavailableError, match="suspended"), enter_church(given):
            pass
    with enter_church(grace.id, even_suspended=True):
        assert domains() == {"grace.example"}


def test_the_schema_of_nowhere_does_not_exist(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_namespace WHERE nspname = %s", [NOWHERE])
        assert cursor.fetchone() == (0,)


# What enters a church past tenants.context.
WAYS_AROUND = {
    "set_tenant",
    "set_schema",
    "set_schema_to_public",
    "activate_tenant",
    "search_path_set_schemas",
}
OWN_CODE = [
    path
    for folder in ("accounts", "churchsaas", "core", "members", "tenants", "tests", "deploy")
    for path in sorted((ROOT / folder).rglob("*.py"))
]


def findings(tree: ast.AST, *, in_tenants: bool) -> list[str]:
    """What a module does that only ``tenants`` may do, or that nobody may."""
    found: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, (ast.With, ast.AsyncWith)):
            for item in node.items:
                name = ast.unparse(item.context_expr)
                # ``with church:``, django-tenants' short form, keeps its stack on the class: two
                # threads swap churches.
                if not isinstance(item.context_expr, ast.Call) and name.split(".")[-1] in {
                    "church",
                    "tenant",
                }:
                    found.append(f"{node.lineno}: with {name}:")
        if in_tenants:
            continue
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("django_tenants.utils"):
            found.append(f"{node.lineno}: from {node.module} import …")
        if isinstance(node, ast.Attribute) and node.attr in WAYS_AROUND:
            found.append(f"{node.lineno}: .{node.attr}")
    return found


def test_nobody_enters_a_church_in_another_way():
    found = {}
    for path in OWN_CODE:
        relative = path.relative_to(ROOT)
        may = relative.parts[0] == "tenants" or relative == Path("tests/databases.py")
        if lines := findings(ast.parse(path.read_text()), in_tenants=may):
            found[str(relative)] = lines
    assert found == {}


def test_the_search_for_other_ways_finds_them():
    code = (
        "from django_tenants.utils import schema_context\nwith request.tenant:\n    connection.set_tenant(x)"
    )
    assert len(findings(ast.parse(code), in_tenants=False)) == 3
    assert len(findings(ast.parse(code), in_tenants=True)) == 1


def test_the_short_form_of_django_tenants_is_refused_where_it_runs(grace):
    with pytest.raises(TypeError, match="enter_church"):
        grace.__enter__()
    for shortcut in (grace.activate, grace.deactivate):
        with pytest.raises(TypeError, match="enter_church"):
            shortcut()
