"""Three proven days, and what an outsider has downloaded of them."""

import pytest

from tests.factories.proof import download, three_days


@pytest.fixture
def zhang():
    return three_days()


@pytest.fixture
def chain(zhang, tmp_path):
    return download(tmp_path, zhang)


@pytest.fixture
def statement(zhang, tmp_path, chain):
    return tmp_path / f"statement-{zhang.pk}.json"
