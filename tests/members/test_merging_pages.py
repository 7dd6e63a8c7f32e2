"""Duplicates, comparing, merging and undoing on the pages of a church."""

from __future__ import annotations

import uuid

import pytest

from members.custom_fields.domain import create_custom_field
from members.domain import create_member
from members.models import Member, MemberMerge, NotDuplicates
from tenants.context import enter_church
from tests.members.member_pages import LIST, change
from tests.pages import choose, text_of

DUPLICATES = f"{LIST}duplicates/"
MERGES = f"{LIST}merges/"


@pytest.fixture
def simon(grace):
    with enter_church(grace):
        return create_member(first_name="Simon", last_name="Bethsaida", email="s@x.example", tags=["Choir"])


@pytest.fixture
def peter(simon, grace):
    with enter_church(grace):
        return create_member(
            first_name="Simeon", last_name="Bethsaida", email="s@x.example", nickname="Rock", tags=["Elders"],
            birth_date="--06-29", membership_status="visitor",
        )  # fmt: skip


def merge_page(one, other):
    return f"{LIST}{one.pk}/merge/?with={other.pk}"


def test_duplicates_are_offered_compared_merged_and_parted_again(browser_session, simon, peter, grace):
    alice = browser_session("alice")
    assert DUPLICATES in alice.get(LIST).content.decode()
    listed = alice.get(DUPLICATES)
    assert "same email" in text_of(listed)
    # Who is known longer stays.
    assert merge_page(simon, peter) in listed.content.decode()
    compared = alice.get(merge_page(simon, peter))
    seen = text_of(compared)
    assert "Simon Bethsaida stays, Simeon Bethsaida goes." in seen
    assert "Called nothing (stays) Rock (goes)" in seen
    assert "Choir, Elders (both)" in seen
    assert "June 29" in seen
    assert "Visitor (goes)" in seen
    assert "What is the same" in seen
    assert merge_page(peter, simon) in compared.content.decode()
    done = alice.post(merge_page(simon, peter), {"choice-first_name": "absorbed"}, follow=True)
    assert done.redirect_chain == [(MERGES, 302)]
    assert "Simeon Bethsaida was merged into" in text_of(done)
    assert "Undo" in text_of(done)
    with enter_church(grace):
        assert Member.objects.get(pk=simon.pk).first_name == "Simeon"
        merge = MemberMerge.objects.get()
    back = alice.post(f"{MERGES}{merge.pk}/undo/", follow=True)
    assert back.redirect_chain == [(change(peter), 302)]
    assert "Simeon Bethsaida is back." in text_of(back)
    with enter_church(grace):
        assert Member.objects.get(pk=simon.pk).first_name == "Simon"
    assert "undone" in text_of(alice.get(MERGES))
    again = alice.post(f"{MERGES}{merge.pk}/undo/", follow=True)
    assert "This merge is undone already." in text_of(again)


def test_two_who_are_not_the_same_are_said_so(browser_session, simon, peter, grace):
    bob = browser_session("bob")
    page = bob.get(DUPLICATES).content.decode()
    assert "Not the same" in page
    assert "/merge/" not in page
    sent = {"first": str(simon.pk), "second": str(peter.pk)}
    done = bob.post(f"{DUPLICATES}not-the-same/", sent, follow=True)
    assert "Simon Bethsaida and Simeon Bethsaida are not offered again." in text_of(done)
    assert "Nobody seems to be in the list twice." in text_of(done)
    with enter_church(grace):
        assert NotDuplicates.objects.count() == 1
    for odd in ({}, {"first": "x", "second": "y"}, {"first": str(simon.pk), "second": str(uuid.uuid4())}):
        assert bob.post(f"{DUPLICATES}not-the-same/", odd).status_code == 404


def test_the_other_one_is_searched_from_a_persons_page(browser_session, simon, peter):
    alice = browser_session("alice")
    page = f"{LIST}{simon.pk}/merge/"
    assert page in alice.get(change(simon)).content.decode()
    # Those of the same name come to mind first; nobody is offered themselves.
    offered = alice.get(page).content.decode()
    assert merge_page(simon, peter) in offered
    assert merge_page(simon, simon) not in offered
    assert "Nobody was found." in text_of(alice.get(f"{page}?q=nobodyatall"))
    assert merge_page(simon, peter) in alice.get(f"{page}?q=sime").content.decode()


def test_two_are_chosen_in_the_list(browser_session, simon, peter, person):
    alice = browser_session("alice")
    sent = alice.post(LIST, choose("merge_chosen", peter, simon))
    assert (sent.status_code, sent.headers["Location"]) == (302, merge_page(simon, peter))
    for rows in ([simon], [simon, peter, person("Ada")]):
        answer = alice.post(LIST, choose("merge_chosen", *rows), follow=True)
        assert "Choose the two people who are one." in text_of(answer)


def test_nobody_is_merged_with_themselves(browser_session, simon):
    answer = browser_session("alice").get(merge_page(simon, simon), follow=True)
    assert "This is the same person." in text_of(answer)


def test_staff_finds_duplicates_and_merges_nobody(browser_session, simon, peter, grace):
    bob = browser_session("bob")
    assert "/merge/" not in bob.get(change(simon)).content.decode()
    assert 'value="merge_chosen"' not in bob.get(LIST).content.decode()
    for address in (merge_page(simon, peter), MERGES):
        assert bob.get(address).status_code == 403
        assert bob.post(address).status_code == 403
    bob.post(LIST, choose("merge_chosen", simon, peter))
    vera = browser_session("vera")
    assert vera.get(DUPLICATES).status_code == 403
    assert DUPLICATES not in vera.get(LIST).content.decode()
    with enter_church(grace):
        assert Member.objects.filter(pk=peter.pk).exists()


def test_who_is_of_another_church_is_not_there(browser_session, simon, hope):
    with enter_church(hope):
        foreign = Member.objects.first()
    alice = browser_session("alice")
    assert alice.get(merge_page(simon, foreign)).status_code == 404
    assert alice.post(merge_page(simon, foreign)).status_code == 404
    assert alice.get(f"{LIST}{simon.pk}/merge/?with=x").status_code == 404
    assert browser_session("carol").get(merge_page(simon, foreign)).status_code == 404


def test_markup_in_values_is_text(browser_session, grace, simon):
    attack = "<script>alert(1)</script>"
    with enter_church(grace):
        own = create_custom_field(label=attack, kind="text")
        other = create_member(
            first_name=attack, last_name="Bethsaida", email="s@x.example", tags=[attack],
            custom_fields={own.key: attack}, address={"line1": attack, attack: attack},
        )  # fmt: skip
    alice = browser_session("alice")
    for address in (DUPLICATES, merge_page(simon, other), f"{LIST}{simon.pk}/merge/"):
        assert attack not in alice.get(address).content.decode()
    alice.post(merge_page(simon, other))
    assert attack not in alice.get(MERGES).content.decode()


def test_odd_choices_change_nothing_odd(browser_session, simon, peter, grace):
    sent = {"choice-first_name": "both", "choice-id": "absorbed", "choice-email": "<x>"}
    answer = browser_session("alice").post(merge_page(simon, peter), sent, follow=True)
    assert "There is no such field." in text_of(answer)
    with enter_church(grace):
        assert Member.objects.filter(pk=peter.pk).exists()
    browser_session("alice").post(merge_page(simon, peter), {"choice-first_name": "both"})
    with enter_church(grace):
        assert Member.objects.get(pk=simon.pk).first_name == "Simon"
