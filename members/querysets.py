"""Reads of people that more than one place uses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models.functions import Coalesce, Right

from .search import LONGEST_QUERY, query_for

if TYPE_CHECKING:
    from .models import Household, Member, MemberImport  # noqa: F401 - the base classes name them in text

# The status of a person who was erased. Their row stays, without anything personal, for totals to agree.
ERASED = "erased"


class MemberQuerySet(models.QuerySet["Member"]):
    def matching(self, text: str) -> MemberQuerySet:
        """People of whom every word of ``text`` begins some word; nobody when it has no word."""
        query = query_for(text)
        if query is None:
            return self.none()
        return self.filter(search_document=query)

    def tagged(self, *tags: str) -> MemberQuerySet:
        """People who have all of ``tags``."""
        return self.filter(tags__contains=list(tags))

    def tag_names(self) -> list[str]:
        """Every tag that somebody has, each once, in order."""
        each = models.Func(models.F("tags"), function="unnest", output_field=models.CharField())
        names = self.order_by().annotate(tag_name=each).values_list("tag_name", flat=True).distinct()
        return sorted(names, key=str.casefold)

    def values_in_use(self, field: str) -> list[str]:
        """Every text that stands in ``field`` of somebody, each once, in order."""
        found = self.order_by().exclude(**{field: ""}).values_list(field, flat=True).distinct()
        return sorted(found, key=str.casefold)

    def born_on(self, days: Sequence[str]) -> MemberQuerySet:
        """People whose birthday is one of ``days``, written ``MM-DD``."""
        return self.alias(birth_day=Right("birth_date", 5)).filter(birth_day__in=days)

    def with_households(self) -> MemberQuerySet:
        """With the households of each at hand, the main one first."""
        memberships: Any = self.model._meta.get_field("household_memberships").related_model
        ordered = memberships.objects.select_related("household").order_by("-is_primary", "created_at", "id")
        return self.prefetch_related(models.Prefetch("household_memberships", ordered))

    def living(self) -> MemberQuerySet:
        """Without those whose status says that they died or have left the records."""
        return self.exclude(membership_status__in=["deceased", "archived"])


class HouseholdQuerySet(models.QuerySet["Household"]):
    def matching(self, text: str) -> HouseholdQuerySet:
        """Households with every word of ``text`` in their name, or in which somebody is found by it."""
        parts = text[:LONGEST_QUERY].split()
        if not parts:
            return self.none()
        in_name = models.Q(*(models.Q(name__icontains=part) for part in parts))
        query = query_for(text)
        if query is None:
            return self.filter(in_name)
        return self.filter(in_name | models.Exists(self._people().filter(member__search_document=query)))

    def counted(self) -> HouseholdQuerySet:
        """Each with ``member_count``, how many people are in it."""
        people = self._people().values("household").annotate(count=models.Count("pk")).values("count")
        return self.annotate(member_count=Coalesce(models.Subquery(people), 0))

    def _people(self) -> Any:
        """Memberships of the household at hand, for a subquery."""
        household: Any = self.model
        return household.members.through.objects.filter(household=models.OuterRef("pk")).order_by()


class MemberManager(models.Manager.from_queryset(MemberQuerySet)):  # type: ignore[misc]  # made at run time
    """Leaves out people who were erased: nobody finds, lists, changes or exports them."""

    def get_queryset(self) -> MemberQuerySet:
        queryset: MemberQuerySet = super().get_queryset().exclude(membership_status=ERASED)
        return queryset


class MemberImportQuerySet(models.QuerySet["MemberImport"]):
    def unfinished(self) -> MemberImportQuerySet:
        """Imports that wait or run, the oldest first."""
        return self.filter(status__in=["queued", "running"]).order_by("created_at", "id")

    def to_undo(self) -> MemberImportQuerySet:
        """Imports of which an undo was asked for and has not ended, in the order of asking."""
        return self.filter(undo_asked_at__isnull=False, undone_at=None).order_by("undo_asked_at", "id")


class MemberImportManager(models.Manager.from_queryset(MemberImportQuerySet)):  # type: ignore[misc]  # made at run time
    """Leaves the file's content, up to 20 MB, where it is until somebody asks for it."""

    def get_queryset(self) -> MemberImportQuerySet:
        queryset: MemberImportQuerySet = super().get_queryset().defer("content")
        return queryset
