"""Images are made anew: what comes out holds pixels and nothing else that the file said.

So a picture tells nobody where it was taken, and whatever else was hidden in the file is gone.
"""

from __future__ import annotations

import io
from typing import IO

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from PIL import Image, ImageCms, ImageOps

from .kinds import JPEG, PNG, Kind

FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/gif": "GIF", "image/webp": "WEBP"}
# A JPEG is read smaller than it is where it can be; others take four bytes of memory for each pixel.
MOST_PIXELS = {"JPEG": 80_000_000}
MOST_PIXELS_OTHERWISE = 25_000_000
LONGEST_SIDE = 2_560
LONGEST_SIDE_OF_PHOTO = 1_600
QUALITY = 85


def made_anew(file: IO[bytes], kind: Kind, *, longest_side: int) -> tuple[IO[bytes], Kind]:
    """The picture turned the right way up and scaled down to ``longest_side`` pixels, as JPEG or PNG.

    Of what moves only the first frame is kept. Raises ValidationError (``file``) for what cannot be read
    and for more pixels than would fit into memory.
    """
    try:
        with Image.open(file, formats=[FORMATS[kind.content_type]]) as opened:
            _refuse_too_many_pixels(opened)
            # Cheap, and only for JPEG: it is decoded at a half, a quarter or an eighth.
            opened.draft("RGB", (longest_side, longest_side))
            opened.load()
            picture = _plain(opened)
    except ValidationError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels() from error
    except Exception as error:
        # Decoders raise whatever they come across in a broken file.
        raise ValidationError({"file": [_("This picture is damaged, or none.")]}) from error
    picture.thumbnail((longest_side, longest_side), Image.Resampling.LANCZOS)
    return _written(picture, kind)


def _refuse_too_many_pixels(picture: Image.Image) -> None:
    width, height = picture.size
    most = MOST_PIXELS.get(str(picture.format), MOST_PIXELS_OTHERWISE)
    if width * height > most:
        raise _too_many_pixels()


def _too_many_pixels() -> ValidationError:
    return ValidationError({"file": [_("This picture has too many pixels.")]})


def _plain(opened: Image.Image) -> Image.Image:
    """Upright, in sRGB, with or without transparency, and without anything besides."""
    profile = opened.info.get("icc_profile")
    upright = ImageOps.exif_transpose(opened)
    mode = "RGBA" if upright.has_transparency_data else "RGB"
    picture = _in_srgb(upright, profile) if profile and mode == "RGB" else upright
    plain = picture.convert(mode)
    plain.info = {}
    return plain


def _in_srgb(picture: Image.Image, profile: bytes) -> Image.Image:
    """Phones' colours are wider than those that are meant where no profile says so."""
    try:
        described = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(
            picture, described, ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return picture
    return converted or picture


def _written(picture: Image.Image, kind: Kind) -> tuple[IO[bytes], Kind]:
    # Drawings stay sharp, and what is transparent stays so.
    drawn = picture.mode == "RGBA" or kind.content_type in {"image/png", "image/gif"}
    result = PNG if drawn else JPEG
    file = io.BytesIO()
    if drawn:
        picture.save(file, "PNG", optimize=True)
    else:
        picture.save(file, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    file.seek(0)
    return file, result
