"""Rules that say which people are meant, and the people whom they mean.

A rule is ``{"match": "all" | "any", "conditions": [{"field", "operator", "value"}]}``; an operator
that says it all has no ``value``. A rule without conditions means nobody. ``subjects.SUBJECTS`` holds
the fields and their operators; a church's own field is named ``custom_fields.`` and its key.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from members.custom_fields.values import PREFIX
from members.custom_fields.visibility import all_fields, is_visible, visible_fields
from members.models import CustomField, Member
from members.querysets import MemberQuerySet

from .subjects import SUBJECTS, Operator, Subject, own_subject

MOST_CONDITIONS = 30
Rule = Mapping[str, Any]


class UnavailableRuleError(Exception):
    """The rule asks for a field that whoever asks does not see."""


def subjects_for(own_fields: Iterable[CustomField]) -> dict[str, Subject]:
    """Everything that can be asked with ``own_fields``; archived ones are left out."""
    own = {f"{PREFIX}{field.key}": own_subject(field) for field in own_fields if not field.archived}
    return {**SUBJECTS, **own}


def clean_rule(rule: Any, *, own_fields: Iterable[CustomField]) -> dict[str, Any]:
    """``rule`` in the form in which it is kept. ``own_fields`` are those that it may name.

    Raises ValidationError by path (``rule.conditions.0.value``).
    """
    if not isinstance(rule, Mapping) or not isinstance(rule.get("conditions", []), list):
        raise ValidationError({"rule": _("Give an object with match and conditions.")})
    errors: dict[str, Any] = {}
    if rule.get("match", "all") not in ("all", "any"):
        errors["rule.match"] = _("Possible: %(offered)s.") % {"offered": "all, any"}
    if unknown := rule.keys() - {"match", "conditions"}:
        errors["rule"] = _("There is no such field.") + f" ({str(min(map(str, unknown)))[:40]})"
    stated = rule.get("conditions", [])
    if len(stated) > MOST_CONDITIONS:
        raise ValidationError(
            {"rule.conditions": _("At most %(most)d conditions.") % {"most": MOST_CONDITIONS}}
        )
    subjects = subjects_for(own_fields)
    conditions = []
    for position, condition in enumerate(stated):
        path = f"rule.conditions.{position}"
        try:
            conditions.append(_clean_condition(condition, subjects, path))
        except ValidationError as error:
            errors |= error.message_dict
    if errors:
        raise ValidationError(errors)
    return {"match": rule.get("match", "all"), "conditions": conditions}


def _clean_condition(condition: Any, subjects: Mapping[str, Subject], path: str) -> dict[str, Any]:
    if not isinstance(condition, Mapping) or condition.keys() - {"field", "operator", "value"}:
        raise ValidationError({path: _("Give an object with field, operator and value.")})
    field, name = condition.get("field"), condition.get("operator")
    subject = subjects.get(field) if isinstance(field, str) else None
    if subject is None:
        raise ValidationError({f"{path}.field": _("There is no such field.")})
    operator = subject.operators.get(name) if isinstance(name, str) else None
    if operator is None:
        offered = ", ".join(subject.operators)
        raise ValidationError({f"{path}.operator": _("Possible: %(offered)s.") % {"offered": offered}})
    try:
        value = operator.value.clean(condition.get("value"))
    except ValidationError as error:
        raise ValidationError({f"{path}.value": error.messages}) from error
    return {"field": field, "operator": name} | ({} if value is None else {"value": value})


def own_keys(rule: Rule) -> set[str]:
    """The keys of own fields that a kept rule asks for."""
    fields = [str(condition.get("field", "")) for condition in rule.get("conditions", [])]
    return {field.removeprefix(PREFIX) for field in fields if field.startswith(PREFIX)}


def hidden_keys(user: Any) -> list[str]:
    """The keys of fields that the user does not see, archived or not: a rule that asks for one of them
    is not there for this user. One query.
    """
    return [field.key for field in all_fields() if not is_visible(field, user.role)]


def condition_of(rule: Rule, *, own_fields: Iterable[CustomField]) -> Q | None:
    """What a kept rule asks of people; None where it means nobody: without a condition, and when a field
    or a choice that it names is not there any more.
    """
    try:
        kept = clean_rule(rule, own_fields=own_fields)
    except ValidationError:
        return None
    subjects = subjects_for(own_fields)
    parts = [
        _operator(condition, subjects).condition(condition.get("value")) for condition in kept["conditions"]
    ]
    if not parts:
        return None
    whole = parts[0]
    for part in parts[1:]:
        whole = whole & part if kept["match"] == "all" else whole | part
    return whole


def _operator(condition: Mapping[str, Any], subjects: Mapping[str, Subject]) -> Operator:
    return subjects[condition["field"]].operators[condition["operator"]]


def queryset_for(rule: Rule, user: Any) -> MemberQuerySet:
    """The people whom the rule means, as ``user`` (None: the program) may ask it.

    Raises UnavailableRuleError when it asks for a field that is hidden from the user: who is on the
    list would tell what the field holds.
    """
    fields = all_fields() if own_keys(rule) else []
    asked = own_keys(rule)
    if user is not None and any(f.key in asked and not is_visible(f, user.role) for f in fields):
        raise UnavailableRuleError
    condition = condition_of(rule, own_fields=fields)
    people: MemberQuerySet = Member.objects.all()
    return people.none() if condition is None else people.filter(condition)


def counts_for(rules: Sequence[Rule], user: Any) -> list[int]:
    """How many people each of the rules means, in two queries; 0 for one that is hidden from the user."""
    fields = visible_fields(user) if any(own_keys(rule) for rule in rules) else []
    conditions = {f"rule_{n}": condition_of(rule, own_fields=fields) for n, rule in enumerate(rules)}
    asked = {name: Count("pk", filter=each) for name, each in conditions.items() if each is not None}
    counted = Member.objects.aggregate(**asked) if asked else {}
    return [counted.get(name, 0) for name in conditions]
