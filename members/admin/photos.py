"""The page on which a person gets a photo."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.admin import may
from core.rate_limits import TooManyRequestsError, count
from files.uploads import UPLOAD_LIMIT, FileInput
from members import photos
from members.models import Member

from .history import POSTED
from .people_pages import page_url, people_pages, shown
from .person_page import Verb, person_page, person_url


@person_page.verb(position=40)
def photo_verb(request: HttpRequest, person: Member) -> Verb | None:
    if not may(request, "members:write"):
        return None
    label = gettext("Change photo") if person.photo_id else gettext("Add a photo")
    return Verb(label, page_url("person_photo", person.pk), "photo_camera")


class PhotoForm(forms.Form):
    """A picture; a phone offers its camera for it."""

    file = forms.FileField(
        label=_("Photo"),
        allow_empty_file=True,
        widget=FileInput(attrs={"accept": "image/jpeg,image/png,image/gif,image/webp"}),
        help_text=_("A picture as your phone takes it. Where it was taken is not kept."),
    )


@people_pages.page("<uuid:person_id>/photo/", "person_photo", permission="members:write", methods=POSTED)
def photo(request: HttpRequest, person: Member) -> HttpResponse:
    """Shows the photo, takes another one in, or takes it away."""
    if request.method == "POST" and "remove" in request.POST:
        photos.remove_photo(member=person)
        messages.success(request, gettext("The photo was removed."))
        return redirect(person_url(person))
    form = PhotoForm(request.POST, request.FILES) if request.method == "POST" else PhotoForm()
    if form.is_valid() and _stored(request, person, form):
        messages.success(request, gettext("The photo was saved."))
        return redirect(person_url(person))
    title = gettext("Photo of %(name)s") % {"name": person}
    return shown(
        request, "members/photo_page.html", title, person=person, form=form, back_url=person_url(person)
    )


def _stored(request: HttpRequest, person: Member, form: PhotoForm) -> bool:
    user: Any = request.user
    try:
        count(UPLOAD_LIMIT, str(user.pk))
        photos.set_photo(member=person, content=form.cleaned_data["file"], user=user)
    except TooManyRequestsError:
        form.add_error("file", gettext("Too many files at once. Try again in a minute."))
    except ValidationError as refusal:
        form.add_error("file", refusal.messages)
    return not form.errors
