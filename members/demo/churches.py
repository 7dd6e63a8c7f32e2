"""The two churches of the demo and their accounts, as plain data.

Nothing of Django is needed to read it: the demo prints the accounts without starting Django.
"""

from __future__ import annotations

from dataclasses import dataclass

SUPERUSER = "root@platform.example"
# Known to everybody who reads this, so ``load_demo`` refuses an installation that is no demo.
PASSWORD = "harbour-lantern-42"  # noqa: S105 - see the line above


@dataclass(frozen=True)
class DemoChurch:
    """One church. ``people``: first and last name of the account with each role.

    ``files``: CSV files beside this module that are imported into it, in this order.
    ``invents_people``: whether the people of ``people.py`` are added.
    """

    subdomain: str
    name: str
    timezone: str
    country: str
    people: dict[str, tuple[str, str]]
    files: tuple[str, ...]
    invents_people: bool = False

    def accounts(self) -> list[tuple[str, str]]:
        """``(role, email)`` of everybody who signs in at this church."""
        return [(role, f"{role}@{self.subdomain}.example") for role in self.people]


CHURCHES = (
    DemoChurch(
        subdomain="grace",
        name="Grace Church",
        timezone="America/Chicago",
        country="US",
        people={
            "admin": ("Ruth", "Palmer"),
            "pastor": ("Samuel", "Ortega"),
            "staff": ("Nora", "Lindqvist"),
            "volunteer": ("Caleb", "Hughes"),
        },
        files=("grace_people.csv",),
    ),
    DemoChurch(
        subdomain="hope",
        name="Hope Chapel",
        timezone="America/Toronto",
        country="CA",
        people={
            "admin": ("Miriam", "Achebe"),
            "pastor": ("Jonas", "Tremblay"),
            "staff": ("Leila", "Haddad"),
            "volunteer": ("Owen", "Fraser"),
        },
        files=(
            "hope_test_import.csv",
            "hope_test_import_country.csv",
            "hope_test_classification_import.csv",
        ),
        invents_people=True,
    ),
)
