"""The photograph of a paper sheet: checked, turned upright, and reduced to nothing but the picture. Pure."""

import hashlib
import struct
import zlib
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from volunteers.attendance.errors import SheetPictureInvalid

LARGEST_MEGABYTES = 8
_FORMATS = ("JPEG", "PNG", "WEBP")
_LONGEST_SIDE = 2400  # enough to read handwriting on A4
_MOST_PIXELS = 60_000_000
_QUALITY = 80
# What Pillow raises over files that are broken or made to break it; warnings, where they are made errors.
_BROKEN = (
    UnidentifiedImageError,
    Image.DecompressionBombError,
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    OverflowError,
    struct.error,
    zlib.error,
    Warning,
)


def cleaned(upload: bytes) -> bytes:
    """Return the picture as JPEG without position, thumbnail or anything else that came with it.

    :raises SheetPictureInvalid: no picture, too large, or one that only pretends to be.
    """
    refusal = SheetPictureInvalid(field="picture", megabytes=LARGEST_MEGABYTES)
    if not 0 < len(upload) <= LARGEST_MEGABYTES * 1_000_000:
        raise refusal
    try:
        with Image.open(BytesIO(upload), formats=_FORMATS) as opened:
            if opened.width * opened.height > _MOST_PIXELS:
                raise refusal
            upright = ImageOps.exif_transpose(opened).convert("RGB")
    except _BROKEN as error:
        raise refusal from error
    upright.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    upright.info.clear()  # Pillow would write the comment of the upload again
    kept = BytesIO()
    upright.save(kept, "JPEG", quality=_QUALITY)
    return kept.getvalue()


def fingerprint(upload: bytes) -> str:
    """Return what tells one uploaded file from another."""
    return hashlib.sha256(upload).hexdigest()
