"""A donor's photograph or logo: checked, turned upright, and reduced to nothing but the picture. Pure."""

import struct
import zlib
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from points.giving.errors import DonorPictureInvalid

LARGEST_MEGABYTES = 2
_FORMATS = ("JPEG", "PNG", "WEBP")
_LONGEST_SIDE = 480  # it stands beside a name
_MOST_PIXELS = 40_000_000
_QUALITY = 82
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
    """Return the picture as a small JPEG without position, thumbnail or anything else that came with it.

    :raises DonorPictureInvalid: no picture, too large, or one that only pretends to be.
    """
    refusal = DonorPictureInvalid(field="picture", megabytes=LARGEST_MEGABYTES)
    if not 0 < len(upload) <= LARGEST_MEGABYTES * 1_000_000:
        raise refusal
    try:
        with Image.open(BytesIO(upload), formats=_FORMATS) as opened:
            if opened.width * opened.height > _MOST_PIXELS:
                raise refusal
            upright = ImageOps.exif_transpose(opened).convert("RGBA")
    except _BROKEN as error:
        raise refusal from error
    upright.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    paper = Image.new("RGB", upright.size, "white")  # logos come with see-through grounds
    paper.paste(upright, mask=upright.getchannel("A"))
    kept = BytesIO()
    paper.save(kept, "JPEG", quality=_QUALITY)
    return kept.getvalue()
