"""Fixtures of the floor."""

import io
import logging
from collections.abc import Iterator

import pytest
from django.utils import translation


@pytest.fixture(autouse=True)
def _no_language_left_behind() -> Iterator[None]:
    """A request in English must not make the next test English."""
    yield
    translation.deactivate()


@pytest.fixture
def printed() -> Iterator[io.StringIO]:
    """What the process prints as its log, through the real handler with its filter and format."""
    (handler,) = (
        handler
        for handler in logging.getLogger().handlers
        if isinstance(handler, logging.StreamHandler) and handler.filters
    )
    text = io.StringIO()
    before = handler.setStream(text)
    yield text
    handler.setStream(before)
