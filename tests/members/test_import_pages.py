"""Importing a list on the pages of a church's admin: file, columns, trial, import, undo."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from members.models import CustomField, Member, MemberImport
from tenants.context import enter_church
from tenants.models import Church
from tenants.signals import church_swept
from tests.members.conftest import DATA, LISTS, fewest_queries
from tests.pages import text_of

LIST = "/admin/members/memberimport/"
ADD = f"{LIST}add/"
PEOPLE = (
    b"First Name,Last Name,Email,Birthday,Shoe size\n"
    b"Ruth,Moab,ruth@moab.example,2001-05-06,7\n"
    b"Boaz,<script>alert(1)</script>,not an address,31/31/2001,9\n"
)


def upload(client, content=PEOPLE, name="people.csv"):
    """Address of the page on which the columns are chosen."""
    answer = client.post(ADD, {"file": SimpleUploadedFile(name, content, "text/csv"), "_save": "Save"})
    assert answer.status_code == 302, text_of(answer)
    return answer["Location"]


def offered(client, page):
    """What the form of the columns would send as it stands."""
    form = client.get(page).context["form"]
    return {name: form[name].value() or "" for name in form.fields}


def choose(client, page, **changed):
    """Sends the columns as they were guessed, but for ``changed``; gives the page of the trial."""
    answer = client.post(page, {**offered(client, page), **changed})
    assert answer.status_code == 302, text_of(answer)
    return answer["Location"]


def test_a_list_is_uploaded_tried_imported_and_reported(browser_session, work_queue, grace):
    bob = browser_session("bob")
    page = upload(bob)
    seen = text_of(bob.get(page))
    assert "Encoding UTF-8" in seen
    assert "Separated by commas" in seen
    assert "Ruth Boaz" in seen
    trial = choose(bob, page)
    waiting = bob.get(trial)
    assert 'data-finished="no"' in waiting.content.decode()
    assert "members/import_progress" in waiting.content.decode()
    assert "0 of 2 rows" in text_of(waiting)
    work_queue()
    tried = bob.get(trial)
    assert 'data-finished="yes"' in tried.content.decode()
    seen = text_of(tried)
    assert "This was a trial run: nobody was added or changed." in seen
    assert "New people 1" in seen
    assert "2 Ruth Moab New" in seen
    assert "3 Boaz <script>alert(1)</script> Error" in seen
    assert "Email: Enter a valid email address." in seen
    assert "<script>alert" not in tried.content.decode()
    with enter_church(grace):
        assert not Member.objects.filter(last_name="Moab").exists()
    run = bob.post(trial.replace("change/", "run/"))["Location"]
    work_queue()
    done = bob.get(run)
    assert "import_progress" not in done.content.decode()
    seen = text_of(done)
    assert "The import is done." in seen
    assert "Rows with errors 1" in seen
    assert "Columns that were ignored Shoe size" in seen
    assert "First Name First name" in seen
    assert "by Bob" in seen
    assert "1 new, 0 changed, 0 as they were, 1 with errors" in text_of(bob.get(LIST))
    assert "1 new, 0 changed, 0 as they were, 1 with errors" in text_of(bob.get("/admin/"))
    with enter_church(grace):
        assert Member.objects.filter(last_name="Moab").count() == 1
    # The file of the trial is used up.
    again = bob.post(trial.replace("change/", "run/"), follow=True)
    assert "only once" in text_of(again)


def test_whether_it_starts_sequences_is_asked_with_the_file_and_once_more(browser_session, work_queue, grace):
    bob = browser_session("bob")
    file = SimpleUploadedFile("people.csv", PEOPLE, "text/csv")
    page = bob.post(ADD, {"file": file, "start_sequences": "on", "_save": "Save"})["Location"]
    assert "Start sequences for these people" in text_of(bob.get(page))
    assert offered(bob, page)["start_sequences"] is True
    trial = choose(bob, page)
    work_queue()
    bob.post(trial.replace("change/", "run/"))
    with enter_church(grace):
        assert set(MemberImport.objects.values_list("start_sequences", flat=True)) == {True}
    other = upload(bob)
    assert not offered(bob, other)["start_sequences"]
    choose(bob, other)
    with enter_church(grace):
        assert not MemberImport.objects.latest("created_at").start_sequences


@pytest.mark.parametrize("name", LISTS)
def test_lists_of_other_systems_come_in_as_they_are_guessed(browser_session, work_queue, name):
    bob = browser_session("bob")
    for said in (f"New people {LISTS[name]}", f"As they were {LISTS[name]}"):
        page = upload(bob, (DATA / name).read_bytes(), name)
        assert "This looks like a file of" in text_of(bob.get(page)) or "before" in text_of(bob.get(page))
        trial = choose(bob, page)
        work_queue()
        assert said in text_of(bob.get(trial))
        run = bob.post(trial.replace("change/", "run/"))["Location"]
        work_queue()
        assert said in text_of(bob.get(run))


def test_what_was_guessed_wrong_is_corrected_and_remembered(browser_session, work_queue, grace):
    bob = browser_session("bob")
    content = b"Vorname;Nachname;Ort;Status;Nummer\nRuth;Moab;Ulm;Gast;7\n"
    page = upload(bob, content)
    refused = bob.post(page, offered(bob, page))
    assert refused.status_code == 200
    assert "with one for the first name and one for the last name" in text_of(refused)
    chosen = {
        "column-0": "first_name", "column-1": "last_name", "column-2": "address.city", "column-3": "",
        "external_key": "Nummer",
    }  # fmt: skip
    run = choose(bob, page, **chosen)
    work_queue()
    bob.post(run.replace("change/", "run/"))
    work_queue()
    with enter_church(grace):
        ruth = Member.objects.get(external_key="7")
    assert (ruth.first_name, ruth.address, ruth.membership_status) == ("Ruth", {"city": "Ulm"}, "active")
    next_page = upload(bob, content.replace(b"Ruth", b"Naomi").replace(b"7", b"8"))
    assert "You have imported a file with these columns before" in text_of(bob.get(next_page))
    remembered = offered(bob, next_page)
    assert {name: remembered[name] for name in chosen} == chosen


def test_the_columns_can_be_changed_after_the_trial(browser_session, work_queue, grace):
    bob = browser_session("bob")
    page = upload(bob)
    trial = choose(bob, page)
    work_queue()
    assert "Change the columns" in text_of(bob.get(trial))
    assert choose(bob, page, **{"column-2": ""}) == trial
    assert "0 of 2 rows" in text_of(bob.get(trial))
    work_queue()
    seen = text_of(bob.get(trial))
    assert "Columns that were ignored Email, Shoe size" in seen
    assert "Email: Enter" not in seen


def test_two_columns_cannot_fill_one_field(browser_session):
    bob = browser_session("bob")
    page = upload(bob)
    answer = bob.post(page, {**offered(bob, page), "column-4": "email"})
    assert answer.status_code == 200
    assert "“Email” fills this field already." in text_of(answer)


def test_administrators_make_a_new_field_for_a_column(browser_session, work_queue, grace):
    anna, bob = browser_session("anna"), browser_session("bob")
    page = upload(anna)
    assert "A new field of your own" in text_of(anna.get(page))
    assert "A new field of your own" not in text_of(bob.get(page))
    assert bob.post(page, {**offered(bob, page), "column-4": "new"}).status_code == 200
    trial = choose(anna, page, **{"column-4": "new"})
    work_queue()
    anna.post(trial.replace("change/", "run/"))
    work_queue()
    with enter_church(grace):
        field = CustomField.objects.get()
        assert (field.label, field.key) == ("Shoe size", "shoe_size")
        assert Member.objects.get(last_name="Moab").custom_fields == {"shoe_size": "7"}
    # The next file's column of that name is known.
    assert offered(anna, upload(anna, PEOPLE + b"x,y,,,\n"))["column-4"] == "custom_fields.shoe_size"


def test_rows_are_listed_by_their_fate_with_what_changes(browser_session, work_queue, grace, run_import):
    bob = browser_session("bob")
    with enter_church(grace):
        ada = Member.objects.get(first_name="Ada")
    content = f"first_name,last_name,email,city\nAda,Lovelace,{ada.email},London\n,Nobody,,\n"
    content += "".join(f"Guest{n},New,guest{n}@example.org,Ulm\n" for n in range(60))
    trial = choose(bob, upload(bob, content.encode()))
    work_queue()
    changed = text_of(bob.get(f"{trial}?fate=updated"))
    assert "2 Ada Lovelace Changed Address: London" in changed
    assert "Guest" not in changed
    assert "3 Nobody Error First name: This is required." in text_of(bob.get(f"{trial}?fate=failed"))
    assert "Page 2 of 2" in text_of(bob.get(f"{trial}?fate=created&page=2"))
    assert bob.get(f"{trial}?fate=nonsense&page=x").status_code == 200
    short = choose(bob, upload(bob, content.encode()[: content.index("Guest1,")]))
    work_queue()
    assert fewest_queries(lambda: bob.get(short)) == fewest_queries(lambda: bob.get(trial))


def test_an_import_is_undone_after_a_question(
    browser_session, work_queue, grace, run_import, number_of_people
):
    bob = browser_session("bob")
    before = number_of_people()
    done = run_import("first_name,last_name,email\nRuth,Moab,r@moab.example\nBoaz,Moab,b@moab.example\n")
    page = f"{LIST}{done.pk}/change/"
    assert "Undo this import…" in text_of(bob.get(page))
    question = f"{LIST}{done.pk}/undo/"
    assert "2 people whom it made are removed again." in text_of(bob.get(question))
    assert number_of_people() == before + 2
    assert bob.post(question)["Location"] == page
    waiting = bob.get(page)
    assert "The import is being undone." in text_of(waiting)
    assert 'data-finished="no"' in waiting.content.decode()
    work_queue()
    seen = text_of(bob.get(page))
    assert "The import was undone: 2 people were removed again" in seen
    assert "Undo this import" not in seen
    assert number_of_people() == before
    assert "undone" in text_of(bob.get(LIST))


def test_what_nobody_came_back_for_is_forgotten_after_a_day(browser_session, work_queue, grace):
    bob = browser_session("bob")
    draft = upload(bob)
    trial = choose(bob, upload(bob))
    work_queue()
    with enter_church(grace):
        church_swept.send(sender=Church, church=grace)
        assert MemberImport.objects.filter(content__isnull=False).count() == 2
        day_ago = timezone.now() - timedelta(days=1, minutes=1)
        MemberImport.objects.update(updated_at=day_ago)
        MemberImport.objects.filter(dry_run=True).update(finished_at=day_ago)
        church_swept.send(sender=Church, church=grace)
        assert MemberImport.objects.get().content is None
    assert bob.get(draft)["Location"] == "/admin/"
    seen = text_of(bob.get(trial))
    assert "Import now" not in seen
    assert "Choose a file" in seen


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The file is empty."),
        (b"PK\x03\x04workbook", "This is a workbook or an archive, not CSV."),
        (b'first_name,last_name\n"Ruth,Moab\n', "Line 2: a quotation mark is not closed"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_on_the_form(browser_session, grace, content, said):
    file = SimpleUploadedFile("people.csv", content, "text/csv")
    answer = browser_session("bob").post(ADD, {"file": file, "_save": "Save"})
    assert answer.status_code == 200
    assert said in text_of(answer)
    with enter_church(grace):
        assert MemberImport.objects.count() == 0


def test_a_form_without_a_file_says_so(browser_session):
    answer = browser_session("bob").post(ADD, {})
    assert answer.status_code == 200
    assert "This field is required." in text_of(answer)


def test_uploads_are_limited(browser_session):
    bob = browser_session("bob")
    for _number in range(10):
        upload(bob)
    refused = bob.post(ADD, {"file": SimpleUploadedFile("people.csv", PEOPLE, "text/csv")})
    assert refused.status_code == 200
    assert "Too many files at once." in text_of(refused)


def test_imports_are_for_those_who_may_write(browser_session, grace):
    vera = browser_session("vera")
    page = upload(browser_session("bob"))
    for name in ("columns", "change", "undo"):
        assert vera.get(page.replace("columns", name)).status_code == 403
    assert vera.post(page.replace("columns", "run")).status_code == 403
    for address in (LIST, ADD):
        assert vera.get(address).status_code == 403
    assert vera.post(ADD, {"file": SimpleUploadedFile("a.csv", PEOPLE)}).status_code == 403
    assert browser_session("bob").post(page.replace("columns", "delete")).status_code == 403
    with enter_church(grace):
        assert MemberImport.objects.count() == 1


def test_an_import_of_another_church_is_not_there(browser_session):
    page = upload(browser_session("bob"))
    for name in ("columns", "change", "undo"):
        answer = browser_session("dan").get(page.replace("columns", name), follow=True)
        assert answer.redirect_chain == [("/admin/", 302)]
