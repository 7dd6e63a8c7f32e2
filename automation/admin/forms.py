"""The forms of sequences and of their steps."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    INPUT_CLASSES,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from automation.models import Channel, EmailTemplate, Sequence
from automation.sequences.values import LONGEST_WAIT_DAYS, LONGEST_WAIT_HOURS
from automation.writing.plain_text import text_of
from automation.writing.simple_text import html_of
from core.admin import DoorForm
from core.forms import RefusableForm
from members.admin.forms import SuggestingInput
from members.models import Member

from .presentation import STARTS

CLASSES = " ".join(INPUT_CLASSES)
# The beginning of an element of HTML, or its end: what nobody types by chance.
ELEMENT = re.compile(r"</?[a-zA-Z][a-zA-Z0-9]*(\s[^<>]*)?/?>")


def typed_of(html: str) -> str:
    """The text to edit: as one types it where that makes this very HTML, otherwise the HTML."""
    text = text_of(html)
    return text if _even(html_of(text)) == _even(html) else html


def _even(html: str) -> str:
    return " ".join(html.replace(">", "> ").replace("<", " <").split())


class SequenceForm(DoorForm):
    """What starts a sequence, what it is about, and what ends it."""

    class Meta:
        model = Sequence
        fields = (
            "name", "description", "trigger_event", "trigger_tag", "topic", "may_repeat",
            "exit_when_replied", "exit_when_visited", "exit_when_tag_removed",
        )  # fmt: skip
        widgets = {
            "description": UnfoldAdminTextareaWidget(attrs={"rows": 2}),
            "trigger_tag": SuggestingInput(),
        }
        help_texts = {
            "description": _("For you and your team; nobody else reads it."),
            "trigger_tag": _("Only where a tag starts it."),
            "topic": _("People can decline messages of one topic and still get the others."),
            "exit_when_tag_removed": _("Only where a tag starts it."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        if "trigger_event" in fields:
            shown: dict[str, Any] = {str(trigger): words for trigger, words in STARTS.items()}
            shown["tag_added"] = _("When somebody gets a tag")
            fields["trigger_event"].choices = [("", "—"), *shown.items()]
        if "trigger_tag" in fields:
            fields["trigger_tag"].widget.suggestions = Member.objects.all().tag_names()


class StepForm(RefusableForm):
    """A step: how long to wait, and what is sent then. ``message_type`` is chosen before, by the page."""

    fields_of_door = {"body_html": "text", "body_text": "text"}

    delay_days = forms.IntegerField(
        label=_("Days"),
        min_value=0,
        max_value=LONGEST_WAIT_DAYS,
        initial=0,
        widget=UnfoldAdminIntegerFieldWidget,
    )
    delay_hours = forms.IntegerField(
        label=_("Hours"),
        min_value=0,
        max_value=LONGEST_WAIT_HOURS,
        initial=0,
        widget=UnfoldAdminIntegerFieldWidget,
    )
    send_at = forms.TimeField(
        label=_("At"),
        required=False,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time", "class": CLASSES}),
        help_text=_("Where the person lives. Left empty, as soon as the wait is over."),
    )
    subject = forms.CharField(label=_("Subject"), max_length=255, widget=UnfoldAdminTextInputWidget)
    text = forms.CharField(
        label=_("Text"),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 14}),
        help_text=_(
            "Simply write, with an empty line between paragraphs. *Bold*, _italic_, # for a heading and - for"
            " a list are understood; so is HTML."
        ),
    )

    def __init__(self, *args: Any, message_type: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.message_type = message_type
        if self.is_sms:
            del self.fields["subject"]
            self.fields["text"].widget.attrs["rows"] = 6
            self.fields["text"].help_text = _("Short, and without formatting.")

    @property
    def is_sms(self) -> bool:
        return self.message_type == Channel.SMS

    @staticmethod
    def initial_of(step: EmailTemplate | None) -> dict[str, Any]:
        """What stands in the form at the beginning."""
        if step is None:
            return {"delay_days": 0, "delay_hours": 0}
        names = ("delay_days", "delay_hours", "send_at", "subject")
        text = typed_of(step.body_html) if step.body_html else step.body_text
        return {**{name: getattr(step, name) for name in names}, "text": text}

    def values(self) -> dict[str, Any]:
        """What the doors take. Only of a form that is valid. A mail that was typed plainly is kept as it was
        typed, and made HTML when it is prepared.
        """
        chosen = {name: value for name, value in self.cleaned_data.items() if name != "text"}
        text = self.cleaned_data["text"]
        is_html = not self.is_sms and ELEMENT.search(text)
        body = {"body_html": text if is_html else "", "body_text": "" if is_html else text}
        return {**chosen, **body, "message_type": self.message_type}


class SearchForm(forms.Form):
    """Whom one looks for."""

    q = forms.CharField(
        label=_("Name, email or phone"),
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "class": CLASSES, "autocomplete": "off"}),
    )

    @property
    def words(self) -> str:
        return str(self.data.get("q", "")).strip()
