"""The canonical format is what it was: an export of today is checked by a program of tomorrow."""

import gzip
import hmac
import json
import re
from hashlib import sha256
from pathlib import Path

import pytest

from points.ledger.models import Transfer
from points.proof import lines, queries
from points.proof.models import AccountSalt, DayProof
from points.proof.reading import day_lines
from points.proof.services import close_days
from tests.factories.ledger import account, give
from tests.factories.proof import FIRST, NEW_YEAR, after, by_hand, three_days
from tests.factories.volunteers import VolunteerFactory
from volunteers.people.models import Volunteer

GOLDEN = Path(__file__).parent / "golden"


def test_a_line_is_what_it_was():
    rest: dict[str, str | None] = {
        "key": "record:1:v1",
        "at": "2026-01-01T02:00:00.000000Z",
        "zh": "图书整理",
        "en": "Books",
        "source": "record:1",
    }
    rest |= {"rule": "52.3", "reverses": None, "settles": None, "by": None}
    salt, number = bytes(range(16)), lines.number("2026-01-01", 7)

    line = lines.write(
        line=number,
        kind="award",
        legs=[(lines.pseudonym(salt, number), 25), ("issuance", -25)],
        sealed=lines.seal(lines.rest_key(salt, number), rest),
    )

    assert line + "\n" == (GOLDEN / "line.tsv").read_text("utf-8")


def test_a_line_is_read_as_it_was_written():
    text = (GOLDEN / "line.tsv").read_text("utf-8").rstrip("\n")

    line = lines.read(text)

    assert (line.day, line.place, line.kind) == ("2026-01-01", 7, "award")
    assert lines.write(line="2026-01-01/7", kind="award", legs=line.legs, sealed=line.seal) == text


@pytest.mark.parametrize(
    "change",
    [
        ("\t", " "),
        ("/7", "/07"),
        ("/7", "/0"),
        ("+25", "25"),
        ("+25", "+025"),
        ("+25", "+0"),
        ("+25", "+２５"),
        ("award", "Award"),
        ("-25 ", "-25  "),
        ("v.", "v"),
        ("2026-01-01", "２０２６-01-01"),
    ],
    ids=str,
)
def test_there_is_one_way_to_write_a_line(change):
    text = (GOLDEN / "line.tsv").read_text("utf-8").rstrip("\n")

    assert lines.read(text) is not None
    assert lines.read(text.replace(*change)) is None
    assert lines.read(text + "\n") is None
    assert lines.read(text + " ") is None


@pytest.mark.django_db
def test_a_day_is_what_it_was():
    """Two people, known salts: the export, the root and the head are those of the golden file."""
    zhang, wang = VolunteerFactory(), VolunteerFactory()
    give(zhang, 25, key="record:1:v1", at=NEW_YEAR)
    give(wang, 10, key="record:2:v1", at=NEW_YEAR)
    site = Transfer.objects.all()[0].entries.get(account__kind="issuance").account
    for number, owner in enumerate((site, account(zhang), account(wang))):
        AccountSalt.objects.create(account=owner, salt=bytes([number] * 16))

    close_days(at=after(FIRST))

    proof = DayProof.objects.get()
    assert gzip.decompress(b"".join(queries.export(proof))).decode() == (GOLDEN / "2026-01-01.tsv").read_text(
        "utf-8"
    )
    assert queries.whole_chain() == json.loads((GOLDEN / "chain.json").read_text("utf-8"))


def test_the_golden_day_can_be_reckoned_with_nothing_but_sha256():
    """As docs/proof.md describes it, without a line of ours."""
    day = json.loads((GOLDEN / "chain.json").read_text("utf-8"))["days"][0]
    first, second = (GOLDEN / "2026-01-01.tsv").read_bytes().splitlines()

    root = sha256(b"\x01" + sha256(b"\x00" + first).digest() + sha256(b"\x00" + second).digest()).hexdigest()
    parts = ["jishan-day-1", "0" * 64, "2026-01-01", "1", "2", root, "35", "0", "0", "0", "0", "35"]
    head = sha256("".join(f"{part}\n" for part in parts).encode()).hexdigest()
    name = hmac.new(bytes([1] * 16), b"account\n2026-01-01/1", "sha256").hexdigest()[:32]

    assert (root, head) == (day["root"], day["head"])
    assert f"v.{name}:+25".encode() in first


# --- what an outsider cannot learn -------------------------------------------------------------------------


def published():
    """Everything anybody can download."""
    exports = [gzip.decompress(b"".join(queries.export(proof))).decode() for proof in DayProof.objects.all()]
    return "".join(exports) + json.dumps(queries.whole_chain())


@pytest.mark.django_db
def test_what_is_published_names_nobody_and_nothing_that_leads_to_somebody():
    three_days()
    text = published()
    digestless = re.sub(r"[0-9a-f]{32,}", "", text)

    for volunteer in Volunteer.objects.select_related("user", "region"):
        for secret in (
            volunteer.number,
            volunteer.name,
            volunteer.region_id,
            volunteer.region.name,
        ):
            assert secret not in text
        assert str(volunteer.user.phone_index) not in text
    assert re.findall(r"E\d{8}", text) == []  # how our people's documents are numbered
    for transfer in Transfer.objects.all():
        for secret in (transfer.key, transfer.sentence_zh, transfer.sentence_en):
            assert secret not in text
    assert re.findall(r"\d{2}:\d{2}", digestless) == []  # no time of day
    assert re.findall(r"record|redemption|:v\d", digestless) == []
    for salt in AccountSalt.objects.values_list("salt", flat=True):
        assert bytes(salt).hex() not in text


@pytest.mark.django_db
def test_no_two_lines_can_be_told_to_be_the_same_persons():
    three_days()

    names = re.findall(r"v\.[0-9a-f]{32}", published())

    assert len(names) == len(set(names)) == 7


@pytest.mark.django_db
def test_with_the_salt_one_finds_every_line_of_ones_own_and_no_other():
    zhang = three_days()
    salt = bytes(AccountSalt.objects.get(account__volunteer=zhang).salt)

    found = {
        text.split("\t")[0]
        for proof in DayProof.objects.all()
        for text in gzip.decompress(b"".join(queries.export(proof))).decode().splitlines()
        if lines.pseudonym(salt, text.split("\t")[0]) in text
    }

    assert found == {"2026-01-01/1", "2026-01-01/2", "2026-01-03/1", "2026-01-03/5"}


@pytest.mark.django_db
def test_the_order_of_two_accounts_in_a_line_tells_nothing_about_who_was_first():
    three_days()

    for text in published().splitlines():
        line = lines.read(text)
        assert line is None or [of for of, _ in line.legs] == sorted(of for of, _ in line.legs)


@pytest.mark.django_db
def test_who_wrote_a_transfer_is_sealed_even_from_its_owner():
    zhang = three_days()
    with by_hand() as cursor:
        cursor.execute(
            "UPDATE points_transfer SET created_by_id = 41 WHERE id = (SELECT min(id) FROM points_transfer)"
        )
    salt = bytes(AccountSalt.objects.get(account__volunteer=zhang).salt)

    told = next(iter(day_lines(FIRST))).rest["by"]

    assert re.fullmatch("[0-9a-f]{32}", told)
    assert told != lines.actor(salt, "2026-01-01/1", 41)
