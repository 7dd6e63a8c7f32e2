"""The doors through which people come to events. One door, one transaction.

Each locks the event's row before it counts, so that of any number of requests at once only as many get a
place as there are places, in the order in which they were let in.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import context
from events import signals
from events.models import Event, EventRegistration
from events.occurrences import Occurrence, default_occurrence, occurrence_at
from members.confidential.domain import normalized_text as paragraphs
from members.models import Member
from members.values import normalized_text

from . import mails
from .places import has_room, locked_event, next_number, plan_reminder, refill, rows_of, say_when_full

Status = EventRegistration.Status
COLUMNS_OF_STATUS = ["status", "number", "checked_in_at", "promoted_at", "updated_at"]


class AlreadyRegisteredError(ValidationError):
    """Who is to be registered is so already: ``registration``."""

    def __init__(self, registration: EventRegistration) -> None:
        super().__init__(_("Already registered for this date."))
        self.registration = registration


@transaction.atomic
def register(
    *,
    event: Event,
    occurrence_start: datetime | None = None,
    member: Member | None = None,
    name: str = "",
    email: str = "",
    notes: str = "",
) -> EventRegistration:
    """Registers a person, or a guest by name and email, for one occurrence: with a place while there is
    one, else at the end of the wait list. They are told by mail.

    ``occurrence_start`` is the original start of a date of a series; without it the next one is meant.
    Raises AlreadyRegisteredError, ValidationError (by field, or that the event is over or cancelled), and
    Event.DoesNotExist and Member.DoesNotExist when one of them is gone by now.
    """
    who = _checked(member=member, name=name, email=email, notes=notes)
    locked = locked_event(event.pk)
    occurrence = _occurrence(locked, occurrence_start)
    if occurrence.is_cancelled:
        raise ValidationError(_("This event is cancelled."))
    if occurrence.is_over:
        raise ValidationError(_("This event is over; nobody can register any more."))
    known = _known(occurrence, member=who["member"], email=who["email"]).first()
    if known is not None:
        raise AlreadyRegisteredError(known)
    registration = _create(occurrence, Status.REGISTERED if has_room(occurrence) else Status.WAITLISTED, who)
    has_place = registration.status == Status.REGISTERED
    mails.tell(registration, mails.CONFIRMED if has_place else mails.WAITLISTED, occurrence)
    plan_reminder(registration, occurrence)
    if has_place:
        say_when_full(occurrence)
    signals.event_registered.send(
        sender=EventRegistration, registration=registration, origin=context.origin.get()
    )
    return registration


@transaction.atomic
def record_attendance(
    *,
    event: Event,
    occurrence_start: datetime | None = None,
    member: Member | None = None,
    name: str = "",
    email: str = "",
) -> EventRegistration:
    """Writes down that somebody is there, or was, whether they had registered or not; also afterwards.

    Raises ValidationError where no place is left or the event is cancelled, Event.DoesNotExist and
    Member.DoesNotExist.
    """
    who = _checked(member=member, name=name, email=email, notes="", needs_email=False)
    locked = locked_event(event.pk)
    occurrence = _occurrence(locked, occurrence_start)
    if occurrence.is_cancelled:
        raise ValidationError(_("This event is cancelled."))
    known = (
        _known(occurrence, member=who["member"], email=who["email"]).select_for_update(of=("self",)).first()
    )
    if known is not None:
        return _give_status(known, Status.ATTENDED, occurrence)
    if not has_room(occurrence):
        raise _no_place()
    registration = _create(occurrence, Status.ATTENDED, who)
    signals.event_registered.send(
        sender=EventRegistration, registration=registration, origin=context.origin.get()
    )
    signals.attendance_recorded.send(sender=EventRegistration, registration=registration)
    return registration


@transaction.atomic
def change_registration(*, registration: EventRegistration, **values: Any) -> EventRegistration:
    """Changes ``status`` and ``notes`` where given. A place that becomes free goes to who waits longest.

    ``registered`` for who had cancelled asks for a place anew, and may give one on the wait list. Raises
    ValidationError and EventRegistration.DoesNotExist.
    """
    if unknown := values.keys() - {"status", "notes"}:
        raise ValidationError({name: _("There is no such field.") for name in unknown})
    occurrence, locked = _locked(registration)
    if "notes" in values and (notes := _paragraphs(values["notes"])) != locked.notes:
        locked.notes = notes
        locked.save(update_fields=["notes", "updated_at"])
    if "status" in values:
        if values["status"] not in Status.values:
            raise ValidationError({"status": _("There is no such status.")})
        _give_status(locked, values["status"], occurrence)
    return locked


@transaction.atomic
def cancel_registration(*, registration: EventRegistration) -> EventRegistration:
    """Somebody does not come after all. Raises ValidationError, EventRegistration.DoesNotExist."""
    occurrence, locked = _locked(registration)
    if occurrence.is_over:
        raise ValidationError(_("This event is over."))
    return _give_status(locked, Status.CANCELLED, occurrence)


@transaction.atomic
def remove_registration(*, registration: EventRegistration) -> None:
    """Deletes the row, as though they had never registered. Raises EventRegistration.DoesNotExist."""
    occurrence, locked = _locked(registration)
    locked.delete()
    refill(occurrence)


@transaction.atomic
def refill_event_of(*, event: Event) -> None:
    """Gives places that became free in another way (a person was deleted or put together with another) to
    those who wait. Raises Event.DoesNotExist.
    """
    # Deferred names stay in one place: the doors above use the parts one by one.
    from .places import refill_event

    refill_event(locked_event(event.pk))


def _checked(
    *, member: Member | None, name: str, email: str, notes: str, needs_email: bool = True
) -> dict[str, Any]:
    """Columns that say who comes. Locks the person, so that nobody is merged away meanwhile."""
    clean = {"member": None, "name": "", "email": "", "notes": _paragraphs(notes)}
    if member is not None:
        if name or email:
            raise ValidationError({"member_id": _("Give a person, or a guest’s name and email, not both.")})
        return clean | {"member": Member.objects.select_for_update().get(pk=member.pk)}
    errors: dict[str, Any] = {}
    for field, text in (("name", name), ("email", email)):
        try:
            clean[field] = normalized_text(EventRegistration._meta.get_field(field), text)
            if field == "email" and clean[field]:
                validate_email(clean[field])
        except ValidationError as error:
            errors[field] = error.messages
        else:
            if not clean[field] and (field == "name" or needs_email):
                errors[field] = _("Give a person, or a guest’s name and email.")
    if errors:
        raise ValidationError(errors)
    return clean


def _paragraphs(text: Any) -> str:
    try:
        return paragraphs(text)
    except ValidationError as error:
        raise ValidationError({"notes": error.messages}) from error


def _occurrence(event: Event, start: datetime | None) -> Occurrence:
    if start is None:
        return default_occurrence(event)
    occurrence = occurrence_at(event, start)
    if occurrence is None:
        raise ValidationError({"occurrence": _("The event does not take place at this time.")})
    return occurrence


def _known(occurrence: Occurrence, *, member: Member | None, email: str) -> Any:
    """Registrations of the same person for the occurrence, but those that were cancelled."""
    rows = rows_of(occurrence).active().select_related("member")
    if member is not None:
        return rows.filter(member=member)
    return rows.filter(member=None, email__iexact=email) if email else rows.none()


def _create(occurrence: Occurrence, status: str, who: dict[str, Any]) -> EventRegistration:
    now = timezone.now()
    return EventRegistration.objects.create(
        event=occurrence.event,
        occurrence_start=occurrence.recurrence_id,
        status=status,
        registered_at=now,
        checked_in_at=now if status == Status.ATTENDED else None,
        number=next_number(occurrence),
        **who,
    )


def _locked(registration: EventRegistration) -> tuple[Occurrence, EventRegistration]:
    """The registration, locked behind its event, and the occurrence that it is for."""
    known = EventRegistration.objects.only("event_id").get(pk=registration.pk)
    event = locked_event(known.event_id)
    rows = EventRegistration.objects.select_for_update(of=("self",)).select_related("member")
    locked = rows.get(pk=registration.pk)
    # A date that a series had once is still there for those who were registered for it.
    found = occurrence_at(event, locked.occurrence_start)
    return found or Occurrence(event, locked.occurrence_start), locked


def _no_place() -> ValidationError:
    return ValidationError({"status": _("No place is left. Raise the number of places first.")})


def _give_status(registration: EventRegistration, status: str, occurrence: Occurrence) -> EventRegistration:
    """Gives a locked registration another status, and the places that become free to those who wait."""
    before = registration.status
    if status == before:
        return registration
    had_place = before in {Status.REGISTERED, Status.ATTENDED}
    room = had_place or has_room(occurrence)
    if before == Status.CANCELLED:
        if _known(occurrence, member=registration.member, email=registration.email).exists():
            raise ValidationError({"status": _("Already registered for this date.")})
        registration.number = next_number(occurrence)
        if status == Status.REGISTERED and not room:
            status = Status.WAITLISTED
    if status in {Status.REGISTERED, Status.ATTENDED} and not room:
        raise _no_place()
    if status == Status.WAITLISTED and had_place:
        registration.number = next_number(occurrence)
    registration.status = status
    registration.checked_in_at = timezone.now() if status == Status.ATTENDED else None
    registration.save(update_fields=COLUMNS_OF_STATUS)
    _tell_of_status(registration, before, occurrence)
    if status == Status.ATTENDED:
        signals.attendance_recorded.send(sender=EventRegistration, registration=registration)
    if had_place and status in {Status.CANCELLED, Status.WAITLISTED}:
        # Who gave a place back waits behind those who waited before.
        refill(occurrence)
        registration.refresh_from_db(fields=["status", "promoted_at"])
    return registration


def _tell_of_status(registration: EventRegistration, before: str, occurrence: Occurrence) -> None:
    if occurrence.is_over or registration.status not in {Status.REGISTERED, Status.WAITLISTED}:
        return
    if before == Status.CANCELLED:
        has_place = registration.status == Status.REGISTERED
        mails.tell(registration, mails.CONFIRMED if has_place else mails.WAITLISTED, occurrence)
        plan_reminder(registration, occurrence)
    elif before == Status.WAITLISTED:
        mails.tell(registration, mails.PROMOTED, occurrence)
        plan_reminder(registration, occurrence)
