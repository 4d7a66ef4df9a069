"""The photograph of a paper sheet. Pure."""

import hashlib

from backend.core.pictures import NoPicture, as_jpeg
from volunteers.attendance.errors import SheetPictureInvalid

LARGEST_MEGABYTES = 8
_LONGEST_SIDE = 2400  # enough to read handwriting on A4
_MOST_PIXELS = 60_000_000
_QUALITY = 80


def cleaned(upload: bytes) -> bytes:
    """Return the picture as JPEG without position, thumbnail or anything else that came with it.

    :raises SheetPictureInvalid: no picture, too large, or one that only pretends to be.
    """
    try:
        return as_jpeg(
            upload,
            megabytes=LARGEST_MEGABYTES,
            pixels=_MOST_PIXELS,
            side=_LONGEST_SIDE,
            quality=_QUALITY,
        )
    except NoPicture as error:
        raise SheetPictureInvalid(field="picture", megabytes=LARGEST_MEGABYTES) from error


def fingerprint(upload: bytes) -> str:
    """Return what tells one uploaded file from another."""
    return hashlib.sha256(upload).hexdigest()
