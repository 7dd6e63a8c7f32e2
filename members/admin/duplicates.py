"""The page of people who may be in the list twice."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.admin import may
from members.merging.api import MERGING, with_people
from members.merging.domain import say_not_duplicates
from members.merging.duplicates import EMAIL, NAME_AND_ADDRESS, NAME_AND_BIRTHDAY, PHONE, find_duplicates
from members.models import Member
from members.phone import readable_phone
from tenants.context import current_church

from .people_pages import page_url, people_pages, shown

PAIRS_SHOWN = 20
REASON_NAMES = {
    EMAIL: _("same email"),
    PHONE: _("same phone"),
    NAME_AND_ADDRESS: _("like names at one address"),
    NAME_AND_BIRTHDAY: _("like names with one birthday"),
}


def likelihood(score: int) -> Any:
    """The score in words."""
    if score >= 60:
        return _("very likely")
    return _("likely") if score >= 35 else _("possible")


def contact(person: Member) -> dict[str, Any]:
    """What tells people of like names apart."""
    return {
        "person": person,
        "email": person.email,
        "phone": readable_phone(person.phone, current_church().country),
    }


@people_pages.page("duplicates/", "people_duplicates", permission="members:write")
def duplicates(request: HttpRequest) -> HttpResponse:
    """Pairs with the reasons, and what can be done about each."""
    page = Paginator(find_duplicates(), PAIRS_SHOWN).get_page(request.GET.get("page"))
    pairs = [
        {
            **pair,
            "reasons": [REASON_NAMES[name] for name in pair["reasons"]],
            "people": [contact(pair["first"]), contact(pair["second"])],
            "likelihood": likelihood(pair["score"]),
            "merge_url": merge_url(*in_order_of_age(pair["first"], pair["second"])),
        }
        for pair in with_people(list(page))
    ]
    return shown(
        request,
        "members/duplicates_page.html",
        gettext("Duplicates"),
        pairs=pairs,
        page=page,
        tab_url=page_url("people_duplicates"),
        may_merge=may(request, MERGING),
    )


@people_pages.page(
    "duplicates/not-the-same/", "people_not_the_same", permission="members:write", methods=["POST"]
)
def not_the_same(request: HttpRequest) -> HttpResponse:
    """Notes that two people are two."""
    user: Any = request.user
    first, second = (_posted(request, name) for name in ("first", "second"))
    try:
        say_not_duplicates(first=first, second=second, user=user)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        text = gettext("%(first)s and %(second)s are not offered again.")
        messages.success(request, text % {"first": first, "second": second})
    return HttpResponseRedirect(page_url("people_duplicates"))


def _posted(request: HttpRequest, name: str) -> Member:
    return get_object_or_404(Member, pk=key_of(request.POST.get(name, "")))


def key_of(text: str) -> uuid.UUID | None:
    """The id that ``text`` is; None when it is none."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def in_order_of_age(one: Member, other: Member) -> tuple[Member, Member]:
    """Who is known longer comes first: they stay unless somebody decides otherwise."""
    first, second = sorted((one, other), key=lambda person: (person.created_at, person.pk))
    return first, second


def merge_url(survivor: Member, absorbed: Member) -> str:
    """Address of the page that compares two people."""
    return f"{page_url('person_merge', survivor.pk)}?with={absorbed.pk}"
