"""What the list of people can be narrowed down to, in plain words."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.admin import ChoiceFilter
from members.households.reading import roles_in_use
from members.models import HouseholdMembership, Member, SavedList
from members.rules.days import start_of, start_of_week
from members.saved_lists.reading import lists_for, people_on

from .presentation import role_name, status_name


class StatusFilter(ChoiceFilter):
    title = _("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        used = Member.objects.values_in_use("membership_status")
        return [(status, status_name(status)) for status in used]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(membership_status=self.value()) if self.value() else queryset


class TagFilter(ChoiceFilter):
    title = _("tag")
    parameter_name = "tag"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [(tag, tag) for tag in Member.objects.tag_names()]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.tagged(self.value()) if self.value() else queryset


class AddedFilter(ChoiceFilter):
    title = _("added")
    parameter_name = "added"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("today", _("Today")), ("week", _("This week")), ("month", _("This month"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        today = timezone.localdate()
        first_days = {"today": today, "week": start_of_week(today), "month": today.replace(day=1)}
        first = first_days.get(self.value() or "")
        return queryset.filter(created_at__gte=start_of(first)) if first else queryset


class MissingFilter(ChoiceFilter):
    title = _("missing")
    parameter_name = "missing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [
            ("email", _("Without email")),
            ("phone", _("Without phone")),
            ("birthday", _("Without birthday")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        absent = {
            "email": Q(email=""),
            "phone": Q(phone="", home_phone="", work_phone=""),
            "birthday": Q(birth_date=""),
        }
        wanted = absent.get(self.value() or "")
        return queryset.filter(wanted) if wanted else queryset


class HouseholdRoleFilter(ChoiceFilter):
    title = _("role in the household")
    parameter_name = "household_role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [(role, role_name(role)) for role in roles_in_use()]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if not self.value():
            return queryset
        held = HouseholdMembership.objects.filter(member=OuterRef("pk"), role=self.value())
        return queryset.filter(Exists(held))


class SavedListFilter(ChoiceFilter):
    """Who is on a saved list; nobody where the address names a list that is not there for the user."""

    title = _("list")
    parameter_name = "list"
    chosen_list: SavedList | None = None

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        self.lists = {str(saved_list.pk): saved_list for saved_list in lists_for(request.user)}
        return [(key, saved_list.name) for key, saved_list in self.lists.items()]

    def has_output(self) -> bool:
        return bool(self.lists) or self.value() is not None

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if not self.value():
            return queryset
        self.chosen_list = self.lists.get(str(self.value()))
        return queryset & people_on(self.chosen_list, request.user) if self.chosen_list else queryset.none()
