"""The page of one request: what was asked, what was done, and what can be done, as buttons."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import NoReverseMatch, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldBooleanSwitchWidget

from core.admin import may
from core.forms import RefusableForm
from core.history_reading import Reader
from core.history_words import days_of
from core.models import HistoryEntry
from members.admin.person_page import person_url
from members.care import links_to
from notifications.domain import users_with
from prayer import domain, values, visibility
from prayer.models import PrayerRequest, PrayerUpdate
from prayer.praying import pray

from .presentation import flag_names, prayer_pages, request_url, shown, state_marks, who_asked

KIND = "prayer_request"
ENTRIES_SHOWN = 40
Status, Moderation = PrayerRequest.Status, PrayerRequest.Moderation


class UpdateForm(RefusableForm):
    """An update, and who reads it."""

    update_text = forms.CharField(
        label=_("Text"),
        max_length=values.LONGEST_TEXT,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
    )
    audience = forms.ChoiceField(label=_("Who reads it"), widget=UnfoldAdminSelectWidget)

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        audience = PrayerUpdate.Audience
        field: Any = self.fields["audience"]
        field.choices = [(name, audience(name).label) for name in visibility.audiences_for(request.user)]
        field.initial = audience.INTERNAL


class AnsweredForm(RefusableForm):
    """How a prayer was answered."""

    testimony = forms.CharField(
        label=_("How it was answered"),
        required=False,
        max_length=values.LONGEST_TEXT,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 5}),
        help_text=_("May stay empty. Whoever asked reads it behind their link."),
    )
    testimony_is_public = forms.BooleanField(
        label=_("Everybody may read it on the prayer wall"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text=_("Ask whoever asked first."),
    )


def _found(request: HttpRequest, request_id: uuid.UUID) -> PrayerRequest:
    prayers = visibility.requests_for(request.user).select_related("requester", "assigned_to")
    return get_object_or_404(prayers.prayed_by(request.user), pk=request_id)


def visit_url(request: HttpRequest, prayer: PrayerRequest) -> str:
    """The empty form of a visit that comes from this request; empty where that is not for whoever asks.

    A visit names whom it is for, so only who may know who asked can plan one; what it came from is
    told by visits to those alone, too.
    """
    if not may(request, "visits:write") or not visibility.may_know_name(request.user, prayer):
        return ""
    try:
        address = reverse("admin:visits_visit_add")
    except NoReverseMatch:
        return ""
    query = {"from": f"{KIND}:{prayer.pk}"}
    if prayer.requester_id:
        query["member"] = str(prayer.requester_id)
    return f"{address}?{urlencode(query)}"


def card_of(
    request: HttpRequest, prayer: PrayerRequest, form: UpdateForm | None = None, status: int = 200
) -> HttpResponse:
    """The page. ``form`` is that of an update which was refused."""
    user: Any = request.user
    writes = may(request, visibility.WRITE)
    # What came of it may name the person, too.
    knows = visibility.may_know_name(user, prayer)
    person = prayer.requester if knows else None
    history = HistoryEntry.objects.filter(about=prayer.pk, kind=PrayerRequest._meta.label_lower)
    response = shown(
        request,
        "prayer/request_page.html",
        prayer.title or str(prayer),
        prayer=prayer,
        who=who_asked(user, prayer),
        person_url=person_url(person) if person and may(request, "members:read") else "",
        email=visibility.email_for(user, prayer),
        marks=state_marks(prayer),
        flags=flag_names(prayer) if writes else [],
        updates=visibility.updates_for(user, prayer),
        links=links_to(user=user, kind=KIND, identifier=prayer.pk) if knows else [],
        have_prayed=prayer.prayers.filter(user=user).exists(),
        writes=writes,
        may_delete=may(request, "prayer:delete"),
        is_mine=prayer.assigned_to_id == user.pk,
        users=users_with(visibility.WRITE) if writes else [],
        visit_url=visit_url(request, prayer),
        form=form or UpdateForm(request),
        days=days_of(history[:ENTRIES_SHOWN], Reader()) if writes else [],
    )
    response.status_code = status
    return response


def _user(prayer: PrayerRequest, request: HttpRequest) -> Any:
    """The user who was chosen in the form; None for nobody."""
    chosen = request.POST.get("user", "")
    if not chosen:
        return None
    found = next((user for user in users_with(visibility.WRITE) if str(user.pk) == chosen), None)
    if found is None:
        raise ValidationError({"assigned_to": _("This user may not work with prayer requests.")})
    return found


# Verb -> what it changes, and what is said when it is done.
Change = Callable[[PrayerRequest, HttpRequest], dict[str, Any]]
VERBS: dict[str, tuple[Change, Any]] = {
    "publish": (lambda _p, _r: {"moderation": Moderation.PUBLISHED}, _("The request is published.")),
    "hide": (lambda _p, _r: {"moderation": Moderation.HIDDEN}, _("The request is hidden.")),
    "assign": (lambda p, r: {"assigned_to": _user(p, r)}, _("The request is assigned.")),
    "take": (lambda _p, r: {"assigned_to": r.user}, _("The request is yours.")),
    "close": (lambda _p, _r: {"status": Status.CLOSED}, _("The request is closed.")),
    "reopen": (lambda _p, _r: {"status": Status.ACTIVE}, _("The request is active again.")),
}


@prayer_pages.page(
    "<uuid:request_id>/act/", "prayer_request_act", permission=visibility.WRITE, methods=["POST"]
)
def act(request: HttpRequest, request_id: uuid.UUID) -> HttpResponse:
    """Does what the button said."""
    user: Any = request.user
    prayer = _found(request, request_id)
    verb = VERBS.get(request.POST.get("verb", ""))
    if verb is None:
        raise Http404
    change, said = verb
    try:
        domain.change_request(request=prayer, user=user, **change(prayer, request))
    except ValidationError as refusal:
        for text in refusal.messages:
            messages.error(request, text)
    else:
        messages.success(request, str(said))
    return HttpResponseRedirect(request_url(prayer))


@prayer_pages.page(
    "<uuid:request_id>/pray/", "prayer_request_pray", permission=visibility.READ, methods=["POST"]
)
def pray_here(request: HttpRequest, request_id: uuid.UUID) -> HttpResponse:
    """Counts the prayer of whoever is signed in."""
    user: Any = request.user
    prayer = _found(request, request_id)
    pray(request=prayer, user=user)
    messages.success(request, gettext("Thank you for praying."))
    return HttpResponseRedirect(request_url(prayer))


@prayer_pages.page(
    "<uuid:request_id>/updates/", "prayer_request_update", permission=visibility.WRITE, methods=["POST"]
)
def write_update(request: HttpRequest, request_id: uuid.UUID) -> HttpResponse:
    """Adds an update, or says anew who reads one."""
    user: Any = request.user
    prayer = _found(request, request_id)
    if chosen := request.POST.get("update", ""):
        return _show_to(request, prayer, chosen)
    form = UpdateForm(request, request.POST)
    if form.is_valid():
        try:
            domain.add_update(request=prayer, user=user, **form.cleaned_data)
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, gettext("The update was added."))
            return HttpResponseRedirect(request_url(prayer))
    return card_of(request, prayer, form, 400)


def _show_to(request: HttpRequest, prayer: PrayerRequest, chosen: str) -> HttpResponse:
    user: Any = request.user
    try:
        update = visibility.updates_for(user, prayer).get(pk=uuid.UUID(chosen))
        domain.change_audience(update=update, user=user, audience=request.POST.get("audience", ""))
    except ValueError as error:
        raise Http404 from error
    except ValidationError as refusal:
        for text in refusal.messages:
            messages.error(request, text)
    else:
        messages.success(request, gettext("The update was changed."))
    return HttpResponseRedirect(request_url(prayer))


@prayer_pages.page(
    "<uuid:request_id>/answered/",
    "prayer_request_answered",
    permission=visibility.WRITE,
    methods=["GET", "HEAD", "POST"],
)
def answered(request: HttpRequest, request_id: uuid.UUID) -> HttpResponse:
    """Asks how it was answered, and marks it so."""
    user: Any = request.user
    prayer = _found(request, request_id)
    told = {"testimony": prayer.testimony, "testimony_is_public": prayer.testimony_is_public}
    form = AnsweredForm(request.POST if request.method == "POST" else None, initial=told)
    if form.is_valid():
        try:
            domain.change_request(request=prayer, user=user, status=Status.ANSWERED, **form.cleaned_data)
        except ValidationError as refusal:
            for text in refusal.messages:
                form.add_error(None, text)
        else:
            messages.success(request, gettext("The request is answered."))
            return HttpResponseRedirect(request_url(prayer))
    return shown(
        request,
        "prayer/answered.html",
        gettext("Mark as answered"),
        prayer=prayer,
        form=form,
        back_url=request_url(prayer),
    )
