"""From the names of a file's columns to the fields of a person.

Names are compared without case, blanks and punctuation, so ``First Name``, ``first_name`` and
``firstName`` are one. The known names are those of ChurchCRM's import and ChurchApps' export, of
this project's own fields, and usual spellings of other systems where they can mean only one thing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from members.search import folded

CUSTOM = "custom_fields."
LONGEST_CUSTOM_NAME = 100

# Each field with the names under which it is known, the surest first.
KNOWN_NAMES: dict[str, str] = {
    "first_name": "firstname first givenname forename fname",
    "middle_name": "middlename middle middleinitial secondname",
    "last_name": "lastname last surname familyname lname",
    "prefix": "prefix title nameprefix salutation honorific",
    "suffix": "suffix namesuffix",
    "nickname": "nickname goesby goesbyname preferredname called",
    "email": "email emailaddress primaryemail personalemail homeemail",
    "phone": (
        "mobilephone cellphone mobile cell phone phonenumber mobilenumber cellnumber mobilephonenumber"
        " cellphonenumber phonemobile phonecell primaryphone"
    ),
    "home_phone": "homephone phonehome homephonenumber phoneathome landline",
    "work_phone": "workphone phonework workphonenumber businessphone officephone phoneatwork",
    "address.line1": "address1 addressline1 street streetaddress street1 homeaddress address line1",
    "address.line2": "address2 addressline2 street2 line2",
    "address.city": "city town addresscity homecity",
    "address.state": "state province stateprovince region addressstate homestate",
    "address.postal_code": "zip zipcode postalcode postcode addresspostalcode addresszip homezip",
    "address.country": "country addresscountry countrycode homecountry",
    "gender": "gender sex",
    "marital_status": "maritalstatus",
    "birth_date": "birthdate dateofbirth birthday dob",
    "membership_status": "membershipstatus classification memberstatus membership membertype status",
    "baptized_date": "baptizeddate baptismdate dateofbaptism baptizedon baptisedon",
    "household_key": "householdkey householdid familyid familykey",
    "household_role": "householdrole familyrole roleinthehousehold roleinfamily",
    "tags": "tags tag labels",
    "external_key": "externalkey externalid",
    "custom_fields.membership_date": "membershipdate datejoined joindate",
    "custom_fields.wedding_date": "weddingdate anniversary anniversarydate",
    "custom_fields.work_email": "workemail emailwork",
    "custom_fields.envelope": "donationenvelope envelope envelopenumber",
}


def folded_column(name: str) -> str:
    """``name`` as it is compared: letters and digits in lower case, without accents."""
    return "".join(character for character in folded(name) if character.isalnum())


FIELD_OF_NAME = {name: field_name for field_name, names in KNOWN_NAMES.items() for name in names.split()} | {
    folded_column(field_name): field_name for field_name in KNOWN_NAMES
}


@dataclass
class Column:
    """One column: its place in a row (from 0), its name in the file, and the fields that it fills."""

    position: int
    name: str
    fields: list[str] = field(default_factory=list)


def field_for(target: str) -> str | None:
    """The field that ``target`` of a mapping names, or None. ``custom_fields.…`` may be anything."""
    target = target.strip()
    if target.startswith(CUSTOM):
        name = " ".join(target.removeprefix(CUSTOM).split())
        return f"{CUSTOM}{name}" if 0 < len(name) <= LONGEST_CUSTOM_NAME else None
    return FIELD_OF_NAME.get(folded_column(target))


def columns_of(header: list[str], *, mapping: Mapping[str, Any], external_key: str) -> list[Column]:
    """Every column of ``header`` with its fields; those without fields will be ignored.

    ``mapping`` (name of a column: field, or None to ignore it) goes before what the names say; a
    column that is not mentioned keeps the meaning of its name. The column ``external_key`` gives
    the person's key in another system, besides what else it says. Of two columns that would fill
    the same field the one with the surer name does, the other is ignored. Raises ValidationError
    with the keys ``file``, ``mapping`` and ``external_key``.
    """
    columns = [Column(position, name) for position, name in enumerate(header)]
    by_name = _by_folded_name(columns)
    stated = _read_mapping(mapping, by_name)
    taken: set[str] = set()
    for folded_name, field_name in stated.items():
        if field_name is not None:
            by_name[folded_name].fields.append(field_name)
            taken.add(field_name)
    key_column = by_name.get(folded_column(external_key)) if external_key else None
    if external_key and key_column is None:
        raise ValidationError({"external_key": _no_such_column(external_key)})
    if key_column is not None and "external_key" not in key_column.fields:
        if "external_key" in taken:
            raise ValidationError({"external_key": _("The mapping names another column as the key.")})
        key_column.fields.append("external_key")
        taken.add("external_key")
    for name, names in KNOWN_NAMES.items():
        known = [*names.split(), folded_column(name)]
        candidates = [n for n in known if n in by_name and n not in stated]
        if candidates and name not in taken:
            by_name[candidates[0]].fields.append(name)
    for column in columns:
        if not column.fields and column.name.startswith(CUSTOM) and folded_column(column.name) not in stated:
            custom = field_for(column.name)
            column.fields += [custom] if custom else []
    _require_names(columns)
    return columns


def _by_folded_name(columns: list[Column]) -> dict[str, Column]:
    by_name: dict[str, Column] = {}
    for column in columns:
        name = folded_column(column.name)
        if not name:
            continue
        if name in by_name:
            raise ValidationError(
                {"file": _("Two columns are called “%(name)s”.") % {"name": column.name[:100]}}
            )
        by_name[name] = column
    return by_name


def _no_such_column(name: str) -> str:
    return _("The file has no column “%(name)s”.") % {"name": str(name)[:100]}


def _read_mapping(mapping: Mapping[str, Any], by_name: Mapping[str, Column]) -> dict[str, str | None]:
    """Folded name of a column -> its field, or None. Raises ValidationError (``mapping``)."""
    problems: list[str] = []
    stated: dict[str, str | None] = {}
    for name, target in mapping.items():
        folded_name = folded_column(name)
        found = field_for(target) if isinstance(target, str) else None
        if folded_name not in by_name:
            problems.append(_no_such_column(name))
        elif target is not None and found is None:
            problems.append(_("There is no field “%(name)s”.") % {"name": str(target)[:100]})
        elif found is not None and found in stated.values():
            problems.append(_("Two columns are mapped to “%(name)s”.") % {"name": found})
        else:
            stated[folded_name] = found
    if problems:
        raise ValidationError({"mapping": problems})
    return stated


def _require_names(columns: list[Column]) -> None:
    """Without names a row can only be somebody who is known by the key of another system."""
    found = {name for column in columns for name in column.fields}
    if found >= {"first_name", "last_name"} or "external_key" in found:
        return
    raise ValidationError(
        {
            "file": _(
                "The first line must name the columns, with one for the first name and one for the"
                " last name. Found: %(names)s."
            )
            % {"names": ", ".join(column.name for column in columns if column.name)[:300]}
        }
    )
