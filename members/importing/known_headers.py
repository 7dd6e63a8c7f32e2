"""Names of columns that are known, and the systems whose exports have them.

Names are compared without case, blanks and punctuation (``columns.folded_column``). What is known here
of other systems are the names in the first line of the files that they save: Planning Center People
("Export people"), Breeze ("Export people"), ChurchCRM ("CSV export" and its import's template), and B1,
formerly ChurchApps (``people.csv`` of its export).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from members.search import folded

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
        " cellphonenumber phonemobile phonecell primaryphone primaryphonenumber"
    ),
    "home_phone": "homephone phonehome homephonenumber phoneathome landline home",
    "work_phone": "workphone phonework workphonenumber businessphone officephone phoneatwork work",
    "address.line1": (
        "address1 addressline1 street streetaddress street1 homeaddressstreetline1 homeaddress address line1"
        " homestreet"
    ),
    "address.line2": "address2 addressline2 street2 homeaddressstreetline2 line2",
    "address.city": "city town addresscity homeaddresscity homecity",
    "address.state": "state province stateprovince region addressstate homeaddressstate homestate",
    "address.postal_code": (
        "zip zipcode postalcode postcode addresspostalcode addresszip homeaddresszipcode homeaddresszip"
        " homeaddresspostalcode homezip"
    ),
    "address.country": "country addresscountry countrycode homeaddresscountry homecountry",
    "mailing_address.line1": "mailingaddress1 mailingstreet mailingaddressstreetline1 mailingaddress",
    "mailing_address.line2": "mailingaddress2 mailingstreet2 mailingaddressstreetline2",
    "mailing_address.city": "mailingcity mailingaddresscity",
    "mailing_address.state": "mailingstate mailingaddressstate",
    "mailing_address.postal_code": "mailingzip mailingpostalcode mailingaddresszipcode mailingaddresszip",
    "mailing_address.country": "mailingcountry mailingaddresscountry",
    "gender": "gender sex",
    "marital_status": "maritalstatus",
    "birth_date": "birthdate dateofbirth birthday dob",
    "membership_status": "membershipstatus classification memberstatus membership membertype status",
    "baptized_date": "baptizeddate baptismdate dateofbaptism baptizedon baptisedon baptism",
    "household_key": "householdkey householdid familyid familykey family",
    "household_role": "householdrole familyrole roleinthehousehold roleinfamily",
    "tags": "tags tag labels",
    "external_key": "externalkey externalid",
    "timezone": "timezone tz",
    # Our own export names people by it; a file of another church may hold it too and is read without.
    "churchsaas_id": "churchsaasid",
    "custom_fields.membership_date": "membershipdate datejoined joindate",
    "custom_fields.wedding_date": "weddingdate anniversary anniversarydate",
    "custom_fields.work_email": "workemail emailwork workotheremail",
    "custom_fields.envelope": "donationenvelope envelope envelopenumber donornumber",
}


def folded_column(name: str) -> str:
    """``name`` as it is compared: letters and digits in lower case, without accents."""
    return "".join(character for character in folded(name) if character.isalnum())


FIELD_OF_NAME = {name: field_name for field_name, names in KNOWN_NAMES.items() for name in names.split()} | {
    folded_column(field_name): field_name for field_name in KNOWN_NAMES
}


@dataclass(frozen=True)
class System:
    """A program whose files are known by their columns.

    ``marks`` are columns that it alone has: one of them tells it from the others. ``columns`` are those
    that it writes for nearly every church, ``key`` the one with its own number of a person.
    """

    name: str
    marks: tuple[str, ...]
    columns: tuple[str, ...]
    key: str = ""
    _folded: frozenset[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        names = frozenset(map(folded_column, (*self.marks, *self.columns)))
        object.__setattr__(self, "_folded", names)

    def agreement(self, header: frozenset[str]) -> int:
        """How many of the columns of ``header`` (folded) it has; 0 without a mark of its own."""
        if not header & frozenset(map(folded_column, self.marks)):
            return 0
        return len(header & self._folded)


SYSTEMS = (
    System(
        "Planning Center",
        marks=(
            "Home Address Street Line 1", "Home Address Zip Code", "Mobile Phone Number", "Name Prefix",
            "Name Suffix", "Inactive Reason", "Medical Notes", "Remote ID", "Primary Phone Number",
        ),
        columns=(
            "Person ID", "First Name", "Given Name", "Nickname", "Middle Name", "Last Name", "Birthdate",
            "Anniversary", "Gender", "Grade", "Graduation Year", "School", "School Type", "Marital Status",
            "Membership", "Status", "Child", "Home Address Street Line 2", "Home Address City",
            "Home Address State", "Home Address Country", "Home Phone Number", "Work Phone Number",
            "Home Email", "Work Email", "Primary Email", "Household ID", "Household Name",
            "Primary Campus", "Inactivated At", "Created At", "Updated At", "Passed Background Check",
            "Avatar", "Site Administrator", "Accounting Administrator", "People Permissions",
        ),
        key="Person ID",
    ),
    System(
        "Breeze",
        marks=("Breeze ID",),
        columns=(
            "First Name", "Last Name", "Middle Name", "Nickname", "Maiden Name", "Gender", "Status",
            "Marital Status", "Birthdate", "Age", "Family", "Family Role", "School", "Graduation Year",
            "Grade", "Employer", "Mobile", "Home", "Work", "Email", "Street Address", "City", "State", "Zip",
            "Campus", "Joined", "Added Date",
        ),
        key="Breeze ID",
    ),
    System(
        "ChurchCRM",
        marks=("FamilyID", "Classification", "Work/Other Email", "Envelope Number", "Cell Phone"),
        columns=(
            "Title", "FirstName", "First Name", "MiddleName", "Middle Name", "LastName", "Last Name",
            "Suffix", "Gender", "DonationEnvelope", "Address1", "Address 1", "Address2", "Address 2", "City",
            "State", "Zip", "Country", "HomePhone", "Home Phone", "WorkPhone", "Work Phone", "CellPhone",
            "Email", "WorkEmail", "BirthDate", "Birth Date", "Age", "MembershipDate", "Membership Date",
            "FamilyRole", "Family Role", "Family Name", "WeddingDate", "Wedding Date",
        ),
    ),
    System(
        "B1 (ChurchApps)",
        marks=("householdId", "nametagNotes", "membershipStatus", "importKey"),
        columns=(
            "firstName", "middleName", "lastName", "nickName", "prefix", "suffix", "gender", "maritalStatus",
            "birthDate", "anniversary", "email", "homePhone", "mobilePhone", "workPhone", "address1",
            "address2", "city", "state", "zip", "householdRole", "householdName", "photo", "donorNumber",
            "campusId", "displayName", "id",
        ),
        key="importKey",
    ),
    System(
        "ChurchSaaS",
        marks=("ChurchSaaS ID",),
        columns=("First name", "Last name", "Household key", "Tags", "Also in"),
    ),
)  # fmt: skip


def system_of(header: Iterable[str]) -> System | None:
    """The system whose file has these columns; None where none has half of them."""
    names = frozenset(filter(None, map(folded_column, header)))
    found = max(SYSTEMS, key=lambda system: system.agreement(names))
    return found if 2 * found.agreement(names) >= len(names) and found.agreement(names) >= 3 else None
