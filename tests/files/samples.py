"""Files as people have them, and as nobody should."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

PDF = b"%PDF-1.7\n1 0 obj << /Type /Catalog >> endobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"
SCRIPT = b"<script>alert(document.domain)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
# A comment in GIF makes it a program as well: GIF89a=/*…*/alert(1).
GIF_AND_SCRIPT = b"GIF89a/*\x00\x00\x00\x00\x00\x00*/=1;alert(document.domain)//"
LATITUDE = {1: "N", 2: (51.0, 28.0, 38.0)}
GPS = 0x8825
ORIENTATION = 0x0112


def picture(form: str = "JPEG", size: tuple[int, int] = (60, 40), mode: str = "RGB", **options: Any) -> bytes:
    """A picture whose left half is red."""
    image = Image.new(mode, size, "blue")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def picture_from_a_phone() -> bytes:
    """Lying on its side, with the place where it was taken, and a word about the camera."""
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    exif[0x0110] = "Camera of Ada"
    exif[GPS] = LATITUDE
    return picture(exif=exif, comment=b"at home", icc_profile=_profile())


def _profile() -> bytes:
    from PIL import ImageCms

    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def office(folder: str, *more: str) -> bytes:
    """A packed document of Microsoft's kind with its content in ``folder``."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in ("[Content_Types].xml", f"{folder}/document.xml", *more):
            archive.writestr(name, "<xml/>")
    return file.getvalue()


def open_document(kind: str = "text") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
        archive.writestr("content.xml", "<xml/>")
    return file.getvalue()


def uploaded(content: bytes, name: str = "photo.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "application/octet-stream")
