"""How a donor may be called and shown in public: by consent only (慈善法 Art 82, 捐赠法 Art 8)."""

from django.utils.translation import gettext

from backend.core.masking import mask_name
from points.giving.choices import Publicity


def of_donor(*, name: str, consent: str) -> str | None:
    """Name a donor the way they agreed to; somebody never asked is hidden."""
    if consent == Publicity.NAMED:
        return name
    if consent == Publicity.MASKED:
        return mask_name(name)
    if consent == Publicity.ANONYMOUS:
        return gettext("爱心人士")
    return None


def picture_of_donor(*, key: str | None, consent: str, show_picture: bool) -> str | None:
    """Return the key of the picture if it may be seen: a face beside a hidden name would tell the name."""
    return key if show_picture and consent == Publicity.NAMED else None
