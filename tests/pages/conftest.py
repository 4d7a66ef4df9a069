"""What the pages' tests share."""

from pathlib import Path

import pytest
from django.conf import settings


@pytest.fixture(scope="session", autouse=True)
def _static_root() -> None:
    """Whitenoise warns about a missing directory of collected files; tests serve them from the finders."""
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
