"""docs/proof.md names every guard of the chain, and its program's answers are those of the program."""

import re

from points.ledger.models import TransferKind
from points.proof.models import AccountSalt, DayProof, ProofBlock
from tests.architecture.sources import ROOT
from tests.factories.database import guards_of

PAGE = (ROOT / "docs" / "proof.md").read_text("utf-8")


def test_the_page_names_every_guard_and_no_other():
    table = PAGE.split("## What PostgreSQL refuses")[1]

    assert set(re.findall(r"`([a-z_0-9]+)`", table)) == guards_of(AccountSalt, DayProof, ProofBlock)


def test_the_page_names_every_kind_of_transfer():
    kinds = PAGE.split("| kind |")[1].split("|")[0]

    assert set(re.findall(r"`([a-z]+)`", kinds)) == set(TransferKind.values)
