"""An uploaded picture: checked, turned upright, and reduced to nothing but the picture. Pure."""

import struct
import zlib
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

_FORMATS = ("JPEG", "PNG", "WEBP")
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


class NoPicture(Exception):  # noqa: N818 – names the event
    """What was uploaded is no picture, too large, or only pretends to be one."""


def as_jpeg(upload: bytes, *, megabytes: int, pixels: int, side: int, quality: int) -> bytes:
    """Return the picture as JPEG without position, thumbnail or anything else that came with it.

    At most `megabytes` and `pixels` are read; it is made no longer than `side`. What is see-through is white.

    :raises NoPicture: it is none.
    """
    if not 0 < len(upload) <= megabytes * 1_000_000:
        raise NoPicture
    try:
        with Image.open(BytesIO(upload), formats=_FORMATS) as opened:
            if opened.width * opened.height > pixels:
                raise NoPicture
            upright = ImageOps.exif_transpose(opened)
            see_through = upright.has_transparency_data
            upright = upright.convert("RGBA" if see_through else "RGB")
    except _BROKEN as error:
        raise NoPicture from error
    upright.thumbnail((side, side))
    if see_through:
        paper = Image.new("RGB", upright.size, "white")
        paper.paste(upright, mask=upright.getchannel("A"))
        upright = paper
    upright.info.clear()  # Pillow would write the comment of the upload again
    kept = BytesIO()
    upright.save(kept, "JPEG", quality=quality)
    return kept.getvalue()
