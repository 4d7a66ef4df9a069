"""A statement of a long day reads only the blocks that hold one's own lines."""

import json

import pytest

from points.proof import queries, statement
from points.proof.services import close_days
from tests.factories.ledger import give
from tests.factories.proof import FIRST, NEW_YEAR, after, by_hand
from tests.factories.volunteers import VolunteerFactory
from tests.points.proof.downloads import ask

pytestmark = pytest.mark.django_db


@pytest.fixture
def zhang(monkeypatch):
    """Eleven transfers in blocks of four; the third and the tenth are theirs."""
    monkeypatch.setattr("points.proof.proving.BLOCK", 4)
    monkeypatch.setattr(statement, "BLOCK", 4)
    zhang, wang = VolunteerFactory(), VolunteerFactory()
    for number in range(11):
        give(zhang if number in {2, 9} else wang, 1, key=f"award:{number}", at=NEW_YEAR)
    close_days(at=after(FIRST))
    return zhang


def test_every_line_is_led_to_the_root_over_its_block(zhang, tmp_path, capsys):
    told = statement.statement(zhang, year=2026)
    (tmp_path / "mine.json").write_text(json.dumps(told))
    (tmp_path / "chain.json").write_text(json.dumps(queries.whole_chain()))

    assert [line["line"].split("\t")[0] for line in told["lines"]] == ["2026-01-01/3", "2026-01-01/10"]
    assert ask(capsys, tmp_path / "mine.json", "--chain", tmp_path / "chain.json")[0] == 0


def test_blocks_without_a_line_of_ones_own_are_not_read(zhang, monkeypatch):
    read = []
    real = statement.day_lines

    def noted(day, **span):
        read.append(span["first"])
        return real(day, **span)

    monkeypatch.setattr(statement, "day_lines", noted)

    statement.statement(zhang, year=2026)

    assert read == [1, 9]


def test_a_line_slipped_in_after_the_day_was_proven_has_no_proof(zhang):
    late = give(zhang, 1, key="late", at=after(FIRST))
    with by_hand() as cursor:
        cursor.execute("UPDATE points_transfer SET business_day = %s WHERE id = %s", [FIRST, late.pk])

    assert len(statement.statement(zhang, year=2026)["lines"]) == 2


def test_a_statement_has_an_end(zhang, monkeypatch):
    monkeypatch.setattr(statement, "MOST_LINES", 1)

    told = statement.statement(zhang, year=2026)

    assert [line["line"].split("\t")[0] for line in told["lines"]] == ["2026-01-01/10"]
