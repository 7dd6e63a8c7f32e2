"""Who is in a household: the pages and forms by which people come into one, change and leave."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.admin import AreaModelAdmin
from members.households import domain
from members.households.reading import in_family_order, with_people
from members.models import Household, HouseholdMembership, Member

from .household_forms import NewHouseholdForm, RoleForm, SearchForm, role_choices
from .household_tab import people_rows
from .person_page import person_url
from .presentation import address_lines

FOUND_SHOWN = 20
# Where a form that stands on a person's page leads back to.
PERSON = "person"


def _uuid(text: str | None) -> uuid.UUID:
    """The id that a form sent; for anything else the one that nobody has (RFC 9562, 5.9)."""
    try:
        return uuid.UUID(text or "")
    except ValueError:
        return uuid.UUID(int=0)


class HouseholdPages(AreaModelAdmin):
    """The addresses below a household's and a person's page; all ask for ``members:write``."""

    area = "members"

    def get_urls(self) -> list[URLPattern]:
        def page(view: Any) -> Any:
            return self.admin_site.admin_view(view)

        people = page(require_POST(self.change_people))
        return [
            path("<uuid:household_id>/people/", people, name="members_household_people"),
            path(
                "<uuid:household_id>/add-person/", page(self.add_person), name="members_household_add_person"
            ),
            path("<uuid:household_id>/split/", page(self.split), name="members_household_split"),
            path("of/<uuid:member_id>/", page(self.join), name="members_household_join"),
            *super().get_urls(),
        ]

    def _ask_permission(self, request: HttpRequest) -> None:
        if not self.has_change_permission(request):
            raise PermissionDenied

    def _page(self, request: HttpRequest, template: str, **shown: Any) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, **shown}
        return TemplateResponse(request, template, context)

    def change_people(self, request: HttpRequest, household_id: uuid.UUID) -> HttpResponse:
        """One verb on one person of the household: ``add``, ``role``, ``main`` or ``leave``."""
        self._ask_permission(request)
        household = get_object_or_404(Household, pk=household_id)
        member = Member.objects.filter(pk=_uuid(request.POST.get("member_id"))).first()
        try:
            if member is None:
                raise Member.DoesNotExist
            self._act(request, household, member)
        except ValidationError as refusal:
            self._say(request, refusal)
        except ObjectDoesNotExist:
            messages.error(request, _("Somebody else has changed this in the meantime."))
        if member is not None and request.POST.get("back") == PERSON:
            return HttpResponseRedirect(person_url(member, "household"))
        return HttpResponseRedirect(self._url("change", household.pk))

    def _act(self, request: HttpRequest, household: Household, member: Member) -> None:
        """Calls the door of the verb. Raises ValidationError, ObjectDoesNotExist."""
        verb, role = request.POST.get("verb"), request.POST.get("role", "")
        if verb == "add":
            domain.add_to_household(household=household, member=member, role=role)
            text = _("%(person)s is now in “%(household)s”.")
        else:
            membership = HouseholdMembership.objects.get(household=household, member=member)
            if verb == "role":
                domain.change_membership(membership=membership, role=role)
                text = _("The role of %(person)s was saved.")
            elif verb == "main":
                domain.change_membership(membership=membership, primary=True)
                text = _("“%(household)s” is now the main household of %(person)s.")
            elif verb == "leave":
                domain.leave_household(membership=membership)
                text = _("%(person)s is no longer in “%(household)s”.")
            else:
                raise ValidationError(_("Choose what to do."))
        messages.success(request, text % {"person": member, "household": household})

    def add_person(self, request: HttpRequest, household_id: uuid.UUID) -> HttpResponse:
        """Looks for a person by name; each one found has a button that puts them in."""
        self._ask_permission(request)
        household = get_object_or_404(Household, pk=household_id)
        search = SearchForm(request.GET, label=_("Name, email or phone"))
        people = Member.objects.matching(search.words).with_households()
        people = people.exclude(household_memberships__household=household)
        roles = role_choices()
        found = [
            {
                "person": person,
                "households": [
                    membership.household.name for membership in person.household_memberships.all()
                ],
                "address": address_lines(person.address),
                "form": RoleForm(auto_id=f"role-{person.pk}", choices=roles),
            }
            for person in people[:FOUND_SHOWN]
        ]
        return self._page(
            request,
            "members/household_add_person.html",
            title=_("Add a person to “%(household)s”") % {"household": household},
            household=household,
            search=search,
            found=found,
            most=FOUND_SHOWN,
        )

    def split(self, request: HttpRequest, household_id: uuid.UUID) -> HttpResponse:
        """Starts a new household with some of the people, who leave this one."""
        self._ask_permission(request)
        household = get_object_or_404(Household, pk=household_id)
        form = NewHouseholdForm(request.POST or None)
        chosen = {_uuid(text) for text in request.POST.getlist("people")}
        refusals: list[str] = []
        if request.method == "POST" and form.is_valid():
            try:
                started = domain.split_household(
                    household=household, member_ids=chosen, name=form.cleaned_data["name"]
                )
                return HttpResponseRedirect(self._url("change", started.pk))
            except ValidationError as refusal:
                refusals = refusal.messages
            except ObjectDoesNotExist:
                refusals = [_("Somebody else has changed this in the meantime.")]
        return self._page(
            request,
            "members/household_split.html",
            title=_("Start a new household with some of its people"),
            household=household,
            form=form,
            people=people_rows(in_family_order().filter(household=household)),
            chosen=chosen,
            refusals=refusals,
        )

    def join(self, request: HttpRequest, member_id: uuid.UUID) -> HttpResponse:
        """Puts a person into a household that is looked for here, or into a new one.

        With ``leave``, the id of a household, they are moved out of that one.
        """
        self._ask_permission(request)
        person = get_object_or_404(Member, pk=member_id)
        leaving = self._left_by(person, request.POST.get("leave") or request.GET.get("leave"))
        if request.method == "POST":
            try:
                self._join(request, person, leaving)
                return HttpResponseRedirect(person_url(person, "household"))
            except ValidationError as refusal:
                self._say(request, refusal)
            except ObjectDoesNotExist:
                messages.error(request, _("Somebody else has changed this in the meantime."))
        search = SearchForm(request.GET, label=_("Name of the household, or of somebody in it"))
        households = Household.objects.matching(search.words).exclude(memberships__member=person)
        households = households.prefetch_related(with_people())
        roles = role_choices()
        return self._page(
            request,
            "members/household_join.html",
            title=_("Another household for %(person)s") % {"person": person},
            person=person,
            person_page=person_url(person, "household"),
            leaving=leaving.household if leaving else None,
            search=search,
            new=NewHouseholdForm(),
            role=RoleForm(auto_id="role-new", choices=roles),
            found=[
                {
                    "household": household,
                    "people": [str(membership.member) for membership in household.memberships.all()],
                    "address": address_lines(household.address),
                    "form": RoleForm(auto_id=f"role-{household.pk}", choices=roles),
                }
                for household in households[:FOUND_SHOWN]
            ],
            most=FOUND_SHOWN,
        )

    def _left_by(self, person: Member, household_id: str | None) -> HouseholdMembership | None:
        memberships = person.household_memberships.select_related("household")
        return memberships.filter(household_id=_uuid(household_id)).first()

    def _join(self, request: HttpRequest, person: Member, leaving: HouseholdMembership | None) -> None:
        """Raises ValidationError, ObjectDoesNotExist."""
        role = request.POST.get("role", "")
        if "new" in request.POST:
            name = request.POST.get("name", "")
            if leaving:
                domain.split_household(household=leaving.household, member_ids=[person.pk], name=name)
            else:
                domain.create_household(people=[(person, role)], name=name)
            return
        household = Household.objects.get(pk=_uuid(request.POST.get("household_id")))
        if leaving:
            domain.move_member(membership=leaving, household=household)
        else:
            domain.add_to_household(household=household, member=person, role=role)


def household_people_context(household: Household) -> dict[str, Any]:
    """What the household's page shows above its form."""
    memberships = in_family_order().filter(household=household)
    roles = role_choices()
    return {
        "people": [{**row, "form": _role_form(row["membership"], roles)} for row in people_rows(memberships)],
        "people_address": reverse("admin:members_household_people", args=[household.pk]),
    }


def _role_form(membership: HouseholdMembership, roles: list[tuple[str, str]]) -> RoleForm:
    return RoleForm({"role": membership.role}, auto_id=f"role-{membership.member_id}", choices=roles)
