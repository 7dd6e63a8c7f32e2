"""The form of a person, and those of the actions on many people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.widgets import INPUT_CLASSES, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from core.admin import DoorForm
from members.addresses import PARTS as ADDRESS_PARTS
from members.custom_fields.values import PREFIX
from members.models import CustomField, Member
from members.phone import LONGEST, readable_phone
from members.values import LONGEST_ADDRESS_PART
from tenants.context import current_church
from tenants.settings_page import timezone_choices

from .birthdays import birthday_text, stored_birthday
from .custom_values import initial_value, offer_what_is_chosen
from .presentation import status_name

# Texts of which a church uses a few: what it has used is suggested.
SUGGESTED = ("gender", "marital_status")


class SuggestingInput(UnfoldAdminTextInputWidget):
    """A text field that suggests texts; with ``several`` they are parted by commas."""

    def __init__(self, *, several: bool = False) -> None:
        # core/lists.js lets the browser suggest the next text after a comma.
        super().__init__(attrs={"autocomplete": "off", **({"data-several": "true"} if several else {})})
        self.suggestions: Iterable[str] = ()

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        identifier = f"{name}_suggestions"
        field = super().render(name, value, {**(attrs or {}), "list": identifier}, renderer)
        options = format_html_join("", '<option value="{}"></option>', ((text,) for text in self.suggestions))
        return format_html('{}<datalist id="{}">{}</datalist>', field, identifier, options)


class TagsField(forms.CharField):
    """Tags as one text, parted by commas."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=SuggestingInput(several=True), max_length=6_000, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        return [tag for part in str(super().to_python(value) or "").split(",") if (tag := part.strip())]

    def run_validators(self, value: Any) -> None:
        # The door checks each tag; the length of the whole is checked on the text.
        super().run_validators(", ".join(value))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return (initial or []) != self.to_python(data)


class BirthdayField(forms.CharField):
    """A date whose year may be unknown, written in one of many ways."""

    def prepare_value(self, value: Any) -> Any:
        return birthday_text(value) if isinstance(value, str) else value

    def clean(self, value: Any) -> str:
        return stored_birthday(super().clean(value))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool((data or "").strip() not in {initial or "", birthday_text(initial or "")})


class PhoneField(forms.CharField):
    """A phone number, shown as it is written in the church's country."""

    def prepare_value(self, value: Any) -> Any:
        return readable_phone(value, current_church().country) if value else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool((data or "").strip() not in {initial or "", self.prepare_value(initial or "")})


def _text_input(**attributes: str) -> UnfoldAdminTextInputWidget:
    return UnfoldAdminTextInputWidget(attrs=attributes)


def phone_field(label: Any) -> PhoneField:
    return PhoneField(label=label, required=False, max_length=LONGEST, widget=_text_input(type="tel"))


def address_field(part: str) -> forms.CharField:
    return forms.CharField(
        label=ADDRESS_PARTS[part],
        required=False,
        max_length=LONGEST_ADDRESS_PART,
        widget=_text_input(autocomplete="off"),
    )


class AddressForm(DoorForm):
    """A form with a field for each part of the model's two addresses: ``address_line1`` of ``address``."""

    addresses: ClassVar[tuple[str, ...]] = ("address", "mailing_address")

    address_line1 = address_field("line1")
    address_line2 = address_field("line2")
    address_city = address_field("city")
    address_state = address_field("state")
    address_postal_code = address_field("postal_code")
    address_country = address_field("country")
    mailing_address_line1 = address_field("line1")
    mailing_address_line2 = address_field("line2")
    mailing_address_city = address_field("city")
    mailing_address_state = address_field("state")
    mailing_address_postal_code = address_field("postal_code")
    mailing_address_country = address_field("country")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for address in self.addresses:
            for part, name in self._parts_of(address).items():
                self.initial[name] = getattr(self.instance, address).get(part, "")

    def _parts_of(self, address: str) -> dict[str, str]:
        """The parts that the page shows, each with its field."""
        names = {part: f"{address}_{part}" for part in ADDRESS_PARTS}
        return {part: name for part, name in names.items() if name in self.fields}

    def clean(self) -> dict[str, Any]:
        """Puts the parts of each address together; parts that the page does not show are kept."""
        values = super().clean() or {}
        for address in self.addresses:
            if names := self._parts_of(address):
                parts = {part: values.pop(name) for part, name in names.items() if name in values}
                values[address] = {**getattr(self.instance, address), **parts}
        return values

    @property
    def changed_data(self) -> list[str]:
        changed = super().changed_data
        for address in self.addresses:
            parts = set(self._parts_of(address).values())
            rest = [name for name in changed if name not in parts]
            changed = rest if len(rest) == len(changed) else [*rest, address]
        return changed


class MemberForm(AddressForm):
    """A person. The address has a field for each part, and each of ``own_fields`` one of its own;
    ``members.domain`` checks the values.
    """

    own_fields: ClassVar[Sequence[CustomField]] = ()

    tags = TagsField(label=_("Tags"), required=False, help_text=_("Several tags are parted by commas."))
    birth_date = BirthdayField(
        label=_("Birthday"),
        required=False,
        widget=_text_input(autocomplete="off"),
        help_text=_("For example June 15, 1975 or 1975-06-15. Without a year: June 15."),
    )
    phone = phone_field(_("Phone"))
    home_phone = phone_field(_("Phone at home"))
    work_phone = phone_field(_("Phone at work"))
    membership_status = forms.ChoiceField(label=_("Status"), widget=UnfoldAdminSelectWidget)
    timezone = forms.ChoiceField(label=_("Time zone"), required=False, widget=UnfoldAdminSelectWidget)

    class Meta:
        model = Member
        fields = "__all__"
        widgets = {
            **{name: SuggestingInput() for name in SUGGESTED},
            # The browser's own calendar: no script, and phones know how to show it.
            "baptized_date": forms.DateInput(
                format="%Y-%m-%d", attrs={"type": "date", "class": " ".join(INPUT_CLASSES)}
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = Member.objects.all()
        for name in (name for name in SUGGESTED if name in self.fields):
            self.fields[name].widget.suggestions = people.values_in_use(name)
        if "tags" in self.fields:
            self.fields["tags"].widget.suggestions = people.tag_names()
        if "membership_status" in self.fields:
            known = [*Member.SUGGESTED_STATUSES, *people.values_in_use("membership_status")]
            known += [self.instance.membership_status]
            status_field: Any = self.fields["membership_status"]
            status_field.choices = [(status, status_name(status)) for status in dict.fromkeys(known)]
        if "timezone" in self.fields:
            zone_field: Any = self.fields["timezone"]
            own_zone = _("Where the church is (%(zone)s)") % {"zone": current_church().timezone}
            zone_field.choices = [("", own_zone), *timezone_choices(self.instance.timezone or "UTC")]
        for own in (own for own in self.own_fields if f"{PREFIX}{own.key}" in self.fields):
            value = self.instance.custom_fields.get(own.key)
            self.initial[f"{PREFIX}{own.key}"] = initial_value(own, value)
            offer_what_is_chosen(self.fields[f"{PREFIX}{own.key}"], own, value)

    def clean(self) -> dict[str, Any]:
        """Puts the parts of the address together, and the own fields that were changed."""
        values = super().clean() or {}
        own = {name: values.pop(name) for name in list(values) if name.startswith(PREFIX)}
        changed = [name for name in super().changed_data if name in own]
        values["custom_fields"] = {name.removeprefix(PREFIX): own[name] for name in changed}
        return values

    @property
    def changed_data(self) -> list[str]:
        changed = super().changed_data
        rest = [name for name in changed if not name.startswith(PREFIX)]
        return rest if len(rest) == len(changed) else [*rest, "custom_fields"]


class TagActionForm(forms.Form):
    """Which tags are added to, or taken from, the people that were chosen."""

    tags = TagsField(label=_("Tags"), help_text=_("Several tags are parted by commas."))

    def __init__(self, *args: Any, suggestions: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tags"].widget.suggestions = suggestions
