"""QR codes as pictures: black on white with the quiet zone that cameras ask for."""

from io import BytesIO

import qrcode
from qrcode.constants import ERROR_CORRECT_M
from qrcode.image.base import BaseImage
from qrcode.image.pure import PyPNGImage
from qrcode.image.svg import SvgPathImage

_BOX_PIXELS = 12
_QUIET_ZONE = 4


def png(text: str) -> bytes:
    """Return the code of `text` as a PNG file."""
    return _draw(text, PyPNGImage)


def svg(text: str) -> bytes:
    """Return the code of `text` as an SVG file."""
    return _draw(text, SvgPathImage)


def _draw(text: str, factory: type[BaseImage]) -> bytes:
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, box_size=_BOX_PIXELS, border=_QUIET_ZONE)
    code.add_data(text)
    out = BytesIO()
    code.make_image(image_factory=factory).save(out)
    return out.getvalue()
