"""What a rule means, said once more in plain Python over a person's plain values."""

from __future__ import annotations

import datetime
from typing import Any


def age_of(birth_date: str, today: datetime.date) -> int | None:
    if not birth_date or birth_date.startswith("--"):
        return None
    year, month, day = map(int, birth_date.split("-"))
    return today.year - year - ((today.month, today.day) < (month, day))


def next_birthday_in(birth_date: str, today: datetime.date) -> int | None:
    """Days until it is celebrated; the 29th of February on the 28th where there is none."""
    if not birth_date:
        return None
    for days in range(367):
        day = today + datetime.timedelta(days=days)
        if f"{day:%m-%d}" == birth_date[-5:]:
            return days
        following = day + datetime.timedelta(days=1)
        if birth_date[-5:] == "02-29" and f"{day:%m-%d}" == "02-28" and following.month == 3:
            return days
    return None


def part_of_address(person: Any, part: str) -> str:
    address = person["address"] or person["household_address"] or {}
    return str(address.get(part, ""))


def meets(person: dict[str, Any], condition: dict[str, Any], today: datetime.date) -> bool:
    """Whether one condition holds for a person."""
    field, operator, value = condition["field"], condition["operator"], condition.get("value")
    if field.startswith("custom_fields."):
        return meets_own(person["custom_fields"].get(field.removeprefix("custom_fields.")), operator, value)
    if field in {"membership_status", "gender", "marital_status", "email"}:
        return compares_text(person[field], operator, value)
    if field in {"city", "postal_code"}:
        return compares_text(part_of_address(person, field), operator, value)
    if field in {"household", "household_role"}:
        return meets_household(person, operator, value)
    if field == "added":
        return meets_added(person["added"], operator, value, today)
    if field == "tags":
        return meets_tags(person["tags"], operator, value)
    if field == "phone":
        return meets_phone(person["phone"], operator, value or "")
    if field == "baptized":
        return meets_baptized(person["baptized_date"], operator, value)
    return meets_birthday(person["birth_date"], field, operator, value, today)


def meets_household(person: dict[str, Any], operator: str, value: Any) -> bool:
    if isinstance(value, bool):
        return (person["role"] is not None) is value
    return compares_text(person["role"] or "nobody's", operator, value)


def meets_tags(tags: list[str], operator: str, value: Any) -> bool:
    if operator == "has_any":
        return bool(set(value) & set(tags))
    return (value in tags) is (operator == "has")


def meets_phone(phone: str, operator: str, value: str) -> bool:
    digits = "".join(character for character in value if character.isdigit()).lstrip("0")
    return not phone if operator == "missing" else bool(phone) and digits in phone


def meets_baptized(baptized: datetime.date | None, operator: str, value: Any) -> bool:
    if operator == "is":
        return (baptized is not None) is value
    day = datetime.date.fromisoformat(value)
    return baptized is not None and (baptized < day if operator == "before" else baptized > day)


def meets_birthday(birth_date: str, field: str, operator: str, value: Any, today: datetime.date) -> bool:
    if field == "age":
        age = age_of(birth_date, today)
        return age is not None and (age >= value if operator == "from" else age <= value)
    if operator == "in_next_days":
        days = next_birthday_in(birth_date, today)
        return days is not None and days <= value
    if operator == "in_month":
        return birth_date[-5:-3] == f"{value:02}"
    return bool(birth_date) is (operator == "known")


def meets_added(added: datetime.date, operator: str, value: Any, today: datetime.date) -> bool:
    match operator:
        case "in_last_days":
            return added > today - datetime.timedelta(days=value)
        case "this":
            return added >= (today if value == "day" else today.replace(day=1))
        case "before":
            return added < datetime.date.fromisoformat(value)
    return added > datetime.date.fromisoformat(value)


def compares_text(text: str, operator: str, value: Any) -> bool:
    match operator:
        case "is":
            return text.lower() == value.lower()
        case "is_not":
            return text.lower() != value.lower()
        case "in":
            return text.lower() in {each.lower() for each in value}
        case "contains":
            return value.lower() in text.lower()
        case "starts_with":
            return text.startswith(value)
    return bool(text) is (operator == "known")


def meets_own(held: Any, operator: str, value: Any) -> bool:
    each = held if isinstance(held, list) else [] if held is None else [held]
    match operator:
        case "known" | "missing":
            return (held is not None) is (operator == "known")
        case "is" | "has":
            return value in each
        case "is_not" | "has_not":
            return value not in each
        case "in" | "has_any":
            return bool(set(each) & set(value))
        case "contains":
            return held is not None and value.lower() in held.lower()
    return held is not None and (held >= value if operator == "from" else held <= value)
