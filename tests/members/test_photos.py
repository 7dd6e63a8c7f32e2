"""The photo of a person: who sees it, and what becomes of it."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from PIL import Image

from core.logs import HIDDEN
from core.models import HistoryEntry
from files.domain import remove_file
from files.models import FileRemoval, StoredFile
from members import domain, photos
from members.history.deleted import deletion_of
from members.history.domain import restore_member
from members.merging.domain import forget_old_snapshots, merge_members
from members.merging.undoing import undo_merge
from members.models import Member, MemberMerge
from members.personal_data.domain import erase_member, personal_data_of
from tenants.context import enter_church
from tests.files.conftest import on_disk
from tests.files.samples import PDF, picture, uploaded
from tests.pages import text_of

__all__ = ["on_disk"]
pytestmark = pytest.mark.usefixtures("on_disk")


@pytest.fixture
def ada(grace):
    with enter_church(grace):
        return Member.objects.get(first_name="Ada")


@pytest.fixture
def mary(grace):
    with enter_church(grace):
        return Member.objects.get(first_name="Mary")


def with_photo(member):
    return photos.set_photo(member=member, content=uploaded(picture(), "Ada at home.jpg"), user=None)


def upload(client, member, content=None):
    file = uploaded(content or picture(), "me.jpg")
    return client.post(f"/api/members/{member.pk}/photo", {"file": file}, format="multipart")


def test_staff_give_a_photo_and_everybody_who_may_read_people_sees_it(api, ada):
    answer = upload(api("bob"), ada)
    assert answer.status_code == 201, answer.json()
    shown = api("vera").get(f"/api/members/{ada.pk}").json()["photo_url"]
    content = api(None).get(shown).getvalue()
    assert Image.open(io.BytesIO(content)).size == (60, 40)
    assert api("vera").get("/api/files").status_code == 403
    assert api("bob").delete(f"/api/members/{ada.pk}/photo").status_code == 204
    assert api("bob").delete(f"/api/members/{ada.pk}/photo").status_code == 204
    assert api("vera").get(f"/api/members/{ada.pk}").json()["photo_url"] is None
    assert api(None).get(shown).status_code == 404


def test_a_photo_that_is_none_is_refused_and_the_old_one_stays(api, ada, grace):
    with enter_church(grace):
        before = with_photo(ada).photo_id
    assert upload(api("bob"), ada, PDF).json()["errors"].keys() == {"file"}
    with enter_church(grace):
        assert Member.objects.get(pk=ada.pk).photo_id == before


def test_a_new_photo_replaces_the_old_one_and_has_no_name(grace, ada):
    with enter_church(grace):
        former = with_photo(ada).photo
        photo = with_photo(ada).photo
        assert StoredFile.objects.get() == photo
        assert photo.name == "photo.jpg"
        assert FileRemoval.objects.get().key == former.key
        told = HistoryEntry.objects.filter(about=ada.pk, changes__has_key="photo").latest("timestamp")
        assert told.changes["photo"] == [HIDDEN, HIDDEN]


def test_the_page_of_a_person_takes_shows_and_removes_a_photo(browser_session, ada):
    page, address = browser_session("bob"), f"/admin/members/member/{ada.pk}/photo/"
    card = f"/admin/members/member/{ada.pk}/change/"
    assert "Add a photo" in text_of(page.get(card))
    assert "A photo is a JPEG" in text_of(page.post(address, {"file": uploaded(PDF)}))
    assert "The photo was saved." in text_of(page.post(address, {"file": uploaded(picture())}, follow=True))
    shown = browser_session("vera").get(card).content.decode()
    assert 'alt="Photo of Ada Lovelace"' in shown
    assert 'src="/files/' in shown
    assert "/photo/" not in shown
    assert "The photo was removed." in text_of(page.post(address, {"remove": "1"}, follow=True))
    assert "Photo of" not in browser_session("vera").get(card).content.decode()


def test_a_photo_goes_with_the_person_and_does_not_come_back(grace, ada):
    with enter_church(grace):
        domain.remove_member(member=with_photo(ada))
        assert not StoredFile.objects.exists()
        assert FileRemoval.objects.exists()
        assert restore_member(entry=deletion_of(ada.pk)).photo is None


def test_a_merge_takes_the_photo_over_where_there_is_none(grace, ada, mary, user):
    with enter_church(grace):
        photo = with_photo(mary).photo
        merge = merge_members(survivor=ada, absorbed=mary, user=user("anna"))
        assert Member.objects.get(pk=ada.pk).photo == photo
        undo_merge(merge=merge, user=user("anna"))
        assert Member.objects.get(pk=ada.pk).photo is None
        assert Member.objects.get(pk=mary.pk).photo == photo


def test_a_merge_keeps_ones_own_photo_and_an_undo_gives_the_other_back(grace, ada, mary, user):
    with enter_church(grace):
        own, other = with_photo(ada).photo, with_photo(mary).photo
        merge = merge_members(survivor=ada, absorbed=mary, user=user("anna"))
        assert Member.objects.get(pk=ada.pk).photo == own
        forget_old_snapshots()
        undo_merge(merge=merge, user=user("anna"))
        assert Member.objects.get(pk=mary.pk).photo == other
        MemberMerge.objects.update(created_at=timezone.now() - timedelta(days=31))
        forget_old_snapshots()
        assert StoredFile.objects.count() == 2


def test_what_a_merge_left_over_goes_when_it_cannot_be_undone_any_more(grace, ada, mary, user):
    with enter_church(grace):
        own, _other = with_photo(ada).photo, with_photo(mary).photo
        merge_members(survivor=ada, absorbed=mary, user=user("anna"))
        MemberMerge.objects.update(created_at=timezone.now() - timedelta(days=31))
        forget_old_snapshots()
        assert StoredFile.objects.get() == own


def test_an_undo_does_without_a_photo_that_was_replaced_since(grace, ada, mary, user):
    with enter_church(grace):
        with_photo(mary)
        merge = merge_members(survivor=ada, absorbed=mary, user=user("anna"))
        newer = with_photo(ada).photo
        undo_merge(merge=merge, user=user("anna"))
        assert Member.objects.get(pk=ada.pk).photo == newer
        assert Member.objects.get(pk=mary.pk).photo is None


def test_deleting_who_stayed_takes_both_photos(grace, ada, mary, user):
    with enter_church(grace):
        with_photo(ada), with_photo(mary)
        merge_members(survivor=ada, absorbed=mary, user=user("anna"))
        domain.remove_member(member=Member.objects.get(pk=ada.pk))
        assert not StoredFile.objects.exists()


def test_an_erasure_takes_every_photo_and_personal_data_tells_of_it(grace, ada, mary, user):
    with enter_church(grace):
        with_photo(ada), with_photo(mary)
        merge_members(survivor=ada, absorbed=mary, user=user("anna"))
        data = personal_data_of(member=Member.objects.get(pk=ada.pk), user=user("anna"))
        (told,) = [section["rows"] for section in data["sections"] if section["key"] == "photo"]
        assert told[0]["content_type"] == "image/jpeg"
        erase_member(member_id=ada.pk, user=user("anna"), reason="by letter")
        assert not StoredFile.objects.exists()
        assert FileRemoval.objects.count() == 2


def test_a_file_that_goes_leaves_the_person(grace, ada):
    with enter_church(grace):
        remove_file(file=with_photo(ada).photo)
        assert Member.objects.get(pk=ada.pk).photo is None


def test_a_photo_of_nobody_is_stored_nowhere(grace, ada):
    with enter_church(grace):
        domain.remove_member(member=Member.objects.get(pk=ada.pk))
        with pytest.raises(Member.DoesNotExist):
            with_photo(ada)
        assert not StoredFile.objects.exists()
        with pytest.raises(ValidationError):
            photos.set_photo(member=ada, content=uploaded(b""), user=None)
