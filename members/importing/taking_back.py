"""Which rows of an import can be taken back, and taking them back. One batch, in the caller's transaction."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from core.models import HistoryEntry
from members import domain
from members.households import domain as households
from members.models import Household, HouseholdMembership, Member, MemberImport, MemberImportRow

from .batches import known_of, plain
from .companions import companions_of

ROWS_IN_QUERY = 1_000
Undone = MemberImportRow.Undone
Fate = MemberImportRow.Fate
# Fields of which the import wrote parts; each part is looked at by itself.
FIELDS_WITH_PARTS = ("address", "mailing_address", "custom_fields")


@dataclass
class Traces:
    """What the history tells of things around some people: ``made`` by the import, and ``touched`` by
    somebody else. Ids by kind of thing (``members.householdmembership``).
    """

    import_id: uuid.UUID
    made: dict[str, set[uuid.UUID]] = field(default_factory=dict)
    touched: set[uuid.UUID] = field(default_factory=set)

    @classmethod
    def about(cls, ids: Collection[uuid.UUID], member_import: MemberImport) -> Traces:
        traces = cls(member_import.pk)
        entries = HistoryEntry.objects.filter(about__in=list(ids)).order_by()
        for kind, key, batch, action in entries.values_list("kind", "object_pk", "batch", "action"):
            if batch != member_import.pk:
                traces.touched.add(key)
            elif action == HistoryEntry.Action.CREATE:
                traces.made.setdefault(kind, set()).add(key)
        return traces

    def untouched(self, model: type[models.Model]) -> set[uuid.UUID]:
        """Rows of ``model`` that the import made and nobody has changed since."""
        return self.made.get(model._meta.label_lower, set()) - self.touched


def take_back(member_import: MemberImport, rows: list[MemberImportRow]) -> None:
    """Undoes ``rows``, of each person all or none, and says in each what was done. Saves the people,
    not the rows.
    """
    by_person: dict[uuid.UUID | None, list[MemberImportRow]] = {}
    for row in sorted(rows, key=lambda row: row.row):
        by_person.setdefault(row.member_id, []).append(row)
    ids = [identifier for identifier in by_person if identifier]
    people = {
        person.pk: person for person in Member.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    }
    traces = Traces.about(people.keys(), member_import)
    # Not what a row says: one who was made may have gone into somebody by a merge, rows and all.
    made = traces.made.get(Member._meta.label_lower, set())
    added = _added_since(Member, people.keys(), traces)
    taken_keys = _keys_of_others(rows)
    removed: list[Member] = []
    changed: list[tuple[Member, dict[str, Any]]] = []
    for identifier, its_rows in by_person.items():
        person = people.get(identifier) if identifier else None
        if person is None:
            _say(its_rows, Undone.GONE)
        elif person.pk in made:
            if reasons := _reasons_to_keep(person, its_rows, added.get(person.pk, [])):
                _say(its_rows, Undone.SPARED)
                its_rows[0].spared = reasons
            else:
                _say(its_rows, Undone.REMOVED)
                removed.append(person)
        elif before := _set_back(person, _without_merged(its_rows), taken_keys):
            changed.append((person, before))
    _leave_households(set(people) - {person.pk for person in removed}, traces, member_import, rows)
    domain.take_back_imported(removed=removed, changed=changed, batch=member_import.pk)


def _say(rows: Iterable[MemberImportRow], undone: Undone) -> None:
    for row in rows:
        row.undone = undone


# -- People whom the import made --


def _reasons_to_keep(person: Member, rows: list[MemberImportRow], added: list[str]) -> list[dict[str, str]]:
    """In the form of a row's errors."""
    written: dict[str, Any] = {}
    for row in rows:
        written |= row.after
    now = known_of(person)
    differing = [name for name in sorted(now.keys() | written.keys()) if now.get(name) != written.get(name)]
    reasons = [{"field": name, "message": _("Changed since.")} for name in differing]
    return reasons + [
        {"field": "", "message": _("Added since: %(what)s.") % {"what": what}} for what in added
    ]


def _added_since(
    model: type[models.Model], ids: Collection[uuid.UUID], traces: Traces
) -> dict[uuid.UUID, list[str]]:
    """What points at each of the rows of ``model`` and was not made by the import, or was changed since:
    names of things by id. One query for each relation that there is, whichever room it is of.
    """
    found: dict[uuid.UUID, list[str]] = {}
    for relation in model._meta.get_fields(include_hidden=True):
        if not (relation.auto_created and not relation.concrete and not relation.many_to_many):
            continue
        pointing: Any = relation.related_model
        attribute = relation.field.attname  # type: ignore[union-attr]  # a relation from there to here
        rows = pointing._base_manager.filter(**{f"{attribute}__in": list(ids)}).order_by()
        ours = traces.untouched(pointing) | companions_of(pointing, ids, traces.import_id)
        for identifier, key in rows.values_list(attribute, "pk"):
            name = str(capfirst(pointing._meta.verbose_name))
            if key not in ours and name not in found.setdefault(identifier, []):
                found[identifier].append(name)
    return {identifier: names for identifier, names in found.items() if names}


# -- People whom the import changed --


def _without_merged(rows: list[MemberImportRow]) -> list[MemberImportRow]:
    """``rows`` without those of people whom the import made and who went into this one since; they stay
    merged.
    """
    for row in rows:
        if row.fate == Fate.CREATED:
            row.undone = Undone.SPARED
            row.spared = [{"field": "", "message": _("Merged with somebody since.")}]
    return [row for row in rows if row.fate != Fate.CREATED]


def _keys_of_others(rows: Iterable[MemberImportRow]) -> set[str]:
    """Keys of another system to which a row would be set back and that somebody has now."""
    wanted = [key for row in rows if (key := row.before.get("external_key"))]
    if not wanted:
        return set()
    return set(Member.objects.filter(external_key__in=wanted).values_list("external_key", flat=True))


def _set_back(person: Member, rows: list[MemberImportRow], taken_keys: set[str]) -> dict[str, Any]:
    """Sets the fields back, the last row first; returns those that changed with what they were."""
    were: dict[str, Any] = {}
    for row in reversed(rows):
        row.undone = Undone.RESTORED
        for name, after in row.after.items():
            before = row.before.get(name)
            now = plain(getattr(person, name))
            value, spared = _former(name, now, before, after)
            if name == "external_key" and value in taken_keys:
                value, spared = now, [name]
            row.spared += [{"field": one, "message": _("Changed since.")} for one in spared]
            if value != now:
                were.setdefault(name, getattr(person, name))
                setattr(person, name, _python(name, value))
        if row.spared and len(row.spared) >= len(row.after) and not were:
            row.undone = Undone.SPARED
    return were


def _python(name: str, value: Any) -> Any:
    field: Any = Member._meta.get_field(name)
    return field.to_python(value)


def _former(name: str, now: Any, before: Any, after: Any) -> tuple[Any, list[str]]:
    """What the field is to be, and which fields or parts of it are left as they are."""
    if now == after:
        return before, []
    if name in FIELDS_WITH_PARTS:
        return _former_parts(name, now or {}, before or {}, after or {})
    if name == "tags":
        given = set(after or ()) - set(before or ())
        return [tag for tag in now if tag not in given], []
    return now, [name]


def _former_parts(
    name: str, now: dict[str, Any], before: dict[str, Any], after: dict[str, Any]
) -> tuple[dict[str, Any], list[str]]:
    result, spared = dict(now), []
    for part in sorted(before.keys() | after.keys()):
        if before.get(part) == after.get(part):
            continue
        if now.get(part) != after.get(part):
            spared.append(f"{name}.{part}")
        elif part in before:
            result[part] = before[part]
        else:
            result.pop(part, None)
    return result, spared


# -- Households --


def _leave_households(
    ids: Collection[uuid.UUID],
    traces: Traces,
    member_import: MemberImport,
    rows: Iterable[MemberImportRow],
) -> None:
    """Takes the people who stay out of households into which the import put them; not those who stay
    because somebody has changed them since.
    """
    kept = {row.member_id for row in rows if row.undone == Undone.SPARED and row.fate == Fate.CREATED}
    held = HouseholdMembership.objects.filter(
        pk__in=traces.untouched(HouseholdMembership), member_id__in=set(ids) - kept
    )
    households.withdraw(
        membership_ids=list(held.order_by().values_list("pk", flat=True)), batch=member_import.pk
    )


def take_back_households(member_import: MemberImport) -> None:
    """Removes the households that the import made, where nobody is in them and nothing was changed."""
    made = HistoryEntry.objects.filter(
        batch=member_import.pk, kind=Household._meta.label_lower, action=HistoryEntry.Action.CREATE
    )
    keys = list(made.order_by().values_list("object_pk", flat=True))
    for start in range(0, len(keys), ROWS_IN_QUERY):
        ids = keys[start : start + ROWS_IN_QUERY]
        traces = Traces.about(ids, member_import)
        in_use = _added_since(Household, ids, Traces(member_import.pk))
        removable = traces.untouched(Household) - in_use.keys()
        households.remove_empty(household_ids=removable, batch=member_import.pk)
