"""What is taken in and what is refused, by the bytes and not by the name."""

from __future__ import annotations

import io

import pytest
from django.core.exceptions import ValidationError
from PIL import Image

from files import domain, objects
from files.models import StoredFile
from files.names import safe_name
from tests.files import samples
from tests.files.samples import picture

Purpose = StoredFile.Purpose
pytestmark = pytest.mark.usefixtures("in_grace")


def store(content, name="file.bin", purpose=Purpose.DOCUMENT, user=None):
    return domain.store_file(content=io.BytesIO(content), name=name, purpose=purpose, user=user)


def stored_bytes(file):
    with objects.opened(file.key) as content:
        return content.read()


def refusal(content, name="file.bin", purpose=Purpose.DOCUMENT):
    with pytest.raises(ValidationError) as refused:
        store(content, name, purpose)
    assert refused.value.message_dict.keys() == {"file"}
    return refused.value.message_dict["file"][0]


def test_a_document_is_kept_byte_by_byte_under_a_key_without_its_name(either_store, in_grace, user, keys):
    file = store(samples.PDF, "Sunday plan.pdf", user=user("bob"))
    assert stored_bytes(file) == samples.PDF
    assert (file.name, file.content_type, file.size) == (
        "Sunday plan.pdf",
        "application/pdf",
        len(samples.PDF),
    )
    assert keys() == [file.key]
    assert file.key.startswith(f"{in_grace.id.hex}/")
    assert "Sunday" not in file.key


@pytest.mark.parametrize(
    ("content", "name", "content_type", "kept_as"),
    [
        (samples.PDF, "a.exe", "application/pdf", "a.pdf"),
        (samples.office("word"), "letter.docx", None, "letter.docx"),
        (samples.office("xl"), "numbers.zip", None, "numbers.xlsx"),
        (samples.open_document(), "letter", "application/vnd.oasis.opendocument.text", "letter.odt"),
        (b"Name,Phone\nAda,555\n", "people.csv", "text/csv", "people.csv"),
        (b"Gr\xfc\xdfe\n", "notes.php", "text/plain", "notes.txt"),
        (b"BM and other initials\n", "initials.txt", "text/plain", "initials.txt"),
        (picture("PNG"), "page.html", "image/png", "page.png"),
        (picture("WEBP"), "x.svg", "image/jpeg", "x.jpg"),
        (b"ID3\x03\x00" + bytes(100), "sermon.mp3", "audio/mpeg", "sermon.mp3"),
    ],
)
def test_type_and_ending_come_from_the_content(on_disk, content, name, content_type, kept_as):
    file = store(content, name)
    assert file.name == kept_as
    assert content_type in (None, file.content_type)


@pytest.mark.parametrize(
    "content",
    [
        samples.SVG,
        b'<?xml version="1.0"?>' + samples.SVG,
        b"\xef\xbb\xbf \n<!DOCTYPE html><p>",
        b"just words, then " + samples.SCRIPT,
        samples.PDF.replace(b"%PDF", b"<a>\n%PDF"),
        b"#!/bin/sh\nrm -rf /\n",
        b"MZ" + bytes(200),
        b"\x7fELF" + bytes(200),
        samples.office("word", "word/vbaProject.bin"),
        samples.office("nothing"),
        b"PK\x03\x04 no archive at all",
        bytes(range(256)),
    ],
)
def test_what_could_run_is_refused(on_disk, content, keys):
    for name in ("plan.pdf", "picture.png", "notes.txt"):
        assert "not taken" in refusal(content, name)
    assert keys() == []


@pytest.mark.parametrize("content", [samples.SVG, samples.GIF_AND_SCRIPT, samples.PDF, samples.SCRIPT])
def test_a_photo_is_a_picture_and_nothing_else(on_disk, content, keys):
    refusal(content, "me.png", Purpose.PERSON_PHOTO)
    assert keys() == []


def test_a_flyer_may_be_a_pdf_but_no_document(on_disk):
    assert store(samples.PDF, "flyer.pdf", Purpose.EVENT_FLYER).content_type == "application/pdf"
    assert "flyer" in refusal(samples.office("word"), "flyer.docx", Purpose.EVENT_FLYER)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF"])
def test_what_hides_behind_a_picture_is_gone(on_disk, form):
    file = store(picture(form) + b"\n" + samples.SCRIPT, "both.png")
    content = stored_bytes(file)
    assert b"script" not in content
    assert Image.open(io.BytesIO(content)).size == (60, 40)


def test_a_picture_tells_neither_place_nor_camera_and_stands_upright(either_store):
    original = samples.picture_from_a_phone()
    assert b"Camera of Ada" in original
    content = stored_bytes(store(original, "IMG_1.jpg", Purpose.PERSON_PHOTO))
    with Image.open(io.BytesIO(content)) as image:
        assert not image.getexif()
        known = {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "progression"}
        assert image.info.keys() <= known
        assert image.size == (40, 60)
        red, _green, blue = image.convert("RGB").getpixel((20, 5))
        assert red > blue
    assert not any(word in content for word in (b"Camera", b"at home", b"Exif", b"ICC_PROFILE"))


def test_photos_are_scaled_down_and_transparency_stays(on_disk):
    photo = store(picture(size=(3200, 1000)), purpose=Purpose.PERSON_PHOTO)
    assert Image.open(io.BytesIO(stored_bytes(photo))).size == (1600, 500)
    clear = store(picture("PNG", mode="RGBA"))
    assert Image.open(io.BytesIO(stored_bytes(clear))).mode == "RGBA"


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded(on_disk):
    assert "pixels" in refusal(_png_of(20_000, 20_000), "bomb.png")
    assert "pixels" in refusal(_png_of(5_100, 5_100), "large.png")


def _png_of(width, height):
    """A small PNG whose header promises more (PNG specification, 11.2.2)."""
    import struct
    import zlib

    content = bytearray(picture("PNG"))
    header = b"IHDR" + struct.pack(">II", width, height) + content[24:29]
    content[12:33] = header + struct.pack(">I", zlib.crc32(header))
    return bytes(content)


def test_a_broken_picture_is_refused(on_disk, keys):
    whole = picture("PNG", size=(200, 200))
    assert "damaged" in refusal(whole[: len(whole) // 2], "half.png")
    assert "damaged" in refusal(samples.GIF_AND_SCRIPT, "both.gif")
    assert keys() == []


def test_empty_and_too_large_files_are_refused(on_disk, settings):
    assert "empty" in refusal(b"", "nothing.pdf")
    settings.LARGEST_UPLOAD = 1024
    assert "larger than 1.0" in refusal(samples.PDF + b" " * 1024, "plan.pdf")


def test_a_church_has_no_more_than_its_quota(on_disk, settings, keys):
    size = len(samples.PDF)
    settings.FILE_QUOTAS = {"free": 1, "standard": 2 * size, "premium": 1}
    first, _second = store(samples.PDF), store(samples.PDF)
    assert "no room left" in refusal(samples.PDF)
    assert len(keys()) == 2
    domain.remove_file(file=first)
    store(samples.PDF)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../../etc/passwd", "passwd.pdf"),
        ("..\\..\\windows\\win.ini", "win.pdf"),
        ("/abs/olute.pdf", "olute.pdf"),
        ("....", "file.pdf"),
        ("", "file.pdf"),
        (".htaccess", "htaccess.pdf"),
        ("a\x00b\r\nSet-Cookie: x.pdf", "ab Set-Cookie x.pdf"),
        ('"><script>.pdf', "script.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.pdf"),
        ("con.txt", "_con.pdf"),
        ("e\u0301te\u0301.pdf", "été.pdf"),
        ("x" * 500 + ".pdf", "x" * 120 + ".pdf"),
        ("two  \t blanks.pdf", "two blanks.pdf"),
        ("archive.tar.gz", "archive.tar.pdf"),
    ],
)
def test_names_are_made_safe(name, kept):
    assert safe_name(name, ending=".pdf") == kept


@pytest.mark.parametrize("key", ["../x", "", "{other}/aa/" + "a" * 32, "{own}/../{other}/aa/" + "a" * 32])
def test_nobody_reaches_another_churchs_part_of_the_store(on_disk, in_grace, hope, key):
    wanted = key.format(own=in_grace.id.hex, other=hope.id.hex)
    for reach in (objects.opened, objects.delete):
        with pytest.raises(objects.StrangeKeyError):
            reach(wanted)
