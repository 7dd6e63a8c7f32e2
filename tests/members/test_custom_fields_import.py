"""Own fields that come with a file."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from members.custom_fields.domain import archive_custom_field, create_custom_field
from members.importing.domain import start_import
from members.models import CustomField, Member, MemberImportRow
from tenants.context import enter_church
from tests.members.conftest import DATA, LISTS

HEADER = "First Name,Last Name,Membership Date,custom_fields.shirt size\n"


def fields_of(grace):
    with enter_church(grace):
        return {field.key: field.kind for field in CustomField.objects.all()}


def test_an_administrators_file_brings_its_fields_along(grace, run_import, person, user):
    done = run_import(HEADER + "Ruth,Moab,1/31/2010,XL\n", user=user("anna"))
    assert (done.created, done.ignored_columns) == (1, [])
    assert fields_of(grace) == {"membership_date": "date", "shirt_size": "text"}
    assert person("Ruth").custom_fields == {"membership_date": "2010-01-31", "shirt_size": "XL"}
    again = run_import(HEADER + "Ruth,Moab,1/31/2010,L\n", user=user("anna"))
    assert len(fields_of(grace)) == 2
    assert (again.created, again.failed) == (1, 0)


def test_who_may_not_define_fields_imports_into_those_there_are(grace, run_import, person, user):
    with enter_church(grace):
        create_custom_field(label="Shirt size", kind="text")
        create_custom_field(label="Membership date", kind="date", visible_to=["pastor"])
    done = run_import(HEADER + "Ruth,Moab,1/31/2010,XL\n", user=user("bob"))
    assert (done.created, done.ignored_columns) == (1, ["Membership Date"])
    assert person("Ruth").custom_fields == {"shirt_size": "XL"}


def test_a_trial_run_defines_nothing_and_says_what_would_be(grace, run_import, user):
    done = run_import(
        HEADER + "Ruth,Moab,soon,XL\nBoaz,Ephrath,2010-01-31,L\n", user=user("anna"), dry_run=True
    )
    assert (done.created, done.failed, done.ignored_columns) == (1, 1, [])
    assert fields_of(grace) == {}


def test_a_field_that_was_put_away_takes_nothing(grace, run_import, user):
    with enter_church(grace):
        archive_custom_field(field=create_custom_field(label="Shirt size", kind="text"))
    done = run_import(HEADER + "Ruth,Moab,,XL\n", user=user("anna"))
    assert done.ignored_columns == ["custom_fields.shirt size"]


def test_a_row_with_a_value_that_does_not_fit_is_left_out_and_says_why(grace, run_import):
    with enter_church(grace):
        create_custom_field(label="Shirt", kind="choices", choices=[{"label": "Small"}, {"label": "Large"}])
        create_custom_field(label="Paid", kind="yes_no")
        create_custom_field(label="Height", kind="number")
    content = (
        "first_name,last_name,custom_fields.shirt,custom_fields.PAID,custom_fields.height\n"
        "Ruth,Moab,large;SMALL,sí,1.5\nBoaz,Ephrath,Medium,perhaps,tall\n"
    )
    done = run_import(content)
    assert (done.created, done.failed) == (1, 1)
    with enter_church(grace):
        assert Member.objects.get(first_name="Ruth").custom_fields == {
            "shirt": ["small", "large"], "paid": True, "height": 1.5,
        }  # fmt: skip
        errors = MemberImportRow.objects.get(row=3).errors
    assert [error["field"] for error in errors] == [
        "custom_fields.shirt", "custom_fields.paid", "custom_fields.height",
    ]  # fmt: skip


@pytest.mark.parametrize(("name", "people"), LISTS.items())
def test_the_lists_of_other_systems_come_in_whole(run_import, user, name, people):
    done = run_import((DATA / name).read_bytes(), user=user("anna"))
    assert (done.created + done.updated + done.unchanged, done.failed) == (people, 0)
    assert done.ignored_columns == []


def test_rows_cost_no_query_for_their_own_fields(grace, work_queue):
    def queries(rows):
        lines = "".join(f"Person{n},Many{rows},2010-01-31,XL\n" for n in range(rows))
        with enter_church(grace):
            start_import(content=(HEADER + lines).encode(), file_name="people.csv")
        with CaptureQueriesContext(connection) as captured:
            work_queue()
        return len([query for query in captured if '"custom_fields"."key"' in query["sql"]])

    assert queries(1) == queries(200) == 1
