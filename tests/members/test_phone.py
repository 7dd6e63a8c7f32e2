"""Phone numbers as people write them."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from members.phone import normalized_phone, readable_phone


@pytest.mark.parametrize(
    ("text", "country", "kept"),
    [
        ("(217) 555-0101", "US", "+12175550101"),
        ("217.555.0101", "us", "+12175550101"),
        ("1 217 555 0101", "US", "+12175550101"),
        ("+49 171 2345678", "US", "+491712345678"),
        ("0171 2345678", "DE", "+491712345678"),
        ("020 7946 0958", "GB", "+442079460958"),
        ("217-555-0101 ext. 12", "US", "+12175550101;ext=12"),
        ("+12175550101;ext=12", "DE", "+12175550101;ext=12"),
        ("1-800-FLOWERS", "US", "+18003569377"),
        ("\u0662\u0661\u0667 555 0101", "US", "+12175550101"),
        ("tel:+1-217-555-0101", "DE", "+12175550101"),
        ("", "US", ""),
        ("   ", "US", ""),
    ],
)
def test_what_is_kept(text, country, kept):
    assert normalized_phone(text, country) == kept
    assert normalized_phone(kept, "FR") == kept


@pytest.mark.parametrize(
    "text", ["12", "call me", "555-0101", "+", "00", "1" * 41, "+1 217 555 01012345", "2175550101" * 500]
)
def test_what_is_refused(text):
    with pytest.raises(ValidationError):
        normalized_phone(text, "US")


def test_a_number_without_its_area_code_says_so():
    with pytest.raises(ValidationError, match="area code"):
        normalized_phone("555-0101", "US")


def test_a_number_without_a_country_needs_one():
    with pytest.raises(ValidationError):
        normalized_phone("217 555 0101", "ZZ")


@pytest.mark.parametrize(
    ("kept", "country", "shown"),
    [
        ("+12175550101", "US", "(217) 555-0101"),
        ("+12175550101", "DE", "+1 217-555-0101"),
        ("+12175550101;ext=12", "US", "(217) 555-0101 ext. 12"),
        ("", "US", ""),
        ("nonsense", "US", "nonsense"),
    ],
)
def test_what_is_shown(kept, country, shown):
    assert readable_phone(kept, country) == shown
