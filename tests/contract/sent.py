"""What people send: a photograph, and what registering takes."""

from io import BytesIO
from typing import Any

from PIL import Image

from tests.factories.regions import COMMUNITY
from tests.factories.volunteers import resident_id


def photograph() -> bytes:
    """A picture of a sheet of paper, small and white."""
    held = BytesIO()
    Image.new("RGB", (40, 30), "white").save(held, "JPEG")
    return held.getvalue()


def registration(region: str = COMMUNITY) -> dict[str, Any]:
    """What somebody who is no volunteer yet sends to become one."""
    return {
        "name": "李雷",
        "id_type": "resident_id",
        "id_number": resident_id(sequence=77),
        "region": region,
        "skills": [],
        "service_categories": [],
        "available_times": [],
        "consents": ["privacy"],
    }
