"""Which subdomains a church may have, and what is said of the others."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from tenants.domain import provision_church
from tenants.subdomains import RESERVED, normalized_subdomain


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("grace", "grace"),
        ("  Grace ", "grace"),
        ("ST-MARY", "st-mary"),
        ("1st", "1st"),
        ("a", "a"),
        ("x" * 63, "x" * 63),
        ("a-b-c", "a-b-c"),
        # The sign for kelvin is the letter k in lower case; the plain letter is what is kept.
        ("\u212aing", "king"),
    ],
)
def test_is_kept_in_lower_case(value, kept):
    assert normalized_subdomain(value) == kept


@pytest.mark.parametrize(
    ("value", "code", "reason"),
    [
        ("", "required", "required"),
        ("   ", "required", "required"),
        ("x" * 64, "invalid", "1 to 63 letters"),
        ("-grace", "invalid", "no hyphen at either end"),
        ("grace-", "invalid", "no hyphen at either end"),
        ("st mary", "invalid", "letters a–z, digits and hyphens"),
        ("st.mary", "invalid", "letters a–z, digits and hyphens"),
        ("st_mary", "invalid", "letters a–z, digits and hyphens"),
        ("kirche-köln", "invalid", "letters a–z, digits and hyphens"),
        ("a\x00b", "invalid", "letters a–z, digits and hyphens"),
        ("xn--kln-sna", "encoded", "RFC 5891"),
        ("XN--kln-sna", "encoded", "RFC 5891"),
        ("ab--cd", "encoded", "RFC 5891"),
        ("www", "reserved", "reserved for the platform"),
        ("ADMIN", "reserved", "reserved for the platform"),
        ("api", "reserved", "reserved for the platform"),
    ],
)
def test_is_refused_with_a_reason(value, code, reason):
    with pytest.raises(ValidationError) as refusal:
        normalized_subdomain(value)
    assert refusal.value.code == code
    assert reason in refusal.value.messages[0]


@pytest.mark.parametrize("subdomain", sorted(RESERVED))
def test_the_platforms_own_names_are_valid_otherwise(subdomain):
    with pytest.raises(ValidationError) as refusal:
        normalized_subdomain(subdomain)
    assert refusal.value.code == "reserved"


def test_is_taken_whatever_its_case(grace):
    with pytest.raises(ValidationError) as refusal:
        provision_church(name="Another", subdomain="GRACE")
    assert refusal.value.message_dict == {"subdomain": ["“grace” is taken."]}
