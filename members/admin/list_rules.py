"""Rules as people read and write them: sentences, rows of a form, and what a list was filtered by."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget, UnfoldBooleanWidget

from members.custom_fields.values import PREFIX, offered_choices
from members.custom_fields.visibility import visible_to
from members.households.reading import roles_in_use
from members.models import CustomField, Member
from members.rules.rule import subjects_for
from members.rules.subjects import Subject
from members.saved_lists.domain import LONGEST_NAME
from members.saved_lists.reading import list_for

from .custom_values import FILTERED, filtered_value
from .forms import SuggestingInput

Condition = dict[str, Any]
MATCHES = [
    ("all", gettext_lazy("all of these conditions hold")),
    ("any", gettext_lazy("any of these conditions holds")),
]
# Parameter of the list of people -> the condition that says the same.
OF_FILTERS: dict[str, Callable[[str], Condition]] = {
    "q": lambda text: {"field": "search", "operator": "matches", "value": text},
    "status": lambda text: {"field": "membership_status", "operator": "is", "value": text},
    "tag": lambda text: {"field": "tags", "operator": "has", "value": text},
    "household_role": lambda text: {"field": "household_role", "operator": "is", "value": text},
    "missing": lambda text: {"field": text, "operator": "missing"},
    "added": lambda text: {
        "field": "added",
        "operator": "this",
        "value": {"today": "day"}.get(text, text),
    },
}


def rule_of_filters(request: HttpRequest) -> tuple[dict[str, Any], bool]:
    """The rule that means whom the list of people shows under the request's filters and search, and
    whether it says all of them: two lists cannot always be one.
    """
    stated = {name: request.GET.get(name, "").strip() for name in OF_FILTERS}
    conditions = [OF_FILTERS[name](text) for name, text in stated.items() if text]
    for field in visible_to(request):
        value = filtered_value(field, request.GET.get(f"custom_{field.key}"))
        if field.kind in FILTERED and value is not None:
            operator = "has" if field.kind == CustomField.Kind.CHOICES else "is"
            conditions.append({"field": f"{PREFIX}{field.key}", "operator": operator, "value": value})
    saved = _list_of(request)
    if saved is None:
        return {"match": "all", "conditions": conditions}, True
    of_list = list(saved.get("conditions", []))
    if not conditions:
        return {"match": saved.get("match", "all"), "conditions": of_list}, True
    if saved.get("match", "all") == "all" or len(of_list) == 1:
        return {"match": "all", "conditions": [*of_list, *conditions]}, True
    return {"match": "all", "conditions": conditions}, False


def _list_of(request: HttpRequest) -> Mapping[str, Any] | None:
    try:
        saved_list = list_for(request.user, request.GET["list"]) if request.GET.get("list") else None
    except ValidationError:
        # No id at all.
        return None
    return saved_list.rule if saved_list else None


def sentences(rule: Mapping[str, Any], own_fields: Iterable[CustomField]) -> list[str]:
    """Each condition as one reads it: ``Tags: has the tag Choir``."""
    subjects = subjects_for(own_fields)
    return [_sentence(condition, subjects) for condition in rule.get("conditions", [])]


def _sentence(condition: Mapping[str, Any], subjects: Mapping[str, Subject]) -> str:
    subject = subjects.get(str(condition.get("field")))
    operator = subject.operators.get(str(condition.get("operator"))) if subject else None
    if subject is None or operator is None:
        return _("A field that is not there any more")
    value = condition.get("value")
    text = "" if value is None else operator.value.to_text(value)
    return f"{subject.label}: {operator.phrase} {text}".strip()


class ListForm(forms.Form):
    """What a list is called, whom it is for, and how its conditions are taken together."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=LONGEST_NAME,
        widget=UnfoldAdminTextInputWidget({"autocomplete": "off"}),
    )
    is_shared = forms.BooleanField(
        label=gettext_lazy("For everybody who may see people"), required=False, widget=UnfoldBooleanWidget
    )
    match = forms.ChoiceField(
        label=gettext_lazy("People of whom"), choices=MATCHES, widget=UnfoldAdminSelectWidget
    )


class ConditionForm(forms.Form):
    """One condition: what is asked, and what it is compared with."""

    what = forms.ChoiceField(label=gettext_lazy("What"), required=False, widget=UnfoldAdminSelectWidget)
    value = forms.CharField(
        label=gettext_lazy("Value"),
        required=False,
        max_length=2_000,
        widget=SuggestingInput,
        help_text=gettext_lazy("Several are parted by commas; dates like 2026-01-31."),
    )

    def __init__(self, *args: Any, subjects: Mapping[str, Subject], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        what: Any = self.fields["what"]
        what.choices = [("", "—")] + [
            (
                str(subject.label),
                [
                    (f"{field} {name}", f"{subject.label}: {operator.phrase}")
                    for name, operator in subject.operators.items()
                ],
            )
            for field, subject in subjects.items()
        ]
        self.subjects = subjects

    def condition(self) -> Condition | None:
        """What was chosen, as a rule has it; None where nothing was. Raises ValidationError."""
        field, _blank, name = self.cleaned_data.get("what", "").rpartition(" ")
        if not field:
            return None
        value = self.subjects[field].operators[name].value.from_text(self.cleaned_data.get("value", ""))
        return {"field": field, "operator": name} | ({} if value is None else {"value": value})


def initial_row(condition: Mapping[str, Any], subjects: Mapping[str, Subject]) -> dict[str, str]:
    """A condition as its row shows it; an empty row where what it asks for is not there any more."""
    subject = subjects.get(str(condition.get("field")))
    operator = subject.operators.get(str(condition.get("operator"))) if subject else None
    if operator is None:
        return {}
    value = condition.get("value")
    return {
        "what": f"{condition['field']} {condition['operator']}",
        "value": "" if value is None else operator.value.to_text(value),
    }


def suggest(rows: Sequence[ConditionForm], own_fields: Iterable[CustomField]) -> None:
    """Gives each row what is usual for what it asks."""
    own = {f"{PREFIX}{field.key}": field for field in own_fields}
    known: dict[str, list[str]] = {}
    for row in rows:
        field = str(row["what"].value() or "").rpartition(" ")[0]
        if field and field not in known:
            known[field] = _suggestions(field, own)
        widget: Any = row.fields["value"].widget
        widget.suggestions = known.get(field, [])


def _suggestions(field: str, own: Mapping[str, CustomField]) -> list[str]:
    if field in own:
        if own[field].kind == CustomField.Kind.YES_NO:
            return [_("Yes"), _("No")]
        return [str(choice["label"]) for choice in offered_choices(own[field])]
    people = Member.objects.all()
    match field:
        case "tags":
            return people.tag_names()
        case "membership_status" | "gender" | "marital_status":
            return people.values_in_use(field)
        case "household_role":
            return list(roles_in_use())
        case "baptized" | "household":
            return [_("Yes"), _("No")]
    return []
