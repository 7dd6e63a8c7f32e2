"""A list from the file to the people in a real browser: columns, trial, import, undo."""

from __future__ import annotations

import pytest

from tests.browser.test_pages import check
from tests.members.conftest import DATA, LISTS

pytestmark = pytest.mark.slow
FINISHED = "#import[data-finished=yes]"


def choose_file(visit, path, **options):
    """The page of the columns, after ``path`` was uploaded."""
    watched = visit("/admin/members/memberimport/add/", actor="bob", **options)
    watched.page.set_input_files("[name=file]", path)
    watched.page.get_by_role("button", name="Go on").click()
    watched.page.wait_for_url("**/columns/")
    watched.settle()
    return watched


def try_out(watched):
    watched.page.get_by_role("button", name="Show what would happen").click()
    watched.page.wait_for_url("**/change/")
    watched.page.wait_for_selector(FINISHED, timeout=120_000)
    watched.settle()


@pytest.mark.parametrize("name", LISTS)
def test_each_list_goes_through_columns_and_trial_into_the_church(visit, name):
    watched = choose_file(visit, DATA / name)
    page = watched.page
    assert "This looks like a file of" in page.inner_text(".import-state")
    check(watched)
    try_out(watched)
    assert str(LISTS[name]) in page.inner_text(".import-count-created")
    check(watched)
    page.get_by_role("button", name="Import now").click()
    page.locator(".import-state", has_text="The import is done.").wait_for(timeout=120_000)
    assert str(LISTS[name]) in page.inner_text(".import-count-created")
    page.get_by_role("link", name="Undo this import").click()
    page.get_by_role("button", name="Undo the import").click()
    page.locator(".import-state", has_text="The import was undone").wait_for(timeout=120_000)
    watched.settle()
    check(watched)


def test_an_import_shows_its_progress_until_it_is_done(visit, tmp_path):
    rows = "".join(f"Guest{number},Imported,guest{number}@example.org\n" for number in range(300))
    (tmp_path / "guests.csv").write_text(f"first_name,last_name,email\n{rows},Nameless,x@example.org\n")
    watched = choose_file(visit, tmp_path / "guests.csv", width=390)
    check(watched)
    try_out(watched)
    page = watched.page
    assert "300" in page.inner_text(".import-count-created")
    page.get_by_role("link", name="Error", exact=True).click()
    page.wait_for_url("**fate=failed**")
    assert "302" in page.inner_text(".plain-table")
    check(watched)


def test_the_dark_theme_of_the_columns_can_be_read(visit, site):
    for path in ("{draft}/columns/", "{trial}/change/"):
        address = f"/admin/members/memberimport/{path}".format(**site.keys)
        check(visit(address, actor="anna", color_scheme="dark"))
