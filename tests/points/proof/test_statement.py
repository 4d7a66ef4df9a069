"""A volunteer's own statement: every line is theirs and among those published."""

import pytest

from tests.factories.proof import download
from tests.points.proof.downloads import ask, rewrite, told
from volunteers.people.models import Volunteer

pytestmark = pytest.mark.django_db


def test_a_statement_is_in_what_was_published(capsys, chain, statement):
    status, said = ask(capsys, statement, "--chain", chain)

    assert (status, "the statement is right: 4 transfers" in said) == (0, True), said


STATEMENTS = {
    "more points": (lambda row: row.update(points=26), "/1: this transfer is not yours"),
    "another sentence": (lambda row: row["rest"].update(zh="别的"), "/1: the sentence, time or source"),
    "no key": (lambda row: row.pop("key"), "/1: the sentence, time or source"),
    "a step less": (lambda row: row["path"].pop(), "/1: this transfer is not among those published"),
    "another step": (lambda row: row["path"].__setitem__(0, "00"), "/1: this transfer is not among"),
    "no steps": (lambda row: row.update(path=None), "/1: this transfer is not among"),
    "another place": (
        lambda row: row.update(line=row["line"].replace("01/1", "01/2")),
        "/2: this transfer is not yours",
    ),
    "another day": (
        lambda row: row.update(line=row["line"].replace("2026-01-01", "2027-01-01")),
        "2027-01-01/1: the chain has no such day",
    ),
    "garbage": (lambda row: row.update(line="x"), "not in the format"),
}


@pytest.mark.parametrize(("change", "reason"), STATEMENTS.values(), ids=STATEMENTS)
def test_a_statement_that_was_changed_is_found(capsys, chain, statement, change, reason):
    rewrite(statement, lambda data: change(data["lines"][0]))

    status, said = ask(capsys, statement, "--chain", chain)

    assert (status, reason in said) == (1, True), said


def test_a_line_listed_twice_does_not_count_twice(capsys, chain, statement):
    rewrite(statement, lambda data: data["lines"].append(data["lines"][0]))

    assert "2026-01-01/1: the same transfer is listed twice" in ask(capsys, statement, "--chain", chain)[1]


def test_nobody_can_show_a_neighbours_line_as_their_own(capsys, chain, statement, tmp_path):
    wang = Volunteer.objects.get(name="王五")
    download(tmp_path, wang)
    theirs = told(tmp_path / f"statement-{wang.pk}.json")["lines"][0]
    rewrite(statement, lambda data: data["lines"].append(theirs))

    assert "2026-01-01/3: this transfer is not yours" in ask(capsys, statement, "--chain", chain)[1]


@pytest.mark.parametrize("salt", [None, "", "xx", 5])
def test_a_statement_without_its_salt_proves_nothing(capsys, chain, statement, salt):
    rewrite(statement, lambda data: data.update(salt=salt))

    assert ask(capsys, statement, "--chain", chain)[0] == 1
