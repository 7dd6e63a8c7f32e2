"""The form in which a message to many is written, and whom one can choose."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from automation.models import BulkMail, Channel, Topic
from automation.writing.checking import LONGEST_SUBJECT, LONGEST_TEXT
from members.admin.list_rules import rule_of_filters, sentences
from members.custom_fields.visibility import visible_to
from members.models import Member
from members.saved_lists.reading import lists_for

EVERYBODY, FILTERED, KEPT, LIST, TAG = "everybody", "filtered", "kept", "list:", "tag:"
Audience = tuple[dict[str, Any] | None, str]


class MessageForm(forms.Form):
    """What is said, how it is sent, and to whom.

    ``audiences`` holds, for each choice of ``to_whom``, the rule (None: everybody) and what it is called.
    """

    to_whom = forms.ChoiceField(label=_("To whom"), widget=UnfoldAdminSelectWidget)
    message_type = forms.ChoiceField(
        label=_("Sent as"), choices=Channel.choices, initial=Channel.EMAIL, widget=UnfoldAdminSelectWidget
    )
    topic = forms.ChoiceField(
        label=_("What it is about"),
        choices=Topic.choices,
        initial=Topic.NEWS,
        widget=UnfoldAdminSelectWidget,
        help_text=_("Whoever has declined messages about it does not get it."),
    )
    subject = forms.CharField(
        label=_("Subject"),
        required=False,
        max_length=LONGEST_SUBJECT,
        widget=UnfoldAdminTextInputWidget({"autocomplete": "off"}),
        help_text=_("Of an email. A text message has none."),
    )
    body_text = forms.CharField(
        label=_("Text"),
        required=False,
        max_length=LONGEST_TEXT,
        widget=UnfoldAdminTextareaWidget({"rows": 14}),
        help_text=_(
            "An empty line begins a new paragraph. *Bold*, _italic_, # heading, - list, and [words](https://…)"
            " for a link."
        ),
    )

    def __init__(self, request: HttpRequest, mail: BulkMail | None, data: Any = None) -> None:
        offered, self.audiences, self.is_whole = _audiences(request, mail)
        super().__init__(data, initial=_initial(mail, self.audiences))
        to_whom: Any = self.fields["to_whom"]
        to_whom.choices = offered

    def values(self) -> dict[str, Any]:
        """What the door takes. Only of a form that is valid."""
        values = dict(self.cleaned_data)
        rule, audience = self.audiences[values.pop("to_whom")]
        # What is typed here is the text; a mail's HTML is made of it.
        return {**values, "body_html": "", "rule": rule, "audience": audience}

    def refuse(self, refusal: ValidationError) -> None:
        """Shows what a door refused on its field."""
        for name, errors in getattr(refusal, "error_dict", {None: refusal}).items():
            field = "to_whom" if name and name.startswith("rule") else name
            self.add_error(field if field in self.fields else None, errors)


def _initial(mail: BulkMail | None, audiences: dict[str, Audience]) -> dict[str, Any]:
    if mail is None:
        return {"to_whom": FILTERED if FILTERED in audiences else ""}
    names = ("message_type", "topic", "subject", "body_text")
    chosen = EVERYBODY if mail.rule is None else KEPT
    return {**{name: getattr(mail, name) for name in names}, "to_whom": chosen}


def _audiences(request: HttpRequest, mail: BulkMail | None) -> tuple[list[Any], dict[str, Audience], bool]:
    """The choices for the select box, what each means, and whether all filters of the address are in it."""
    audiences: dict[str, Audience] = {}
    offered: list[Any] = [("", gettext("Choose who gets it"))]
    rule, is_whole = rule_of_filters(request)
    if rule["conditions"]:
        words = "; ".join(sentences(rule, visible_to(request)))
        audiences[FILTERED] = (rule, words)
        offered.append((FILTERED, gettext("The people you had before you: %(filters)s") % {"filters": words}))
    if mail is not None and mail.rule is not None:
        audiences[KEPT] = (mail.rule, mail.audience)
        offered.append((KEPT, gettext("As it was: %(audience)s") % {"audience": mail.audience}))
    audiences[EVERYBODY] = (None, gettext("Everybody"))
    offered.append((EVERYBODY, gettext("Everybody")))
    lists = [(f"{LIST}{saved.pk}", saved.name, saved.rule) for saved in lists_for(request.user)]
    tags = [(f"{TAG}{tag}", tag, _rule_of_tag(tag)) for tag in Member.objects.tag_names()]
    for title, group in ((gettext("Lists"), lists), (gettext("Tags"), tags)):
        audiences |= {key: (its_rule, f"{title}: {name}") for key, name, its_rule in group}
        if group:
            offered.append((title, [(key, name) for key, name, _rule in group]))
    return offered, audiences, is_whole


def _rule_of_tag(tag: str) -> dict[str, Any]:
    return {"match": "all", "conditions": [{"field": "tags", "operator": "has", "value": tag}]}
