"""How events, dates and registrations look over the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.api.serializers import ModelSerializer, Serializer, TimeField
from members.confidential.domain import LONGEST_TEXT
from members.models import Member

from .checking import MOST_PLACES, MOST_REMINDER_HOURS
from .domain import ALL, SCOPES
from .models import Event, EventRegistration
from .recurrence import LONGEST_RULE

DATE_HELP = "Original start of the date of a series that is meant: `recurrence_id` of an occurrence"


class EventSerializer(ModelSerializer):
    """An event, or a series of them: start and end are then those of the first date."""

    description = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST_TEXT)
    timezone = serializers.CharField(
        required=False, max_length=64, help_text="IANA name; the church's where none is given"
    )
    max_attendees = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=0,
        max_value=MOST_PLACES,
        help_text="null: no limit; 0: nobody has a place and everybody waits",
    )
    reminder_hours = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=MOST_REMINDER_HOURS,
        help_text="How long before each date those who come are reminded; null: not at all",
    )
    recurrence = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=LONGEST_RULE,
        help_text="RRULE (RFC 5545) by wall time in `timezone`; empty: once. The start is its first date",
    )

    class Meta:
        model = Event
        fields = [
            "id",
            "title",
            "description",
            "event_type",
            "start_datetime",
            "end_datetime",
            "timezone",
            "location",
            "max_attendees",
            "registration_required",
            "visibility",
            "recurrence",
            "reminder_hours",
            "status",
            "flyer",
            "sequence",
            "split_from",
            "created_by",
            "created_at",
            "updated_at",
        ]
        read_only_fields = ["sequence", "split_from", "created_by"]


class EventChangeSerializer(EventSerializer):
    """What of an event is changed, and on which dates of a series."""

    scope = serializers.ChoiceField(
        choices=SCOPES,
        required=False,
        write_only=True,
        help_text=f"Of a series: this date, this and the following, or all dates ({ALL} where none is given)",
    )
    occurrence = TimeField(required=False, write_only=True, help_text=f"{DATE_HELP}; for one and following")

    class Meta(EventSerializer.Meta):
        fields = [*EventSerializer.Meta.fields, "scope", "occurrence"]


class DuplicateSerializer(Serializer):
    start_datetime = TimeField(required=False, help_text="A week later where none is given")


class OccurrenceSerializer(Serializer):
    """One date of an event, with what differs on it, and how many come."""

    event_id = serializers.UUIDField(source="occurrence.event.pk")
    recurrence_id = TimeField(
        source="occurrence.recurrence_id", help_text="Original start, by which the date is known"
    )
    title = serializers.CharField(source="occurrence.title")
    description = serializers.CharField(source="occurrence.description", allow_blank=True)
    event_type = serializers.CharField(source="occurrence.event_type")
    start_datetime = TimeField(source="occurrence.start")
    end_datetime = TimeField(source="occurrence.end")
    timezone = serializers.CharField(source="occurrence.event.timezone")
    location = serializers.CharField(source="occurrence.location", allow_blank=True)
    max_attendees = serializers.IntegerField(source="occurrence.max_attendees", allow_null=True)
    registration_required = serializers.BooleanField(source="occurrence.registration_required")
    visibility = serializers.ChoiceField(
        choices=Event.Visibility.choices, source="occurrence.event.visibility"
    )
    status = serializers.ChoiceField(choices=Event.Status.choices, source="occurrence.status")
    is_recurring = serializers.SerializerMethodField()
    registered = serializers.IntegerField(source="counts.registered", help_text="With a place, not yet seen")
    waitlisted = serializers.IntegerField(source="counts.waitlisted")
    attended = serializers.IntegerField(source="counts.attended")

    def get_is_recurring(self, row: dict[str, Any]) -> bool:
        return bool(row["occurrence"].event.recurrence)


class RegistrationSerializer(ModelSerializer):
    """Somebody who comes, or waits. `number` is the order in which they registered for the date."""

    event_id = serializers.UUIDField(read_only=True)
    member_id = serializers.UUIDField(read_only=True, allow_null=True, help_text="null for a guest")
    name = serializers.CharField(source="person_name", read_only=True)
    email = serializers.CharField(source="address", read_only=True)
    notes = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST_TEXT)
    status = serializers.ChoiceField(choices=EventRegistration.Status.choices)

    class Meta:
        model = EventRegistration
        fields = [
            "id",
            "event_id",
            "occurrence_start",
            "member_id",
            "name",
            "email",
            "status",
            "number",
            "registered_at",
            "promoted_at",
            "checked_in_at",
            "notes",
        ]
        read_only_fields = ["occurrence_start", "number", "registered_at", "promoted_at", "checked_in_at"]
        validators: list[Any] = []


class RegisterSerializer(Serializer):
    """A person of the church, or a guest by name and email."""

    member_id = serializers.PrimaryKeyRelatedField(
        queryset=Member.objects.all(), required=False, allow_null=True, source="member",
        error_messages={"does_not_exist": "There is no such entry."},
    )  # fmt: skip
    name = serializers.CharField(required=False, allow_blank=True, max_length=200)
    email = serializers.EmailField(required=False, allow_blank=True, max_length=255)
    notes = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST_TEXT)
    occurrence = TimeField(
        required=False, source="occurrence_start", help_text=f"{DATE_HELP}; the next one where none is given"
    )


class FeedSerializer(Serializer):
    """A secret address for a calendar program. It is told once; a new one ends the one before."""

    url = serializers.URLField(allow_null=True, help_text="null where it was told before")
    created_at = TimeField(allow_null=True, help_text="null where there is none")
