"""Phone numbers: read as people write them, kept in E.164."""

from __future__ import annotations

import phonenumbers
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

LONGEST = 40


def normalized_phone(value: str, country: str) -> str:
    """``value`` in E.164, an extension behind it as ``;ext=12`` (RFC 3966, 5.3).

    ``country`` (ISO 3166) is assumed where no country code is written. An empty text stays empty.
    Raises ValidationError for what is no phone number, and for one that lacks its area code: made
    international it would be somebody else's.
    """
    value = value.strip()
    if not value:
        return ""
    try:
        number = phonenumbers.parse(value[: LONGEST + 1], country.upper())
    except phonenumbers.NumberParseException as error:
        raise ValidationError(_("“%(value)s” is no phone number.") % {"value": value[:LONGEST]}) from error
    possible = phonenumbers.is_possible_number_with_reason(number)
    if possible == phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY:
        raise ValidationError(_("“%(value)s” lacks its area code.") % {"value": value[:LONGEST]})
    if len(value) > LONGEST or possible != phonenumbers.ValidationResult.IS_POSSIBLE:
        raise ValidationError(_("“%(value)s” is no phone number.") % {"value": value[:LONGEST]})
    extension = f";ext={number.extension}" if number.extension else ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) + extension


def readable_phone(value: str, country: str) -> str:
    """A stored number as people of ``country`` write it."""
    if not value:
        return ""
    try:
        number = phonenumbers.parse(value, country.upper())
    except phonenumbers.NumberParseException:
        return value
    own = phonenumbers.region_code_for_number(number) == country.upper()
    form = phonenumbers.PhoneNumberFormat.NATIONAL if own else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, form)
