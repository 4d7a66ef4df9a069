"""`jishan-verify` on what an outsider has downloaded: yes, or which day and why."""

import gzip
import subprocess
import sys

import pytest

from points.proof import verify
from points.proof.wording import codes
from tests.architecture.sources import ROOT
from tests.factories.proof import FIRST, THIRD
from tests.points.proof.downloads import ask, edit, export_of, reckon_again, rewrite, told

pytestmark = pytest.mark.django_db


def test_what_was_published_is_right(capsys, chain):
    status, said = ask(capsys, chain.parent, "--chain", chain)

    assert status == 0
    assert said.splitlines()[-1] == "Yes."
    assert [f"2026-01-0{day} is right" in said for day in (1, 2, 3)] == [True] * 3
    assert told(chain)["days"][-1]["head"] in said


def test_it_speaks_chinese_by_default(capsys, chain):
    assert verify.main(["--chain", str(chain)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "对得上。"


def test_an_export_without_compression_is_as_good(capsys, chain):
    path = export_of(chain)
    (chain.parent / f"{FIRST}.tsv").write_bytes(gzip.decompress(path.read_bytes()))
    path.unlink()

    assert ask(capsys, chain.parent, "--chain", chain)[0] == 0


def test_days_that_were_not_handed_in_are_counted(capsys, chain):
    status, said = ask(capsys, export_of(chain), "--chain", chain)

    assert (status, "not handed in: 2" in said) == (0, True)


def test_it_runs_as_a_program_and_never_loads_django(chain):
    code = "import sys; from points.proof import verify; status = verify.main(sys.argv[1:])\n"
    code += "assert not {'django', 'backend'} & set(sys.modules); sys.exit(status)"
    command = [sys.executable, "-c", code, str(chain.parent), "--chain", str(chain), "--language", "en"]

    run = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)

    assert (run.returncode, run.stdout.splitlines()[-1], run.stderr) == (0, "Yes.", "")


SWAPS = {
    "changed points": (
        lambda lines: lines.__setitem__(0, lines[0].replace("25", "26")),
        "one or more transfers were changed",
    ),
    "changed on one side": (
        lambda lines: lines.__setitem__(0, lines[0].replace("issuance:-25", "issuance:-26")),
        "2026-01-01/1: this transfer does not sum to zero",
    ),
    "another person": (
        lambda lines: lines.__setitem__(0, lines[0].replace("v.", "v.0")[:-1]),
        "2026-01-01/1: this line is not in the format",
    ),
    "another seal": (
        lambda lines: lines.__setitem__(0, f"{lines[0][:-64]}{'0' * 64}"),
        "one or more transfers were changed",
    ),
    "removed in the middle": (lambda lines: lines.pop(1), "2026-01-01/2: this line is out of order"),
    "removed at the end": (lambda lines: lines.pop(), "wrong number of transfers (should be 3, is 2)"),
    "added": (lambda lines: lines.append(lines[0]), "2026-01-01/4: this line is out of order"),
    "added with a number": (
        lambda lines: lines.append(lines[0].replace("01/1", "01/4")),
        "wrong number of transfers (should be 3, is 4)",
    ),
    "swapped": (lambda lines: lines.reverse(), "2026-01-01/1: this line is out of order"),
    "swapped with numbers": (
        lambda lines: lines.__setitem__(
            slice(0, 2), [lines[1].replace("01/2", "01/1"), lines[0].replace("01/1", "01/2")]
        ),
        "one or more transfers were changed",
    ),
    "an account nobody knows": (
        lambda lines: lines.__setitem__(0, lines[0].replace("issuance", "treasury")),
        "2026-01-01/1: this transfer names an account that does not exist",
    ),
    "garbage": (lambda lines: lines.insert(1, "积善"), "2026-01-01/2: this line is not in the format"),
    "an empty line": (lambda lines: lines.insert(1, ""), "2026-01-01/2: this line is not in the format"),
}


@pytest.mark.parametrize(("change", "reason"), SWAPS.values(), ids=SWAPS)
def test_an_export_that_was_changed_is_found_and_its_day_named(capsys, chain, change, reason):
    edit(export_of(chain), change)

    status, said = ask(capsys, chain.parent, "--chain", chain)

    assert status == 1
    assert f"✗ {FIRST}" in said
    assert reason in said
    assert f"✗ {THIRD}" not in said


def test_a_changed_total_is_named(capsys, chain):
    edit(export_of(chain), lambda lines: lines.__setitem__(0, lines[0].replace("25", "26")))

    assert (
        "wrong total of issued points (should be 70, is 71)" in ask(capsys, chain.parent, "--chain", chain)[1]
    )


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (lambda packed: packed[: len(packed) // 2], "cannot be read"),
        (lambda _: b"\x00\xff" * 50, "cannot be read"),
        (lambda _: gzip.compress(b"\xff\xfe\n"), "not in the format"),
        (lambda packed: gzip.compress(gzip.decompress(packed)[:-1]), "2026-01-01/3: this line is not"),
        (lambda _: gzip.compress(b"x" * 100_000), "not in the format"),
        (lambda _: b"", "wrong number of transfers"),
    ],
    ids=["truncated", "no gzip", "no text", "without its last line feed", "one long line", "empty"],
)
def test_a_file_that_is_broken_is_no_proof(capsys, chain, content, reason):
    path = export_of(chain)
    path.write_bytes(content(path.read_bytes()))

    status, said = ask(capsys, path, "--chain", chain)

    assert (status, reason in said) == (1, True), said


def test_a_day_under_the_name_of_another_is_found(capsys, chain):
    export_of(chain, THIRD).write_bytes(export_of(chain).read_bytes())

    assert "2026-01-03/1: this line belongs to another day" in ask(capsys, chain.parent, "--chain", chain)[1]


@pytest.mark.parametrize("name", ["2026-01-04.tsv.gz", "january.tsv.gz", "2026-13-01.tsv.gz"])
def test_a_day_the_chain_does_not_have_is_no_proof(capsys, chain, name):
    path = chain.parent / name
    export_of(chain).rename(path)

    assert ask(capsys, path, "--chain", chain)[0] == 1


# --- the chain ---------------------------------------------------------------------------------------------


CHAINS = {
    "a total": (lambda days: days[0].update(issued=71), "2026-01-01: the head of this day"),
    "a root": (lambda days: days[1].update(root="0" * 64), "2026-01-02: the head of this day"),
    "a day left out": (lambda days: days.pop(1), "2026-01-03: does not continue"),
    "days swapped": (lambda days: days.reverse(), "2026-01-03: the chain does not begin"),
    "the first day left out": (lambda days: days.pop(0), "2026-01-02: the chain does not begin"),
    "a fork": (lambda days: days.append(days[1]), "2026-01-02: does not continue"),
}


@pytest.mark.parametrize(("change", "reason"), CHAINS.values(), ids=CHAINS)
def test_a_chain_that_was_changed_is_found(capsys, chain, change, reason):
    rewrite(chain, lambda data: change(data["days"]))

    status, said = ask(capsys, "--chain", chain)

    assert (status, reason in said) == (1, True), said


def test_a_day_left_out_with_every_head_made_anew_is_found_by_the_calendar(capsys, chain):
    rewrite(chain, lambda data: data["days"].pop(1))
    reckon_again(chain, 0)

    assert "2026-01-03: days are missing" in ask(capsys, "--chain", chain)[1]


def test_totals_that_do_not_follow_are_found_even_with_every_head_made_anew(capsys, chain):
    rewrite(chain, lambda data: data["days"][0].update(issued=71))
    reckon_again(chain, 0)

    assert "2026-01-01: the outstanding points" in ask(capsys, "--chain", chain)[1]


def test_a_history_made_anew_throughout_is_found_by_a_head_somebody_noted(capsys, chain):
    noted = told(chain)["days"][1]["head"]
    assert ask(capsys, "--chain", chain, "--head", noted)[0] == 0
    rewrite(chain, lambda data: data["days"][0].update(root="0" * 64))
    reckon_again(chain, 0)

    assert ask(capsys, "--chain", chain)[0] == 0
    status, said = ask(capsys, "--chain", chain, "--head", noted)

    assert (status, f"{noted}: the head you noted is not in the chain" in said) == (1, True)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "积善",
        '{"format": "jishan-chain-1"}',
        '{"format": "jishan-chain-1", "days": [{}]}',
        "[" * 9999,
    ],
)
def test_what_is_no_chain_cannot_be_checked(capsys, chain, text):
    chain.write_text(text, "utf-8")

    assert ask(capsys, chain.parent, "--chain", chain)[0] == 2


@pytest.mark.parametrize("name", ["missing.tsv.gz", "missing.json", "empty"])
def test_what_is_not_there_cannot_be_checked(capsys, chain, name):
    (chain.parent / "empty").mkdir()

    assert ask(capsys, chain.parent / name, "--chain", chain)[0] == 2


def test_a_chain_without_days_is_right_and_says_so(capsys, chain):
    chain.write_text('{"format": "jishan-chain-1", "days": []}')

    assert "no day yet" in ask(capsys, "--chain", chain)[1]


def test_every_sentence_is_said_somewhere():
    sources = ("chain.py", "checking.py", "queries.py")
    text = "".join((ROOT / "points" / "proof" / name).read_text("utf-8") for name in sources)
    totals = {f"total_{name}" for name in ("issued", "redeemed", "expired", "pool", "adjusted")}

    assert {code for code in codes() if f'"{code}"' not in text} == totals
