"""The page on which an event gets its flyer."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.rate_limits import TooManyRequestsError, count
from events import flyers
from events.models import Event
from files.uploads import UPLOAD_LIMIT, FileInput

from .pages import EventPages, registrations_url


class FlyerForm(forms.Form):
    """A picture or a PDF."""

    file = forms.FileField(
        label=gettext_lazy("Flyer"),
        allow_empty_file=True,
        widget=FileInput(attrs={"accept": "image/jpeg,image/png,image/gif,image/webp,application/pdf"}),
        help_text=gettext_lazy("A picture or a PDF. Whoever sees the event sees its flyer."),
    )


class FlyerPages(EventPages):
    """The flyer's page; it asks for ``events:write``."""

    area = "events"

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.flyer)
        return [path("<uuid:event_id>/flyer/", page, name="events_event_flyer"), *super().get_urls()]

    def flyer(self, request: HttpRequest, event_id: uuid.UUID) -> HttpResponse:
        """Shows the flyer, takes another one in, or takes it away."""
        occurrence = self._date(request, event_id)
        event = occurrence.event
        form = FlyerForm(request.POST, request.FILES) if request.method == "POST" else FlyerForm()
        if request.method == "POST" and "remove" in request.POST:
            flyers.remove_flyer(event=event)
            messages.success(request, _("The flyer was removed."))
            return HttpResponseRedirect(registrations_url(event))
        if form.is_valid() and _stored(request, event, form):
            messages.success(request, _("The flyer was saved."))
            return HttpResponseRedirect(registrations_url(event))
        title = _("Flyer of “%(event)s”") % {"event": event.title}
        return self._page(
            request, "events/flyer.html", title=title, form=form, **self._shown(request, occurrence)
        )


def _stored(request: HttpRequest, event: Event, form: FlyerForm) -> bool:
    user: Any = request.user
    file = form.cleaned_data["file"]
    try:
        count(UPLOAD_LIMIT, str(user.pk))
        flyers.set_flyer(event=event, content=file, name=file.name, user=user)
    except TooManyRequestsError:
        form.add_error("file", _("Too many files at once. Try again in a minute."))
    except ValidationError as refusal:
        form.add_error("file", refusal.messages)
    return not form.errors
