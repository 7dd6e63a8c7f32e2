"""Invented people: households made of short lists, the same ones every time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

FAMILIES = [
    ("Okafor", "14 Harbord Street", "Toronto", "M5S 1G4"),
    ("Nguyen", "230 Gerrard Street", "Toronto", "M5A 2E8"),
    ("Tremblay", "77 Kingston Road", "Toronto", "M4L 1S7"),
    ("Singh", "1180 Airport Road", "Brampton", "L6R 0C8"),
    ("Fernández", "36 Roncesvalles Avenue", "Toronto", "M6R 2K3"),
    ("MacLeod", "9 Lakeshore Drive", "Mississauga", "L5E 1E4"),
    ("Kowalski", "412 Annette Street", "Toronto", "M6P 1R8"),
    ("Baptiste", "58 Eglinton Avenue", "Toronto", "M4P 1A6"),
    ("Łukaszewicz", "21 Dundas Street", "Mississauga", "L5A 1V9"),
    ("O’Connor", "305 Danforth Avenue", "Toronto", "M4K 1N7"),
    ("Yamamoto", "640 Yonge Street", "Toronto", "M4Y 1Z8"),
    ("Müller", "18 King Street", "Kitchener", "N2G 1A1"),
]
WOMEN = [
    "Adaeze", "Linh", "Claire", "Harpreet", "Lucía", "Fiona", "Agnieszka", "Nadine", "Zofia", "Siobhán",
    "Emiko", "Katrin", "Grace", "Hannah", "Ines",
]  # fmt: skip
MEN = [
    "Chidi", "Minh", "Étienne", "Gurdeep", "Mateo", "Alasdair", "Piotr", "Jean-Marc", "Tomasz", "Declan",
    "Kenji", "Jürgen", "Peter", "Daniel", "Noah",
]  # fmt: skip
CHILDREN = ["Ella", "Theo", "Maya", "Lucas", "Iris", "Felix", "Nina", "Oskar", "Ruby", "Samir"]
STATUSES = ["member", "member", "regular", "visitor"]


def invented_people() -> Iterator[dict[str, Any]]:
    """Values for ``members.domain.create_member``, household by household."""
    for number, (last_name, street, city, postcode) in enumerate(FAMILIES):
        common = {
            "last_name": last_name,
            "address": {
                "line1": street, "city": city, "state": "ON", "postal_code": postcode, "country": "CA"
            },
            "household_key": f"H{number + 1:03d}",
            "membership_status": STATUSES[number % len(STATUSES)],
        }  # fmt: skip
        couple = [(WOMEN[number], "Female", "Head"), (MEN[number], "Male", "Spouse")]
        # Every fourth household is one person.
        for place, (first_name, gender, role) in enumerate(couple[: 1 if number % 4 == 3 else 2]):
            yield {
                **common,
                "first_name": first_name,
                "gender": gender,
                "household_role": role,
                "marital_status": "Single" if number % 4 == 3 else "Married",
                "birth_date": date(
                    1958 + 3 * number + place, 1 + number % 12, 1 + (7 * number) % 28
                ).isoformat(),
                "email": _email(first_name, number),
                "phone": f"(416) 555-{100 + 2 * number + place:04d}",
            }
        for child in range(number % 3):
            # Of some children the family told the birthday without the year.
            year = "-" if number == 5 else str(2009 + child)
            yield {
                **common,
                "first_name": CHILDREN[(2 * number + child) % len(CHILDREN)],
                "household_role": "Child",
                "birth_date": f"{year}-{1 + number:02d}-15",
            }


def _email(first_name: str, number: int) -> str:
    plain = first_name.lower().encode("ascii", "ignore").decode().replace("-", ".")
    return f"{plain}.{number + 1}@mail.example"
