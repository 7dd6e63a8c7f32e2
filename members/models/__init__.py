"""The tables of people, one module a subject."""

from .confidential import ConfidentialDetails, ConfidentialReading, MemberNote
from .custom_fields import CustomField
from .households import Household, HouseholdMembership
from .imports import ImportMapping, MemberImport, MemberImportRow
from .merging import MemberMerge, NotDuplicates
from .people import Member
from .saved_lists import SavedList

__all__ = [
    "ConfidentialDetails",
    "ConfidentialReading",
    "CustomField",
    "Household",
    "HouseholdMembership",
    "ImportMapping",
    "Member",
    "MemberImport",
    "MemberImportRow",
    "MemberMerge",
    "MemberNote",
    "NotDuplicates",
    "SavedList",
]
