"""The page of a sequence, which reads like a story: what starts it, a wait, a message, a wait, its end."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from automation.models import Channel, EmailTemplate, Sequence
from automation.sender import reply_to_of
from automation.sequences import domain
from automation.sequences.statistics import stats
from automation.sms.segments import count
from automation.writing.plain_text import text_of
from core.admin import may
from tenants.context import current_church

from .messages import numbers_to_decide
from .pages import WRITE, go_through, messages_url, people_url, preview_url, sequence_pages, story_url
from .presentation import ends_when, in_words, running_mark, starts_when, step_name, told, wait_before
from .shown import shown

LETTERS_SHOWN = 240
# What is counted of a step, in the order of its life; each is a part of what was sent.
COUNTED = {
    "sent": _("sent"),
    "delivered": _("delivered"),
    "clicked": _("clicked"),
    "bounced": _("bounced"),
    "left": _("left here"),
}
# What providers of text messages do not report.
NOT_OF_SMS = {"clicked"}
TO_DECIDE = {"unknown": _("interrupted"), "failed": _("failed")}
COLUMNS = {"waiting": _("waiting"), **COUNTED, **TO_DECIDE, "skipped": _("left out")}


def story_of(request: HttpRequest, sequence: Sequence) -> HttpResponse:
    """The page."""
    counted = stats(sequence)
    numbers = {str(row["template_id"]): row for row in counted["steps"]}
    steps = domain.steps_of(sequence)
    sent = [step for step in steps if step.is_active]
    first = sent[0].pk if sent else None
    undecided = numbers_to_decide(request.user, sequence)
    cards = [
        _card(sequence, step, numbers.get(str(step.pk), {}), is_first=step.pk == first or not sent)
        | {"to_decide": _to_decide(sequence, step, undecided)}
        for step in steps
    ]
    return shown(
        request,
        "automation/story.html",
        sequence.name,
        sequence=sequence,
        cards=cards,
        starts=starts_when(sequence.trigger_event, sequence.trigger_tag),
        ends=ends_when(sequence),
        running=running_mark(sequence),
        counted=counted,
        left=sum(counted["exited"].values()),
        earlier=_in_earlier_wording(sequence),
        table=_table(steps, counted["steps"]),
        people_url=people_url(sequence),
        active_url=people_url(sequence, status="active"),
        may_write=may(request, WRITE),
        add_url=reverse("admin:sequence_step_add", args=[sequence.pk]),
        nothing_sent=not sent,
        answers_lost=any(step.message_type == Channel.EMAIL for step in sent)
        and not reply_to_of(current_church()),
        has_begun=counted["enrolled"] > 0,
    )


def _card(
    sequence: Sequence, step: EmailTemplate, numbers: dict[str, Any], *, is_first: bool
) -> dict[str, Any]:
    is_sms = step.message_type == Channel.SMS
    text = text_of(step.body_html) if step.body_html else step.body_text
    return {
        "step": step,
        "name": step_name(step),
        "title": told(str(step)),
        "wait": wait_before(step, is_first=is_first),
        "is_sms": is_sms,
        "text": told(_beginning(text)),
        "length": count(text) if is_sms else None,
        "preview_url": preview_url(step),
        "waiting": numbers.get("waiting", 0),
        "waiting_url": people_url(sequence, status="active", step=step.pk),
        "counts": _counts(numbers, is_sms=is_sms),
    }


def _beginning(text: str) -> str:
    """As many whole words as there is room for."""
    return text if len(text) <= LETTERS_SHOWN else f"{text[:LETTERS_SHOWN].rpartition(' ')[0]} …"


def _to_decide(
    sequence: Sequence, step: EmailTemplate, numbers: dict[tuple[uuid.UUID, str], int]
) -> list[dict[str, Any]]:
    """What waits for a decision, each with the way to it."""
    return [
        {
            "count": number,
            "title": title,
            "url": messages_url(sequence=sequence.pk, step=step.pk, show=name),
        }
        for name, title in TO_DECIDE.items()
        if (number := numbers.get((step.pk, name)))
    ]


def _counts(numbers: dict[str, Any], *, is_sms: bool) -> list[dict[str, Any]]:
    """What became of the messages of a step, each beside how many were sent; none before the first."""
    if not any(numbers.get(name) for name in COUNTED):
        return []
    most = max(numbers.get("sent", 0), numbers.get("left", 0), 1)
    return [
        {"title": title, "count": numbers.get(name, 0), "most": most}
        for name, title in COUNTED.items()
        if not (is_sms and name in NOT_OF_SMS)
    ]


def _table(steps: list[EmailTemplate], rows: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The same numbers as a table, with those of steps that were removed."""
    if not any(row.get(name) for row in rows for name in COLUMNS):
        return None
    present = {str(step.pk): number for number, step in enumerate(steps, start=1)}
    ordered = sorted(rows, key=lambda row: present.get(str(row["template_id"]), len(rows) + 1))
    return {
        "columns": list(COLUMNS.values()),
        "rows": [
            {
                "number": present.get(str(row["template_id"])),
                "name": in_words(row["subject"]) or gettext("Text message"),
                "cells": [row.get(name, 0) for name in COLUMNS],
            }
            for row in ordered
        ],
    }


def _in_earlier_wording(sequence: Sequence) -> int:
    """How many people go through the steps as they were before the last change."""
    return sequence.enrolments.under_way().exclude(version__number=sequence.edition).count()


@sequence_pages.page("<uuid:sequence_id>/act/", "sequence_act", permission=WRITE, methods=["POST"])
def act(request: HttpRequest, sequence: Sequence) -> HttpResponse:
    """Pauses it, or lets it go on."""
    doors = {
        "pause": (domain.pause, _("The sequence is paused: nothing is sent until you let it go on.")),
        "resume": (domain.resume, _("The sequence runs now.")),
    }
    go_through(request, doors, sequence=sequence)
    return HttpResponseRedirect(story_url(sequence))
