"""The door through which a merge is undone."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from core.fields import EncryptedTextField
from core.history import (
    not_recorded,
    record_changed,
    record_created,
    record_event,
    tracked_models,
)
from files.models import StoredFile
from members import signals
from members.models import Member, MemberMerge

from .domain import can_be_undone_until, save_with_history
from .moving import keep_one_main_household
from .snapshot import Snapshot, python_values, values_of


class NotUndoableError(Exception):
    """A merge that cannot be undone, or not now; the text says why."""


@transaction.atomic
def undo_merge(*, merge: MemberMerge, user: User) -> Member:
    """Makes two people of one again: who was absorbed comes back, under the same id.

    What was moved goes back where it still belongs to the survivor, what was dropped is made again, and the
    survivor's fields become what they were where they still hold what the merge put there: what was changed
    since is kept. Raises NotUndoableError, and DoesNotExist when merge or survivor are gone.
    """
    survivor, locked = _locked(merge)
    snapshot = Snapshot.of_text(locked.snapshot)
    if str(survivor.pk) != snapshot.survivor_id:
        raise NotUndoableError(
            _("The person who stayed was merged with %(name)s since. Undo that first.") % {"name": survivor}
        )
    _give_back(survivor, snapshot, locked)
    absorbed = _bring_back(snapshot, locked)
    _make_again(snapshot.dropped, locked)
    for change in reversed(snapshot.changes):
        _undo_change(change, locked)
    keep_one_main_household([survivor.pk, absorbed.pk])
    locked.undone_at = timezone.now()
    locked.snapshot = ""
    locked.absorbed_photo = None
    locked.save(update_fields=["undone_at", "snapshot", "absorbed_photo", "updated_at"])
    record_event(survivor, "merge_undone", str(absorbed), batch=locked.pk)
    signals.merge_undone.send(sender=Member, survivor=survivor, member=absorbed)
    return absorbed


def _locked(merge: MemberMerge) -> tuple[Member, MemberMerge]:
    # The person before the merge, as a merge does it that moves this one along with its survivor.
    survivor_id = MemberMerge.objects.values_list("survivor_id", flat=True).get(pk=merge.pk)
    survivor = Member.objects.select_for_update().get(pk=survivor_id)
    locked = MemberMerge.objects.select_for_update().get(pk=merge.pk)
    if locked.survivor_id != survivor_id:
        raise NotUndoableError(_("Somebody else is merging these people. Try again."))
    if locked.undone_at is not None:
        raise NotUndoableError(_("This merge is undone already."))
    if can_be_undone_until(locked) is None or not locked.snapshot:
        raise NotUndoableError(_("A merge can be undone for 30 days."))
    return survivor, locked


def _give_back(survivor: Member, snapshot: Snapshot, merge: MemberMerge) -> None:
    had, given = python_values(Member, snapshot.before), python_values(Member, snapshot.after)
    before: dict[str, Any] = {}
    for name, former in had.items():
        now = getattr(survivor, name)
        back = _without_gift(name, former, given[name], now)
        if name == "external_key" and _is_taken(back, survivor):
            back = ""
        if back != now:
            before[name] = now
            setattr(survivor, name, back)
    if before:
        save_with_history(survivor, before, batch=merge.pk)


def _without_gift(name: str, former: Any, given: Any, now: Any) -> Any:
    """What ``now`` is without what the merge gave; lists of tags and custom fields entry by entry."""
    if name == "tags":
        had, came = set(former), set(given)
        kept = [tag for tag in now if tag in had or tag not in came]
        return [*kept, *(tag for tag in former if tag not in came and tag not in now)]
    if name == "custom_fields":
        back = dict(now)
        for key in given.keys() | former.keys():
            if now.get(key) == given.get(key):
                back.pop(key, None)
                back |= {key: former[key]} if key in former else {}
        return back
    return former if now == given else now


def _is_taken(external_key: str, member: Member) -> bool:
    """Whether somebody else has the key by now; theirs it stays."""
    others = Member.objects.exclude(pk=member.pk)
    return bool(external_key) and others.filter(external_key=external_key).exists()


def _bring_back(snapshot: Snapshot, merge: MemberMerge) -> Member:
    absorbed = Member(**python_values(Member, snapshot.absorbed))
    if _is_taken(absorbed.external_key, absorbed):
        absorbed.external_key = ""
    # The person who stayed may have got another photo since, and this one went.
    if not StoredFile.objects.filter(pk__in=[absorbed.photo_id]).exists():
        absorbed.photo_id = None
    absorbed.refresh_search_document()
    with not_recorded():
        _insert(absorbed)
    record_created([absorbed], batch=merge.pk)
    return absorbed


def _insert(instance: models.Model) -> None:
    """Saves a row as it was, its times included."""
    instance.save_base(raw=True, force_insert=True)


def _make_again(dropped: list[dict[str, Any]], merge: MemberMerge) -> None:
    """Rows that the merge deleted; one that a row hangs on comes before it. What has no place any more,
    because something that it needs is gone or taken, stays away.
    """
    waiting = [_row(entry) for entry in dropped]
    made: list[models.Model] = []
    while waiting:
        later = [row for row in waiting if not _made_again(row)]
        made += [row for row in waiting if row not in later]
        if len(later) == len(waiting):
            break
        waiting = later
    record_created([row for row in made if type(row) in tracked_models()], batch=merge.pk)


def _row(entry: dict[str, Any]) -> models.Model:
    model = apps.get_model(entry["model"])
    return model(**python_values(model, entry["values"]))


def _made_again(row: models.Model) -> bool:
    for field in row._meta.concrete_fields:
        target: Any = field.remote_field.model if field.remote_field else None
        value = getattr(row, field.attname)
        if target is None or value is None:
            continue
        column = field.target_field.attname  # type: ignore[attr-defined]  # of a foreign key
        if not target._base_manager.filter(**{column: value}).exists():
            if not field.null:
                return False
            setattr(row, field.attname, None)
    try:
        with not_recorded(), transaction.atomic():
            _insert(row)
    except IntegrityError:
        return False
    return True


def _undo_change(change: dict[str, Any], merge: MemberMerge) -> None:
    model = apps.get_model(change["model"])
    keys = [tuple(key) if isinstance(key, list) else key for key in change["keys"]]
    concerned = {*change["guard"], *change["before"]}
    secret = [
        field.name
        for field in model._meta.concrete_fields
        if isinstance(field, EncryptedTextField) and field.attname not in concerned
    ]
    rows = list(model._base_manager.select_for_update(of=("self",)).defer(*secret).filter(pk__in=keys))
    for row in rows:
        if values_of(row, *change["guard"]) == change["guard"]:
            _set_back(row, python_values(model, change["before"]), merge)


def _set_back(row: models.Model, before: dict[str, Any], merge: MemberMerge) -> None:
    given = {name: getattr(row, name) for name in before}
    for name, value in before.items():
        setattr(row, name, value)
    try:
        with not_recorded(), transaction.atomic():
            type(row)._base_manager.filter(pk=row.pk).update(**before)
    except IntegrityError:
        return
    if type(row) in tracked_models():
        fields = {field.attname: field for field in row._meta.concrete_fields}
        told = {fields[name].name: _instance(fields[name], value) for name, value in given.items()}
        record_changed([(row, told)], batch=merge.pk)


def _instance(field: Any, value: Any) -> Any:
    """The history compares instances where a field is a relation."""
    if field.remote_field is None or value is None:
        return value
    return field.remote_field.model(pk=value)
