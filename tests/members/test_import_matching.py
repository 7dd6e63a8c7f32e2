"""Whom a row means. Each case is an import of ``before`` and then of ``after``."""

from __future__ import annotations

import pytest

from members.domain import create_member
from members.models import Member
from tenants.context import enter_church

HEADER = "first_name,last_name,suffix,middle_name,gender,email,birth_date,family id,role in family,phone,nr\n"
COLUMNS = ["first", "last", "suffix", "middle", "gender", "email", "birth", "family", "role", "phone", "nr"]


def row(first="John", last="Smith", **cells):
    values = {"first": first, "last": last, **cells}
    return ",".join(values.get(column, "") for column in COLUMNS) + "\n"


def counts(done):
    return {
        name: getattr(done, name)
        for name in ("created", "updated", "unchanged", "failed")
        if getattr(done, name)
    }


CASES = {
    # What agrees.
    "email": (row(email="j@x.example"), row(email="J@X.example", phone="217 555 0100"), {"updated": 1}),
    "birthday": (row(birth="1980-01-02"), row(birth="1/2/1980", email="j@x.example"), {"updated": 1}),
    "household": (row(family="7"), row(family="7", email="j@x.example"), {"updated": 1}),
    "names in another spelling": (
        row("José", "O'Brien-Łukasz", email="j@x.example"),
        row("JOSE", "O’brien Lukasz", email="j@x.example", phone="217 555 0100"),
        {"updated": 1},
    ),
    "another name": (row(email="j@x.example"), row("Jane", email="j@x.example"), {"created": 1}),
    "nothing but the name": (row(phone="217 555 0100"), row(email="j@x.example"), {"created": 1}),
    # What contradicts.
    "another birthday with the same email and household": (
        row(email="j@x.example", family="7", birth="1950-01-01"),
        row(email="j@x.example", family="7", birth="1980-01-01"),
        {"created": 1},
    ),
    "a birthday without a year that agrees": (
        row(birth="1980-12-25"), row(birth="0000-12-25", email="j@x.example"), {"updated": 1},
    ),
    "a birthday without a year that does not": (
        row(birth="1980-12-25", email="j@x.example"), row(birth="0000-12-24", email="j@x.example"),
        {"created": 1},
    ),
    "a new email address of the same birthday": (
        row(email="j@x.example", birth="1980-01-01"), row(email="new@x.example", birth="1980-01-01"),
        {"updated": 1},
    ),
    "a new email address in the household": (
        row(email="j@x.example", family="7"), row(email="new@x.example", family="7"), {"updated": 1},
    ),
    "junior in the household": (
        row(suffix="Sr.", family="7"), row(suffix="Jr.", family="7"), {"created": 1},
    ),
    "a full name after its initial": (
        row(middle="R.", family="7"), row(middle="Robert", family="7"), {"updated": 1},
    ),
    "another middle name in the household": (
        row(middle="Robert", family="7"), row(middle="William", family="7"), {"created": 1},
    ),
    "another gender in the household": (
        row("Robin", gender="Male", family="7"), row("Robin", gender="F", family="7"), {"created": 1},
    ),
    # Twice in one file.
    "one person in two rows": (
        "",
        row(email="j@x.example", phone="217 555 0100") + row(email="J@x.example", phone="217 555 0111"),
        {"created": 1, "updated": 1},
    ),
    "one person in two rows that say the same": (
        "", row(email="j@x.example") + row(email="j@x.example"), {"created": 1, "unchanged": 1},
    ),
    "father and son with birthdays": (
        "",
        row(family="7", email="j@x.example", birth="1950-01-01")
        + row(family="7", email="j@x.example", birth="1980-01-01"),
        {"created": 2},
    ),
    "father and son with their own addresses": (
        "", row(family="7", email="sr@x.example") + row(family="7", email="jr@x.example"), {"created": 2},
    ),
    "father and son with their places in the family": (
        "", row(family="7", birth="1950-01-01", role="Head") + row(family="7", role="Child"), {"created": 2},
    ),
    "the same name in two families": ("", row(family="7") + row(family="8"), {"created": 2}),
    "rows without anything to know them by": (
        "", row(phone="217 555 0100") + row(phone="217 555 0100") + row(), {"created": 3},
    ),
    # Several fit.
    "the one of whom more agrees": (
        row(email="j@x.example", family="7", birth="1950-01-01") + row(family="7", birth="1980-01-01"),
        row(email="j@x.example", family="7", phone="217 555 0100"),
        {"updated": 1},
    ),
    "two of whom as much agrees": (
        row(family="7", birth="1950-01-01") + row(family="7", birth="1980-01-01"),
        row(family="7", phone="217 555 0100"),
        {"failed": 1},
    ),
    "email of one, birthday of the other": (
        row(email="j@x.example") + row(birth="1980-01-01"),
        row(email="j@x.example", birth="1980-01-01"),
        {"failed": 1},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_whom_a_row_means(grace, run_import, case):
    before, after, expected = CASES[case]
    if before:
        first = run_import(HEADER + before)
        assert first.failed == 0
    trial = run_import(HEADER + after, dry_run=True)
    with enter_church(grace):
        people = set(Member.objects.values_list("pk", "updated_at"))
    done = run_import(HEADER + after)
    assert counts(done) == expected
    assert counts(trial) == expected
    with enter_church(grace):
        assert Member.objects.count() == len(people) + expected.get("created", 0)
    again = run_import(HEADER + after)
    unchanged = sum(expected.values()) - expected.get("failed", 0)
    assert counts(again) == {
        name: count
        for name, count in {"unchanged": unchanged, "failed": expected.get("failed", 0)}.items()
        if count
    }


def test_a_row_that_fits_two_people_says_so(grace, run_import):
    run_import(HEADER + row(family="7", birth="1950-01-01") + row(family="7", birth="1980-01-01"))
    done = run_import(HEADER + row(family="7"))
    with enter_church(grace):
        assert list(done.failed_rows()) == [(2, [{"field": "", "message": "This row matches 2 people."}])]


def test_a_person_in_two_rows_has_what_the_later_says_and_keeps_the_rest(grace, run_import):
    run_import(
        HEADER
        + row(email="j@x.example", phone="217 555 0100", role="Head")
        + row("Mary", email="m@x.example")
        + row(email="j@x.example", phone="217 555 0111", gender="Male")
    )
    with enter_church(grace):
        john = Member.objects.get(email="j@x.example")
    assert (john.phone, john.household_role, john.gender) == ("+12175550111", "Head", "Male")


def test_a_key_means_its_person_whatever_else_the_row_says(grace, run_import):
    run_import(HEADER + row(nr="1", email="j@x.example"), external_key="nr")
    done = run_import(
        HEADER + row("Johnny", "Smythe", nr="1", birth="1980-01-01") + row(nr="2", email="j@x.example"),
        external_key="nr",
    )
    assert counts(done) == {"updated": 1, "created": 1}
    with enter_church(grace):
        assert Member.objects.get(external_key="1").last_name == "Smythe"
        assert Member.objects.get(external_key="2").last_name == "Smith"


def test_a_key_alone_is_enough_for_somebody_known_and_not_for_anybody_else(grace, run_import):
    run_import(HEADER + row(nr="1"), external_key="nr")
    done = run_import("nr,phone\n1,217 555 0100\n2,217 555 0111\n", external_key="nr")
    assert counts(done) == {"updated": 1, "failed": 1}


def test_a_new_key_is_given_to_the_person_who_was_there_without_one(grace, run_import):
    run_import(HEADER + row(email="j@x.example"))
    done = run_import(HEADER + row(email="j@x.example", nr="1"), external_key="nr")
    assert counts(done) == {"updated": 1}
    with enter_church(grace):
        assert Member.objects.get(email="j@x.example").external_key == "1"


def test_the_same_key_twice_in_a_file_is_one_person(grace, run_import):
    done = run_import(HEADER + row(nr="1") + row("Johnny", nr="1"), external_key="nr")
    assert counts(done) == {"created": 1, "updated": 1}
    with enter_church(grace):
        assert Member.objects.get(external_key="1").first_name == "Johnny"


def test_people_made_by_hand_are_matched_too(grace, run_import):
    with enter_church(grace):
        create_member(first_name="Rósa", last_name="Smith", email="rosa@x.example")
    done = run_import(HEADER + row("ROSA", email="ROSA@x.example", phone="217 555 0100"))
    assert counts(done) == {"updated": 1}


def test_of_two_in_one_house_each_keeps_the_row_when_one_changes(grace, run_import):
    def both(father, son):
        return HEADER + row(family="7", email=son) + row(family="7", email=father)

    run_import(both("sr@x.example", "jr@x.example"))
    with enter_church(grace):
        known = dict(Member.objects.filter(last_name="Smith", household_key="7").values_list("email", "pk"))
    done = run_import(
        HEADER + row(family="7", email="other@x.example") + row(family="7", email="sr@x.example")
    )
    # The new address could be either's, and nothing says that it is the son's.
    assert counts(done) == {"created": 1, "unchanged": 1}
    with enter_church(grace):
        for email, key in known.items():
            assert Member.objects.get(pk=key).email == email


def test_a_trial_run_over_several_batches_says_what_the_run_then_does(grace, run_import):
    numbers = range(700)
    lines = [row(f"Person{number}", email=f"p{number}@x.example") for number in numbers]
    # Each of them again, far behind, with something new; and somebody who is not valid.
    lines += [
        row(f"Person{number}", email=f"p{number}@x.example", phone=f"217 555 {number:04}")
        for number in numbers
    ]
    lines.append(row("Wrong", email="wrong"))
    content = HEADER + "".join(lines)
    trial, done, again = (run_import(content, dry_run=dry) for dry in (True, False, True))
    assert counts(trial) == counts(done) == {"created": 700, "updated": 700, "failed": 1}
    assert counts(again) == {"unchanged": 1400, "failed": 1}
    with enter_church(grace):
        fates = [list(i.rows.values_list("row", "fate", "changed")) for i in (trial, done)]
    assert fates[0] == fates[1]
