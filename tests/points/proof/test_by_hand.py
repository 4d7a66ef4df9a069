"""Somebody with the keys of the database changes a row: whoever downloads the day finds it."""

import pytest

from tests.factories.proof import FIRST, by_hand, download
from tests.points.proof.downloads import ask

pytestmark = pytest.mark.django_db


HANDS = {
    "points": "UPDATE points_entry SET amount = amount * 2 WHERE transfer_id = OLDEST",
    "owner": (
        "UPDATE points_entry SET account_id = (SELECT max(id) FROM points_account WHERE kind = 'volunteer')"
        " WHERE id = (SELECT min(entry.id) FROM points_entry AS entry JOIN points_account AS account"
        " ON account.id = entry.account_id WHERE account.kind = 'volunteer')"
    ),
    "sentence": "UPDATE points_transfer SET sentence_zh = '别的' WHERE id = OLDEST",
    "time": "UPDATE points_transfer SET at = at + interval '1 second' WHERE id = OLDEST",
    "rule": "UPDATE points_transfer SET rule_version = '9' WHERE id = OLDEST",
    "author": "UPDATE points_transfer SET created_by_id = 1 WHERE id = OLDEST",
    "salt": "UPDATE points_accountsalt SET salt = decode(repeat('00', 16), 'hex')",
    "another day": ("UPDATE points_transfer SET business_day = business_day + 1 WHERE id = OLDEST"),
    "removed": (
        "DELETE FROM points_entry WHERE transfer_id = OLDEST;DELETE FROM points_transfer WHERE id = OLDEST"
    ),
    "added": (
        "INSERT INTO points_transfer"
        " (key, kind, at, business_day, sentence_zh, sentence_en, source_type, source_id)"
        " VALUES ('x', 'award', now(), '2026-01-01', '', '', 'x', 1);"
        "INSERT INTO points_entry (transfer_id, account_id, amount)"
        " SELECT (SELECT max(id) FROM points_transfer), id, CASE kind WHEN 'issuance' THEN -1 ELSE 1 END"
        " FROM points_account WHERE kind IN ('issuance', 'redeemed')"
    ),
}


@pytest.mark.parametrize("statement_by_hand", HANDS.values(), ids=HANDS)
def test_one_row_changed_in_the_database_by_hand_is_found_by_whoever_downloads_the_day(
    capsys, zhang, tmp_path, statement_by_hand
):
    with by_hand() as cursor:
        cursor.execute(statement_by_hand.replace("OLDEST", "(SELECT min(id) FROM points_transfer)"))
    chain = download(tmp_path)

    status, said = ask(capsys, tmp_path, "--chain", chain)

    assert (status, f"✗ {FIRST}" in said) == (1, True), said


def test_a_page_of_the_chain_changed_by_hand_is_found(capsys, zhang, tmp_path):
    with by_hand() as cursor:
        cursor.execute(
            "UPDATE points_dayproof SET issued = issued + 1, outstanding = outstanding + 1 WHERE sequence = 1"
        )
    chain = download(tmp_path)

    assert "2026-01-01: the head of this day" in ask(capsys, tmp_path, "--chain", chain)[1]
