"""A donor's photograph or logo. Pure."""

from backend.core.pictures import NoPicture, as_jpeg
from points.giving.errors import DonorPictureInvalid

LARGEST_MEGABYTES = 2
_LONGEST_SIDE = 480  # it stands beside a name
_MOST_PIXELS = 40_000_000
_QUALITY = 82


def cleaned(upload: bytes) -> bytes:
    """Return the picture as a small JPEG without position, thumbnail or anything else that came with it.

    :raises DonorPictureInvalid: no picture, too large, or one that only pretends to be.
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
        raise DonorPictureInvalid(field="picture", megabytes=LARGEST_MEGABYTES) from error
