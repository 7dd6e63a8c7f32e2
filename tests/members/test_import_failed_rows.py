"""The rows with errors as a file: mended in a spreadsheet and sent again as it is."""

from __future__ import annotations

import csv
import io

from members.importing.own_fields import own_fields
from members.models import Member
from tenants.context import enter_church

LIST = (
    "First Name;Shoe size;Last Name;Email;Birthday\n"
    "Ruth;7;Moab;ruth@moab;31/31/2001\n"
    "Boaz;8;Ephrath;boaz@ephrath.example;\n"
    'Naomi;"=1+1; or more";Moab;nonsense;\n'
)


def test_they_come_with_their_cells_and_with_what_is_wrong(api, run_import, number_of_people):
    done = run_import(LIST)
    answer = api("bob").get(f"/api/members/imports/{done.pk}/failed-rows")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert "people-problems.csv" in answer["Content-Disposition"]
    assert answer.content.startswith(b"\xef\xbb\xbf")
    header, ruth, naomi = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert header == ["First Name", "Shoe size", "Last Name", "Email", "Birthday", "Row", "Problem"]
    assert ruth[:6] == ["Ruth", "7", "Moab", "ruth@moab", "31/31/2001", "2"]
    assert "Email: Enter a valid email address." in ruth[6]
    assert naomi[1] == "'=1+1; or more"
    mended = answer.content.replace(b"nonsense", b"naomi@moab.example")
    before = number_of_people()
    again = run_import(mended)
    assert (again.created, again.failed) == (1, 1)
    assert again.ignored_columns == ["Shoe size", "Row", "Problem"]
    assert number_of_people() == before + 1


def test_rows_that_fail_with_an_earlier_one_of_the_same_person_keep_their_cells(
    api, run_import, grace, monkeypatch
):
    from members.importing import running

    monkeypatch.setattr(running, "ROWS_IN_BATCH", 1)
    tags = ";".join(f"tag{n}" for n in range(99))
    with enter_church(grace):
        Member.objects.filter(first_name="Ada").update(tags=[f"old{n}" for n in range(50)])
        email = Member.objects.get(first_name="Ada").email
        assert own_fields(None) == []
    done = run_import(
        f'first_name,last_name,email,tags\nAda,Lovelace,{email},"{tags}"\nAda,Lovelace,{email},\n'
    )
    assert done.failed == 2
    answer = api("bob").get(f"/api/members/imports/{done.pk}/failed-rows")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row[:3] for row in rows[1:]] == [["Ada", "Lovelace", email]] * 2
