"""Sequences in words: what starts one, how long it waits, when it ends."""

from __future__ import annotations

import re
from datetime import time
from typing import Any

from django.utils.formats import time_format
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from automation.models import EmailTemplate, Enrolment, Sequence, Trigger
from automation.writing.merge_fields import FIELD, FIELDS

STARTS = {
    Trigger.NEW_MEMBER: _("When somebody is new"),
    Trigger.FIRST_VISIT: _("When somebody comes for the first time"),
    Trigger.PRAYER_REQUEST: _("When somebody asks for prayer"),
    Trigger.EVENT_REGISTERED: _("When somebody registers for an event"),
    Trigger.BIRTHDAY: _("When somebody has their birthday"),
    Trigger.TAG_ADDED: _("When somebody gets the tag “%(tag)s”"),
    Trigger.MANUAL: _("When you add somebody yourself"),
}
MARKS = {"active": "new", "completed": "good", "exited": "plain"}


def starts_when(trigger: str, tag: str = "") -> str:
    """What starts a sequence; of a trigger that is unknown here, its name."""
    return str(STARTS.get(Trigger(trigger))) % {"tag": tag} if trigger in Trigger.values else trigger


def wait_of(*, days: int, hours: int, at: time | None, is_first: bool) -> str:
    """The wait before a step, by the clock of whoever gets it."""
    clock = time_format(at, "TIME_FORMAT") if at is not None else ""
    passed = _passed(days, hours)
    if not passed:
        if clock:
            return gettext("As soon as it is %(time)s") % {"time": clock}
        return gettext("At once") if is_first else gettext("Right after that")
    if clock:
        return gettext("%(wait)s later, at %(time)s") % {"wait": passed, "time": clock}
    return gettext("%(wait)s later") % {"wait": passed}


def wait_before(step: EmailTemplate, *, is_first: bool) -> str:
    """As ``wait_of``, of a step."""
    return wait_of(days=step.delay_days, hours=step.delay_hours, at=step.send_at, is_first=is_first)


def _passed(days: int, hours: int) -> str:
    parts = []
    if days:
        parts.append(ngettext("%(count)d day", "%(count)d days", days) % {"count": days})
    if hours:
        parts.append(ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours})
    return (
        gettext("%(days)s and %(hours)s") % {"days": parts[0], "hours": parts[1]}
        if parts[1:]
        else "".join(parts)
    )


def ends_when(sequence: Sequence) -> list[str]:
    """What ends a sequence for somebody before its last step."""
    ends = []
    if sequence.exit_when_replied:
        ends.append(gettext("when somebody replies"))
    if sequence.exit_when_visited:
        ends.append(gettext("when somebody was visited"))
    if sequence.exit_when_tag_removed and sequence.trigger_event == Trigger.TAG_ADDED:
        ends.append(gettext("when somebody loses the tag “%(tag)s”") % {"tag": sequence.trigger_tag})
    ends.append(gettext("when somebody declines such messages or cannot be reached"))
    ends.append(gettext("when somebody has died or left the church"))
    return ends


def running_mark(sequence: Sequence) -> SafeString:
    """Whether it runs, as a short mark."""
    if sequence.is_active:
        return format_html('<span class="mark mark-good">{}</span>', gettext("Running"))
    return format_html('<span class="mark mark-new">{}</span>', gettext("Paused"))


def state_mark(enrolment: Enrolment) -> SafeString:
    """Whether somebody is under way, as a short mark."""
    mark = MARKS.get(enrolment.status, "plain")
    return format_html('<span class="mark mark-{}">{}</span>', mark, enrolment.get_status_display())


def told(text: str) -> SafeString:
    """``text`` with each merge field as what stands there for somebody: in words, and marked."""

    def words(field: re.Match[str]) -> str:
        known = FIELDS.get(field[2])
        return format_html('<span class="story-field">{}</span>', known) if known else field[0]

    return mark_safe(FIELD.sub(words, escape(text)))  # noqa: S308 - escaped before, and so are the words


def in_words(text: str) -> str:
    """The same without marks, for one line."""
    return FIELD.sub(lambda field: f"[{FIELDS.get(field[2], field[2])}]", text)


def step_name(step: Any) -> str:
    """A step, or a message to many, in one line: its subject, or the beginning of its text."""
    return in_words(str(step)) or gettext("Without a text")
