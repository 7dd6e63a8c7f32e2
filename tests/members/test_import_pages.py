"""Importing a list on the pages of a church's admin."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from members.models import Member, MemberImport
from tenants.context import enter_church
from tests.members.conftest import DATA
from tests.pages import text_of

LIST = "/admin/members/memberimport/"
ADD = f"{LIST}add/"
PEOPLE = (
    b"First Name,Last Name,Email,Birthday,Shoe size\n"
    b"Ruth,Moab,ruth@moab.example,2001-05-06,7\n"
    b"Boaz,<script>alert(1)</script>,not an address,31/31/2001,9\n"
)


def upload(client, content=PEOPLE, name="people.csv", **fields):
    file = SimpleUploadedFile(name, content, "text/csv")
    return client.post(ADD, {"file": file, "external_key": "", "_save": "Save", **fields})


def test_a_list_is_uploaded_worked_and_reported(browser_session, work_queue, grace):
    bob = browser_session("bob")
    started = upload(bob)
    assert started.status_code == 302
    page = started.headers["Location"]
    waiting = bob.get(page)
    assert 'data-finished="no"' in waiting.content.decode()
    assert "members/import_progress" in waiting.content.decode()
    assert "0 of 2 rows" in text_of(waiting)
    work_queue()
    done = bob.get(page)
    assert 'data-finished="yes"' in done.content.decode()
    assert "import_progress" not in done.content.decode()
    seen = text_of(done)
    assert "The import is done." in seen
    assert "New people 1" in seen
    assert "Rows with errors 1" in seen
    assert "3 Email Enter a valid email address." in seen
    assert "Columns that were ignored Shoe size" in seen
    assert "First Name First name" in seen
    assert "by Bob" in seen
    assert "1 new, 0 changed, 0 as they were, 1 with errors" in text_of(bob.get(LIST))
    assert "1 new, 0 changed, 0 as they were, 1 with errors" in text_of(bob.get("/admin/"))
    with enter_church(grace):
        assert Member.objects.filter(last_name="Moab").count() == 1


def test_a_trial_run_says_what_would_happen(browser_session, work_queue, grace):
    bob = browser_session("bob")
    page = upload(bob, dry_run="on").headers["Location"]
    work_queue()
    seen = text_of(bob.get(page))
    assert "This was a trial run: nobody was added or changed." in seen
    assert "New people 1" in seen
    with enter_church(grace):
        assert not Member.objects.filter(last_name="Moab").exists()


def test_the_churchapps_list_comes_in_whole_and_a_second_time_changes_nothing(browser_session, work_queue):
    bob = browser_session("bob")
    content = (DATA / "churchapps_people.csv").read_bytes()
    first = upload(bob, content).headers["Location"]
    work_queue()
    second = upload(bob, content).headers["Location"]
    work_queue()
    assert "New people 81" in text_of(bob.get(first))
    assert "As they were 81" in text_of(bob.get(second))


@pytest.mark.parametrize(
    ("content", "fields", "said"),
    [
        (b"", {}, "The file is empty."),
        (b"PK\x03\x04workbook", {}, "This is a workbook or an archive, not CSV."),
        (b"a,b\n1,2\n", {}, "The first line must name the columns"),
        (PEOPLE, {"external_key": "Person ID"}, "The file has no column “Person ID”."),
    ],
)
def test_what_is_wrong_with_a_file_is_said_on_the_form(browser_session, grace, content, fields, said):
    answer = upload(browser_session("bob"), content, **fields)
    assert answer.status_code == 200
    assert said in text_of(answer)
    with enter_church(grace):
        assert MemberImport.objects.count() == 0


def test_a_form_without_a_file_says_so(browser_session):
    answer = browser_session("bob").post(ADD, {"external_key": ""})
    assert answer.status_code == 200
    assert "This field is required." in text_of(answer)


def test_uploads_are_limited(browser_session):
    bob = browser_session("bob")
    answers = [upload(bob) for number in range(11)]
    assert [answer.status_code for answer in answers] == [302] * 10 + [200]
    assert "Too many files at once." in text_of(answers[-1])


def test_imports_are_for_those_who_may_write(browser_session, grace):
    vera = browser_session("vera")
    page = upload(browser_session("bob")).headers["Location"]
    for address in (LIST, ADD, page):
        assert vera.get(address).status_code == 403
    assert upload(vera).status_code == 403
    assert browser_session("bob").post(f"{page.removesuffix('change/')}delete/").status_code == 403
    with enter_church(grace):
        assert MemberImport.objects.count() == 1


def test_an_import_of_another_church_is_not_there(browser_session):
    page = upload(browser_session("bob")).headers["Location"]
    answer = browser_session("dan").get(page, follow=True)
    assert answer.redirect_chain == [("/admin/", 302)]
