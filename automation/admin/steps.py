"""The form of a step, and what can be done with a step: moving it, switching it off, removing it."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from automation.models import Channel, EmailTemplate, Sequence
from automation.sequences import domain
from automation.sms.segments import count
from automation.writing.merge_fields import fields_for

from .forms import StepForm
from .pages import BOTH, WRITE, preview_url, say, sequence_pages, step_of, story_url
from .presentation import starts_when, step_name
from .shown import shown

ONE = "<uuid:sequence_id>/steps/<uuid:step_id>/"


@sequence_pages.page("<uuid:sequence_id>/steps/add/", "sequence_step_add", permission=WRITE, methods=BOTH)
def add(request: HttpRequest, sequence: Sequence) -> HttpResponse:
    """The empty form of a step; ``at`` in the address is its position, from 0, ``type`` how it is sent."""
    form = _form(request, None)
    if _is_saved(request, form):
        try:
            made = domain.add_step(sequence=sequence, **_placed(request), **form.values())
            messages.success(request, gettext("The step was added."))
            return HttpResponseRedirect(f"{story_url(sequence)}#step-{made.pk}")
        except ValidationError as refusal:
            form.refuse(refusal)
    return _page(request, sequence, None, form, gettext("Add a step"))


@sequence_pages.page(ONE, "sequence_step_change", permission=WRITE, methods=BOTH)
def change(request: HttpRequest, sequence: Sequence, step_id: uuid.UUID) -> HttpResponse:
    """The form of a step, of which only what was changed is saved."""
    step = step_of(sequence, step_id)
    form = _form(request, step)
    if _is_saved(request, form):
        try:
            domain.change_step(template=step, **_changes(form, step))
            messages.success(request, gettext("The step was saved."))
            return HttpResponseRedirect(f"{story_url(sequence)}#step-{step.pk}")
        except ValidationError as refusal:
            form.refuse(refusal)
    return _page(request, sequence, step, form, step_name(step))


def _form(request: HttpRequest, step: EmailTemplate | None) -> StepForm:
    stored = step.message_type if step else Channel.EMAIL
    asked = request.GET.get("type", "")
    message_type = asked if asked in Channel.values else stored
    initial = StepForm.initial_of(step)
    return StepForm(
        request.POST if request.method == "POST" else None, initial=initial, message_type=message_type
    )


def _is_saved(request: HttpRequest, form: StepForm) -> bool:
    return request.method == "POST" and form.is_valid() and "look" not in request.POST


def _placed(request: HttpRequest) -> dict[str, int]:
    at = request.GET.get("at", "")
    return {"order_index": int(at)} if at.isascii() and at.isdigit() and len(at) < 4 else {}


def _changes(form: StepForm, step: EmailTemplate) -> dict[str, Any]:
    values = form.values()
    if form.message_type != step.message_type:
        return values
    changed = set(form.changed_data)
    if "text" in changed:
        changed |= {"body_html", "body_text"}
    return {name: value for name, value in values.items() if name in changed}


def _page(
    request: HttpRequest, sequence: Sequence, step: EmailTemplate | None, form: StepForm, title: str
) -> HttpResponse:
    text = str(form["text"].value() or "")
    query = request.GET.copy()
    types = []
    for message_type, name in ((Channel.EMAIL, _("Email")), (Channel.SMS, _("Text message"))):
        query["type"] = str(message_type)
        types.append(
            {"title": name, "url": f"?{query.urlencode()}", "is_open": form.message_type == message_type}
        )
    return shown(
        request,
        "automation/step.html",
        title,
        sequence=sequence,
        step=step,
        form=form,
        types=types,
        starts=starts_when(sequence.trigger_event, sequence.trigger_tag),
        merge_fields=[
            {"written": f"{{{{ {name} }}}}", "meaning": meaning}
            for name, meaning in fields_for(sequence.trigger_event).items()
        ],
        length=count(text) if form.is_sms and text else None,
        story_url=story_url(sequence),
        preview_url=preview_url(step) if step else "",
    )


@sequence_pages.page(f"{ONE}act/", "sequence_step_act", permission=WRITE, methods=["POST"])
def act(request: HttpRequest, sequence: Sequence, step_id: uuid.UUID) -> HttpResponse:
    """Moves a step up or down, or switches it on or off."""
    step = step_of(sequence, step_id)
    order = [one.pk for one in domain.steps_of(sequence)]
    place = order.index(step.pk)
    try:
        match request.POST.get("verb", ""):
            case "up":
                domain.move_step(template=step, position=max(place - 1, 0))
            case "down":
                domain.move_step(template=step, position=min(place + 1, len(order) - 1))
            case "off":
                domain.change_step(template=step, is_active=False)
            case "on":
                domain.change_step(template=step, is_active=True)
            case _:
                raise Http404
    except ValidationError as refusal:
        say(request, refusal)
    return HttpResponseRedirect(f"{story_url(sequence)}#step-{step.pk}")


@sequence_pages.page(f"{ONE}remove/", "sequence_step_remove", permission=WRITE, methods=BOTH)
def remove(request: HttpRequest, sequence: Sequence, step_id: uuid.UUID) -> HttpResponse:
    """Asks, and removes the step when that was sent."""
    step = step_of(sequence, step_id)
    if request.method == "POST":
        try:
            domain.remove_step(template=step)
            messages.success(request, gettext("The step was removed."))
        except ValidationError as refusal:
            say(request, refusal)
        return HttpResponseRedirect(story_url(sequence))
    return shown(
        request,
        "automation/confirm.html",
        gettext("Remove the step"),
        lead=step_name(step),
        note=gettext(
            "Nobody who comes in from now on gets it. Whoever is under way goes through the steps as they"
            " were."
        ),
        verb=gettext("Remove the step"),
        back_url=f"{story_url(sequence)}#step-{step.pk}",
    )
