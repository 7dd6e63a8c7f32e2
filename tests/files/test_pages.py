"""The page of files, as staff use it."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from files import domain
from files.models import StoredFile
from members import photos
from members.models import Member
from tenants.context import enter_church
from tests.files.samples import PDF, picture, uploaded
from tests.pages import text_of

LIST = "/admin/files/storedfile/"
pytestmark = pytest.mark.usefixtures("on_disk")


@pytest.fixture
def page(browser_session):
    return browser_session("bob")


def test_a_file_is_uploaded_found_downloaded_and_deleted(page, grace, keys):
    answer = page.post(f"{LIST}add/", {"file": uploaded(PDF, "Rota <b>.pdf")}, follow=True)
    text = text_of(answer)
    assert "“Rota b.pdf” was uploaded." in text or "Rota" in text
    assert "Bob" in text
    assert "500" not in text.partition("used")[0][-12:]
    with enter_church(grace):
        file = StoredFile.objects.get()
    assert "Rota" in text_of(page.get(f"{LIST}?q=rota"))
    assert "Rota" not in text_of(page.get(f"{LIST}?purpose=event_flyer"))
    assert "PDF" in text_of(page.get(f"{LIST}{file.pk}/change/"))
    assert page.get(f"{LIST}{file.pk}/download/", follow=True).getvalue() == PDF
    page.post(f"{LIST}{file.pk}/delete/", {"post": "yes"})
    with enter_church(grace):
        assert not StoredFile.objects.exists()


def test_the_room_that_is_taken_is_shown(page, grace, settings):
    settings.FILE_QUOTAS = {"free": 1, "standard": 2048, "premium": 1}
    with enter_church(grace):
        domain.store_file(content=uploaded(b"x" * 1024), name="notes", purpose="document")
    answer = page.get(LIST)
    assert "1.0 KB of 2.0 KB used" in text_of(answer).replace("\xa0", " ")
    assert 'value="50"' in answer.content.decode()


def test_what_a_door_refuses_is_said_on_the_form(page, keys):
    text = text_of(page.post(f"{LIST}add/", {"file": uploaded(b"<svg>", "picture.png")}))
    assert "Files of this kind are not taken." in text
    assert keys() == []


def test_a_file_says_where_it_is_used_and_cannot_be_deleted_there(page, grace):
    with enter_church(grace):
        ada = Member.objects.get(first_name="Ada")
        photo = photos.set_photo(member=ada, content=uploaded(picture()), user=None).photo
    answer = page.get(LIST)
    assert "Ada Lovelace" in text_of(answer)
    assert f"/admin/members/member/{ada.pk}/change/" in answer.content.decode()
    text = text_of(page.post(f"{LIST}{photo.pk}/delete/", {"post": "yes"}, follow=True))
    assert "This file is in use: Ada Lovelace" in text
    with enter_church(grace):
        assert StoredFile.objects.filter(pk=photo.pk).exists()


def test_volunteers_see_no_files(browser_session):
    volunteer = browser_session("vera")
    assert volunteer.get(LIST).status_code == 403
    assert LIST not in volunteer.get("/admin/members/member/").content.decode()


def test_a_list_of_thirty_asks_as_often_as_a_list_of_one(page, grace):
    counts = []
    for size in (1, 30):
        with enter_church(grace):
            for _ in range(size - StoredFile.objects.count()):
                domain.store_file(content=uploaded(PDF), name="x", purpose="document")
        page.get(LIST)  # so that the host is remembered
        with CaptureQueriesContext(connection) as queries:
            assert page.get(LIST).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
