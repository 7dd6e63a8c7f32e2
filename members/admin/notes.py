"""The tab with the notes about a person, and what can be done with a note."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldBooleanSwitchWidget

from core.admin import may
from core.forms import RefusableForm
from members.confidential import domain
from members.confidential.visibility import listed_notes, notes_for
from members.models import Member, MemberNote
from tenants.sites import church_site

from .people_pages import page_url, people_pages, shown
from .person_page import Verb, person_page, person_url

NOTES_SHOWN = 20


@person_page.verb(position=10)
def write_note(request: HttpRequest, person: Member) -> Verb | None:
    """Leads to the form above the notes."""
    if not may(request, "members:write"):
        return None
    return Verb(gettext("Write a note"), person_url(person, "notes"), "edit_note")


class NoteForm(RefusableForm):
    """The text of a note; whether it is confidential is asked of those who may say so."""

    body = forms.CharField(
        label=_("Note"), max_length=domain.LONGEST_TEXT, widget=UnfoldAdminTextareaWidget(attrs={"rows": 5})
    )
    is_confidential = forms.BooleanField(
        label=_("Confidential"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text=_("For pastors and administrators only; who reads it is written down."),
    )

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may(request, domain.CONFIDENTIAL):
            del self.fields["is_confidential"]


def _refused(form: NoteForm, door: Any, **values: Any) -> bool:
    try:
        door(**values)
    except ValidationError as refusal:
        form.refuse(refusal)
        return True
    return False


@person_page.tab("notes", _("Notes"), "members/notes_tab.html", position=30, permission="members:write")
def notes_tab(request: HttpRequest, person: Member) -> dict[str, Any]:
    """A page of the notes that exist for whoever asks, and the form for a new one."""
    return _tab(request, person, NoteForm(request))


def _tab(
    request: HttpRequest, person: Member, form: NoteForm, read: dict[uuid.UUID, str] | None = None
) -> dict[str, Any]:
    user: Any = request.user
    page = Paginator(listed_notes(user, person.pk), NOTES_SHOWN).get_page(request.GET.get("page"))
    notes = [
        {
            "note": note,
            "body": (read or {}).get(note.pk, getattr(note, "plain_body", None)),
            "may_change": domain.may_change(note=note, user=user),
        }
        for note in page
    ]
    return {"notes": notes, "notes_page": page, "note_form": form, "tab_url": person_url(person, "notes")}


def _tab_page(request: HttpRequest, person: Member, **content: Any) -> HttpResponse:
    page: Any = church_site.get_model_admin(Member)
    card = page._card_of(request, person, open_tab="notes")
    context = {**card, **content, "tab_template": "members/notes_tab.html"}
    return shown(request, "members/person_tab.html", str(person), **context)


def _note(request: HttpRequest, person: Member, note_id: uuid.UUID) -> MemberNote:
    note = notes_for(request.user).filter(member=person, pk=note_id).defer("body").first()
    if note is None:
        raise Http404
    return note


@people_pages.page("<uuid:person_id>/notes/", "person_note_add", permission="members:write", methods=["POST"])
def add_note(request: HttpRequest, person: Member) -> HttpResponse:
    form = NoteForm(request, request.POST)
    user: Any = request.user
    if not form.is_valid() or _refused(
        form, domain.add_note, member=person, author=user, **form.cleaned_data
    ):
        return _tab_page(request, person, **_tab(request, person, form))
    messages.success(request, gettext("The note was added."))
    return HttpResponseRedirect(person_url(person, "notes"))


@people_pages.page(
    "<uuid:person_id>/notes/<uuid:note_id>/show/",
    "person_note_show",
    permission=domain.CONFIDENTIAL,
    methods=["POST"],
)
def show_note(request: HttpRequest, person: Member, note_id: uuid.UUID) -> HttpResponse:
    """The tab once more with the text of one confidential note in it; the reading is logged."""
    user: Any = request.user
    note = _note(request, person, note_id)
    read = {}
    if note.is_confidential:
        read[note.pk] = domain.read_confidential_note(note=note, reader=user)
    return _tab_page(request, person, **_tab(request, person, NoteForm(request), read))


@people_pages.page(
    "<uuid:person_id>/notes/<uuid:note_id>/",
    "person_note_change",
    permission="members:write",
    methods=["GET", "HEAD", "POST"],
)
def change_note(request: HttpRequest, person: Member, note_id: uuid.UUID) -> HttpResponse:
    """The form of a note. Opening that of a confidential one is a reading of it."""
    user: Any = request.user
    with transaction.atomic():
        note = _note(request, person, note_id)
        if not domain.may_change(note=note, user=user):
            raise PermissionDenied
        if request.method == "POST":
            form = NoteForm(request, request.POST)
            if form.is_valid() and not _refused(
                form, domain.change_note, note=note, user=user, **form.cleaned_data
            ):
                messages.success(request, gettext("The note was changed."))
                return HttpResponseRedirect(person_url(person, "notes"))
        else:
            body = (
                domain.read_confidential_note(note=note, reader=user) if note.is_confidential else note.body
            )
            form = NoteForm(request, initial={"body": body, "is_confidential": note.is_confidential})
    return shown(
        request,
        "members/note_page.html",
        gettext("Change note"),
        person=person,
        form=form,
        back_url=person_url(person, "notes"),
        remove_url=page_url("person_note_remove", person.pk, note.pk),
    )


@people_pages.page(
    "<uuid:person_id>/notes/<uuid:note_id>/remove/",
    "person_note_remove",
    permission="members:write",
    methods=["GET", "HEAD", "POST"],
)
def remove_note(request: HttpRequest, person: Member, note_id: uuid.UUID) -> HttpResponse:
    """Asks, and removes the note when that was sent."""
    user: Any = request.user
    note = _note(request, person, note_id)
    if not domain.may_change(note=note, user=user):
        raise PermissionDenied
    if request.method == "POST":
        domain.remove_note(note=note, user=user)
        messages.success(request, gettext("The note was deleted."))
        return HttpResponseRedirect(person_url(person, "notes"))
    return shown(
        request,
        "members/note_remove.html",
        gettext("Delete note"),
        person=person,
        note=note,
        back_url=person_url(person, "notes"),
    )
