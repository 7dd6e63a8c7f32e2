"""Files as other programs write them: encodings, delimiters, quotes, names of columns."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from members.importing.columns import columns_of
from members.importing.reading import count_rows, layout_of, rows_of

ROWS = "first_name{0}last_name{0}city\r\nJosé{0}Müller{0}Łódź\r\n"
WESTERN = "first_name{0}last_name{0}city\r\nJosé{0}Müller{0}Köln\r\n"


def read(content):
    layout = layout_of(content)
    return layout.header, list(rows_of(content, layout))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_every_encoding_with_every_delimiter(encoding, delimiter):
    header, rows = read(ROWS.format(delimiter).encode(encoding))
    assert header == ["first_name", "last_name", "city"]
    assert rows == [(2, ["José", "Müller", "Łódź"])]


def test_windows_1252():
    header, rows = read(WESTERN.format(";").encode("cp1252"))
    assert header[0] == "first_name"
    assert rows == [(2, ["José", "Müller", "Köln"])]


def test_one_bad_byte_does_not_turn_the_accents_of_the_file_into_other_letters():
    content = "first_name,last_name\nJosé,Müller\nSøren,Kierkegård\nRen".encode() + b"\xe9,Dupont\n"
    with pytest.raises(ValidationError) as refused:
        layout_of(content)
    assert "Line 4" in refused.value.message_dict["file"][0]


def test_rows_are_numbered_as_in_a_spreadsheet():
    content = b'\nfirst_name,last_name\n\nRuth,"Moab\nof the east"\n , \nBoaz,Ephrath\n'
    layout = layout_of(content)
    assert layout.header_row == 2
    assert list(rows_of(content, layout)) == [(4, ["Ruth", "Moab\nof the east"]), (6, ["Boaz", "Ephrath"])]
    assert count_rows(content, layout) == 2


@pytest.mark.parametrize("line", ["sep=;\r\n", '"sep=;"\n'])
def test_the_line_with_which_excel_names_the_delimiter(line):
    header, rows = read(f"{line}first_name;last_name;a,b,c,d\nRuth;Moab;\n".encode())
    assert header == ["first_name", "last_name", "a,b,c,d"]
    assert rows == [(2, ["Ruth", "Moab", ""])]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_line_endings_of_every_age(ending):
    content = ending.join(["first_name,last_name", 'Ruth "Rue",Moab', '"Bo, az","Eph""rath"', ""]).encode()
    assert [cells for _number, cells in read(content)[1]] == [['Ruth "Rue"', "Moab"], ["Bo, az", 'Eph"rath']]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xef\xbb\xbf",
        b"\n\n \n",
        b"\x00\x01\x02\x03" * 50,
        b"%PDF-1.7\n\x00\x07\x08",
        b"PK\x03\x04\x14\x00",
        b"first_name,last_name\nRuth,\x07Moab\n",
        b"a" * 1_000_001,
        b",".join([b"c%d" % number for number in range(501)]),
        b"\xff\xfe\x00",
    ],
)
def test_what_is_no_list_is_refused_with_a_reason(content):
    with pytest.raises(ValidationError) as refused:
        count_rows(content, layout_of(content))
    assert len(refused.value.message_dict["file"][0]) > 10


@pytest.mark.parametrize("bad", ['"Ruth,Moab\n', '"Ru"th,Moab\n', '"' + "x" * 200_000 + '",Moab\n'])
def test_a_quote_that_swallows_the_rest_is_refused_with_its_line(bad):
    content = f"first_name,last_name\nBoaz,Ephrath\n{bad}".encode()
    with pytest.raises(ValidationError) as refused:
        count_rows(content, layout_of(content))
    assert "Line 3" in refused.value.message_dict["file"][0]


def fields_of(*names, mapping=None, external_key=""):
    columns = columns_of(["First", "Last", *names], mapping=mapping or {}, external_key=external_key)
    return [column.fields for column in columns[2:]]


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("FamilyID", "household_key"),
        ("householdId", "household_key"),
        ("FamilyRole", "household_role"),
        ("Classification", "membership_status"),
        ("membershipStatus", "membership_status"),
        ("MiddleName", "middle_name"),
        ("Title", "prefix"),
        ("Suffix", "suffix"),
        ("Address1", "address.line1"),
        ("address 2", "address.line2"),
        ("CITY", "address.city"),
        ("State", "address.state"),
        ("Zip", "address.postal_code"),
        ("Country", "address.country"),
        ("HomePhone", "home_phone"),
        ("WorkPhone", "work_phone"),
        ("CellPhone", "phone"),
        ("mobile_phone", "phone"),
        ("\u00a0E-mail\u00a0", "email"),
        ("BirthDate", "birth_date"),
        ("Date of Birth", "birth_date"),
        ("MembershipDate", "custom_fields.membership_date"),
        ("WorkEmail", "custom_fields.work_email"),
        ("address.line1", "address.line1"),
        ("address_postal_code", "address.postal_code"),
        ("baptized_date", "baptized_date"),
        ("external_key", "external_key"),
        ("custom_fields.shirt size", "custom_fields.shirt size"),
        ("tags", "tags"),
    ],
)
def test_names_of_columns_that_are_known(name, field):
    assert fields_of(name) == [[field]]


def test_the_surer_of_two_names_for_a_field_wins_and_the_other_is_left_out():
    assert fields_of("Phone", "Mobile Phone") == [[], ["phone"]]
    assert fields_of("Shoe size", "") == [[], []]


def test_a_column_may_be_the_key_besides_what_else_it_says():
    assert fields_of("Email", external_key="e-mail") == [["external_key", "email"]]
    assert fields_of("Email", mapping={"Email": None}, external_key="Email") == [["external_key"]]
    with pytest.raises(ValidationError):
        fields_of("Email", "Nr", mapping={"Nr": "external_key"}, external_key="Email")


def test_without_names_a_file_needs_a_key():
    assert columns_of(["Nr", "Email"], mapping={}, external_key="Nr")[0].fields == ["external_key"]
    with pytest.raises(ValidationError):
        columns_of(["Nr", "Email"], mapping={}, external_key="")
