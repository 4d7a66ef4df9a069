"""`/proof/…` for everybody, `/points/proof/` for oneself."""

import gzip
import json
import subprocess
import sys

import pytest

from points.proof import lines
from points.proof.models import DayProof
from points.proof.statement import salt_of
from tests.factories.accounts import UserFactory
from tests.factories.ledger import give
from tests.factories.proof import FIRST, SECOND, THIRD, after, download, three_days
from tests.points.proof.downloads import ask
from volunteers.people.models import Volunteer

pytestmark = pytest.mark.django_db

DAYS = "/api/v1/proof/days/"


@pytest.fixture
def zhang():
    return three_days()


def body(answer):
    return b"".join(answer.streaming_content)


def test_anybody_reads_the_chain_newest_first(api, zhang):
    rows = api().get(DAYS).json()["results"]

    assert [row["day"] for row in rows] == ["2026-01-03", "2026-01-02", "2026-01-01"]
    assert rows[0]["previous"] == rows[1]["head"]
    assert (rows[0]["issued"], rows[0]["redeemed"], rows[0]["outstanding"]) == (-35, 20, 15)


def test_the_chain_comes_in_pages(api, zhang):
    first = api().get(DAYS, {"page_size": 2}).json()

    assert [row["sequence"] for row in api().get(first["next"]).json()["results"]] == [1]


def test_a_day_is_found_by_its_date(api, zhang):
    assert api().get(f"{DAYS}{FIRST}/").json()["transfers"] == 3


@pytest.mark.parametrize(
    "day", ["2026-01-04", "2026-1-1", "20260101", "x", "2026-02-30", "2026-01-01T00", "9" * 40]
)
@pytest.mark.parametrize("rest", ["", "export/"])
def test_what_is_no_proven_day_is_not_found(api, zhang, day, rest):
    answer = api().get(f"{DAYS}{day}/{rest}")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_a_day_is_downloaded_as_lines(api, zhang):
    answer = api().get(f"{DAYS}{FIRST}/export/")

    assert answer["Content-Type"] == "application/gzip"
    assert answer["Content-Disposition"] == 'attachment; filename="2026-01-01.tsv.gz"'
    text = gzip.decompress(body(answer)).decode()
    assert [lines.read(line).place for line in text.splitlines()] == [1, 2, 3]


def test_a_quiet_day_is_an_empty_file(api, zhang):
    assert gzip.decompress(body(api().get(f"{DAYS}{SECOND}/export/"))) == b""


def test_what_is_downloaded_is_right(api, zhang, tmp_path, capsys):
    for day in (FIRST, SECOND, THIRD):
        (tmp_path / f"{day}.tsv.gz").write_bytes(body(api().get(f"{DAYS}{day}/export/")))
    chain = tmp_path / "chain.json"
    chain.write_bytes(api().get("/api/v1/proof/chain/").content)
    mine = tmp_path / "statement.json"
    mine.write_bytes(api(zhang.user).get("/api/v1/points/proof/", {"year": 2026}).content)

    assert ask(capsys, tmp_path, mine, "--chain", chain)[0] == 0


@pytest.mark.parametrize(
    "address", [DAYS, f"{DAYS}{FIRST}/", f"{DAYS}{FIRST}/export/", "/api/v1/proof/chain/"]
)
def test_a_cache_may_keep_what_is_public(api, zhang, address):
    answer = api().get(address)

    assert answer["Cache-Control"] == "public, max-age=300"
    assert "Cookie" not in answer.get("Vary", "")


@pytest.mark.parametrize("address", [f"{DAYS}{FIRST}/export/", "/api/v1/proof/chain/"])
def test_who_has_it_already_is_told_that_it_has_not_changed(api, zhang, address):
    tag = api().get(address)["ETag"]

    assert api().get(address, headers={"If-None-Match": tag}).status_code == 304


def test_the_program_comes_as_one_file_that_runs_anywhere(api, zhang, tmp_path):
    chain = download(tmp_path)
    answer = api().get("/api/v1/proof/program/")
    (tmp_path / "jishan-verify.pyz").write_bytes(answer.content)
    command = [sys.executable, "-I", "jishan-verify.pyz", ".", "--chain", chain.name, "--language", "en"]

    run = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True, text=True)

    assert (run.returncode, run.stdout.splitlines()[-1], run.stderr) == (0, "Yes.", "")
    assert answer["Content-Disposition"] == 'attachment; filename="jishan-verify.pyz"'


def test_a_chain_without_days_is_a_chain(api):
    assert api().get("/api/v1/proof/chain/").json() == {"format": "jishan-chain-1", "days": []}


def test_a_token_that_is_no_token_does_not_matter_to_what_is_public(api, zhang):
    assert api().get(DAYS, headers={"Authorization": "Bearer x"}).status_code == 200


# --- one's own ---------------------------------------------------------------------------------------------


def mine(api, volunteer, **query):
    return api(volunteer.user).get("/api/v1/points/proof/", query or {"year": 2026})


def test_a_statement_holds_ones_own_lines_and_what_opens_them(api, zhang):
    told = mine(api, zhang).json()

    assert told["salt"] == salt_of(zhang)
    assert [row["points"] for row in told["lines"]] == [25, 35, -20, -35]
    assert [row["rest"]["zh"] for row in told["lines"]][:2] == [
        "record:1:v1，计 25 积分。",
        "record:2:v1，计 35 积分。",
    ]
    assert told["heads"] == {
        proof.day.isoformat(): proof.head for proof in DayProof.objects.exclude(day=SECOND)
    }


def test_lines_of_a_day_that_is_not_closed_wait(api, zhang):
    give(zhang, 7, key="today", at=after(THIRD))

    told = mine(api, zhang).json()

    assert [(row["day"], row["points"]) for row in told["pending"]] == [("2026-01-04", 7)]
    assert len(told["lines"]) == 4


def test_a_statement_is_private(api, zhang):
    assert mine(api, zhang)["Cache-Control"] == "private, no-store"


def test_a_statement_of_another_year_is_empty(api, zhang):
    assert mine(api, zhang, year=2025).json()["lines"] == []


@pytest.mark.parametrize("year", ["x", "", "0", "1999", "10000", "9" * 40, "2026.5"])
def test_a_year_is_a_year(api, zhang, year):
    answer = mine(api, zhang, year=year)

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_somebody_without_points_has_an_empty_statement(api, zhang):
    told = mine(api, Volunteer.objects.get(name="王五")).json()

    assert [row["points"] for row in told["lines"]] == [10, -5, 5]
    assert json.dumps(told).count(salt_of(zhang)) == 0


def test_who_is_no_volunteer_has_no_statement(api):
    assert api(UserFactory()).get("/api/v1/points/proof/").status_code == 404
    assert api().get("/api/v1/points/proof/").status_code == 401
