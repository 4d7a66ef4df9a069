"""Codes and sentences of all refusals together, and the page that lists them."""

import io
from operator import attrgetter
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.urls import get_resolver
from django.utils import translation

from backend.core.errors import _without_data, every_refusal

REFRESH = "python manage.py error_catalogue > docs/errors.md"
CATALOGUE = Path(__file__).resolve().parents[2] / "docs" / "errors.md"


def refusals():
    """Every refusal of every context."""
    _ = get_resolver().url_patterns  # imports the contexts
    return sorted(set(every_refusal()), key=attrgetter("code"))


def claims():
    return [
        (name, kind)
        for kind in refusals()
        for name in ([kind.constraint] if isinstance(kind.constraint, str) else kind.constraint)
        if name
    ]


def repeated(items):
    return sorted({item for item in items if items.count(item) > 1})


def test_every_code_belongs_to_one_refusal():
    assert repeated([kind.code for kind in refusals()]) == []


def test_every_constraint_is_claimed_by_one_refusal():
    assert repeated([name for name, _ in claims()]) == []


def test_every_claimed_constraint_is_one_of_the_database(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT conname FROM pg_constraint UNION SELECT indexname FROM pg_indexes")
        real = {name for (name,) in cursor.fetchall()}
        cursor.execute("SELECT prosrc FROM pg_proc WHERE prosrc LIKE '%CONSTRAINT%'")
        raised = " ".join(text for (text,) in cursor.fetchall())

    assert [name for name, _ in claims() if name not in real and f"'{name}'" not in raised] == []


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_race_loser_still_gets_a_sentence(language):
    """A refusal born from a constraint knows no numbers."""
    with translation.override(language):
        sentences = {kind.code: str(_without_data(kind)) for _, kind in claims()}

    assert {code: text for code, text in sentences.items() if "%" in text or text.strip() == ""} == {}


def test_every_sentence_is_chinese_and_ends():
    sentences = {kind.code: str(kind.message) for kind in refusals()}

    assert {code: text for code, text in sentences.items() if text[-1:] not in {"。", "？", "！"}} == {}


def test_statuses_are_those_the_api_and_the_pages_know():
    assert {kind.status for kind in refusals()} <= {400, 401, 403, 404, 405, 409, 422, 423, 429, 503}


def test_the_page_of_errors_is_the_code():
    printed = io.StringIO()

    call_command("error_catalogue", stdout=printed)

    assert CATALOGUE.read_text(encoding="utf-8") == printed.getvalue(), REFRESH
