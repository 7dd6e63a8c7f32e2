"""Base of the admin pages: each names its area, asks the permission table and goes through the doors.

A page of the admin reads through its queryset and changes nothing itself: saving and deleting call
the ``perform_…`` methods, in which a subclass calls the doors of its ``domain``. What a door
refuses (ValidationError) is shown on the form, or as a message where there is no form.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.contrib.admin import ShowFacets, SimpleListFilter
from django.core.exceptions import ImproperlyConfigured, PermissionDenied, ValidationError
from django.db import models, transaction
from django.forms.models import construct_instance
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminSelectWidget

NAMES_SHOWN_BEFORE_DELETING = 20


def may(request: HttpRequest, permission: str) -> bool:
    """Whether who asks is signed in and has ``"area:action"``."""
    user: Any = request.user
    return bool(user.is_authenticated and user.is_active and user.has_permission(permission))


class DoorForm(forms.ModelForm):
    """A form whose values a door checks and stores; it checks what a form can, and no model rule.

    ``refusal`` is what the door said of these values, put here by ``AreaModelAdmin``.
    """

    refusal: ClassVar[ValidationError | None] = None

    def _post_clean(self) -> None:
        self.instance = construct_instance(self, self.instance, self._meta.fields, self._meta.exclude)
        if self.refusal is not None:
            self._show(self.refusal)

    def _show(self, refusal: ValidationError) -> None:
        by_field = getattr(refusal, "error_dict", {None: refusal})
        for name, errors in by_field.items():
            self.add_error(name if name in self.fields else None, errors)


class DoorModelAdmin(ModelAdmin):
    """Pages of one model that change it through doors and show what a door refuses.

    Subclasses call their doors in ``perform_create``, ``perform_update`` and ``perform_destroy``.
    """

    # What the button that leads to the empty form says, where "Add …" is not it.
    add_verb: ClassVar[Any] = None
    # What the button of the empty form says, where "Save" is not it.
    save_verb: ClassVar[Any] = None
    # What deleting is called, where "Delete" is not it.
    delete_verb: ClassVar[Any] = None
    # What the page before deleting says of the way back, where there is one.
    after_deletion: ClassVar[Any] = None
    form = DoorForm
    list_per_page = 50
    list_max_show_all = 0
    show_full_result_count = False
    list_filter_submit = True
    # Counting each choice of each filter would ask a dozen times for every page.
    show_facets = ShowFacets.NEVER
    compressed_fields = False
    delete_confirmation_template = "admin/delete_one_confirmation.html"
    delete_selected_confirmation_template = "admin/delete_chosen_confirmation.html"

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        # Django lets any column of the model be asked for (``?password__startswith=``); here only
        # what the page offers as a filter.
        offered = self.get_list_filter(request) if request else self.list_filter
        return lookup in {getattr(choice, "parameter_name", None) for choice in offered}

    # The doors.

    def perform_create(self, request: HttpRequest, values: dict[str, Any]) -> models.Model:
        """Makes an instance of the form's values through a door. Refused unless a subclass names one."""
        raise PermissionDenied

    def perform_update(self, request: HttpRequest, instance: Any, values: dict[str, Any]) -> models.Model:
        """Changes ``instance`` through a door; ``values`` holds just the fields that the person changed."""
        raise PermissionDenied

    def perform_destroy(self, request: HttpRequest, instance: Any) -> None:
        """Deletes ``instance`` through a door."""
        raise PermissionDenied

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            changed = {name: form.cleaned_data[name] for name in form.changed_data}
            stored = self.perform_update(request, obj, changed)
        else:
            stored = self.perform_create(request, dict(form.cleaned_data))
        obj.__dict__.update(stored.__dict__)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self.perform_destroy(request, obj)

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for instance in queryset:
            self.perform_destroy(request, instance)

    # What the doors refuse.

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        refusal = getattr(request, "refusal", None)
        return form if refusal is None else type(form.__name__, (form,), {"refusal": refusal})

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except ValidationError as refusal:
            # Everything was rolled back; the same form once more, with what the door said in it.
            request.refusal = refusal  # type: ignore[attr-defined]  # read by get_form
            return super().changeform_view(request, object_id, form_url, extra_context)
        except self.model.DoesNotExist:
            return self._deleted_meanwhile(request)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> Any:
        try:
            return super().delete_view(request, object_id, extra_context)
        except ValidationError as refusal:
            self._say(request, refusal)
            return HttpResponseRedirect(self._url("change", object_id))
        except self.model.DoesNotExist:
            return self._deleted_meanwhile(request)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        # Django's own title asks to select something to change.
        said = {"title": capfirst(self.opts.verbose_name_plural), **(extra_context or {})}
        try:
            return super().changelist_view(request, said)
        except ValidationError as refusal:
            self._say(request, refusal)
            return HttpResponseRedirect(request.get_full_path())

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        # One verb on a form; the second saves a step for who types in a pile of cards.
        several = bool(kwargs.get("add")) and self.save_verb is None
        context.update(show_save_and_continue=False, show_save_and_add_another=several)
        return super().render_change_form(request, context, *args, **kwargs)

    def _say(self, request: HttpRequest, refusal: ValidationError) -> None:
        for text in refusal.messages:
            messages.error(request, text)

    def _deleted_meanwhile(self, request: HttpRequest) -> HttpResponse:
        messages.error(request, _("Somebody else has deleted this in the meantime."))
        return HttpResponseRedirect(self._url("changelist"))

    def _url(self, page: str, *arguments: Any) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{page}", args=arguments)

    # What is shown before deleting: the rows by name, without a look at every table around them.

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        # Both pages ask this method, and only one of them takes a context from here.
        request.after_deletion = self.after_deletion  # type: ignore[attr-defined]  # read by the templates
        total = len(objs)
        names = [str(instance) for instance in objs[:NAMES_SHOWN_BEFORE_DELETING]]
        if rest := total - len(names):
            names.append(ngettext("and %(count)d more", "and %(count)d more", rest) % {"count": rest})
        return names, {self.opts.verbose_name_plural: total}, set(), []


class AreaModelAdmin(DoorModelAdmin):
    """Pages of one model in one ``area`` of the permission table; a class without an area cannot be made.

    Nothing is written to Django's admin log, whose table is the platform's and no church's.
    """

    area: ClassVar[str]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not getattr(cls, "area", ""):
            raise ImproperlyConfigured(f"{cls.__qualname__} declares no area of the permission table.")

    # Who may what.

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may(request, f"{self.area}:read")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may(request, f"{self.area}:read")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may(request, f"{self.area}:write")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may(request, f"{self.area}:write")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may(request, f"{self.area}:delete")

    # No log, no history.

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:
        return None

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:
        return None

    def log_deletions(self, request: HttpRequest, queryset: Any) -> None:
        return None

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> Any:
        raise Http404


class ChoiceFilter(SimpleListFilter):
    """A filter of a list as one plain select box. Subclasses give ``title``, ``parameter_name``,
    ``lookups`` and ``queryset``, as for Django's SimpleListFilter.
    """

    template = "unfold/filters/filters_field.html"

    def choices(self, changelist: Any) -> Any:
        yield {"form": ChoiceFilterForm(self)}


class ChoiceFilterForm(forms.Form):
    """The one field of a ChoiceFilter."""

    def __init__(self, choice: ChoiceFilter) -> None:
        super().__init__({str(choice.parameter_name): choice.value() or ""})
        self.fields[str(choice.parameter_name)] = forms.ChoiceField(
            label=str(choice.title).capitalize(),
            required=False,
            choices=[("", _("All")), *choice.lookup_choices],
            widget=UnfoldAdminSelectWidget(attrs={"id": f"filter-{choice.parameter_name}"}),
        )
