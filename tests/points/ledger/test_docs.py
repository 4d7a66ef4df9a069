"""docs/ledger.md names every guard of the book and of the rule sets."""

import re

from points.gifts.models import Gift, Relative
from points.ledger.models import Account, ClosedDay, Entry, ExpiryWarning, Lot, LotUse, Transfer
from points.revision.models import RevisionRun
from points.scoring.bonus_models import BonusAward
from points.scoring.models import Award, RuleSet
from points.scoring.other_models import OtherAward
from points.verification.models import LedgerCheck
from points.verification.rules import CHECKS
from tests.architecture.sources import ROOT
from tests.factories.database import guards_of


def test_the_page_names_every_guard_and_no_other():
    page = (ROOT / "docs" / "ledger.md").read_text(encoding="utf-8")
    table = page.split("## What PostgreSQL refuses")[1].split("Two of them move numbers")[0]

    named = set(re.findall(r"`([a-z_]+)`", table))

    assert named == guards_of(
        Account,
        Award,
        BonusAward,
        ClosedDay,
        Entry,
        ExpiryWarning,
        Gift,
        LedgerCheck,
        Lot,
        LotUse,
        OtherAward,
        Relative,
        RevisionRun,
        RuleSet,
        Transfer,
    )


def test_the_page_names_every_check_and_no_other():
    page = (ROOT / "docs" / "ledger.md").read_text(encoding="utf-8")
    table = page.split("## The nightly check")[1].split("The answer is")[0].split("|---|---|")[1]

    named = re.findall(r"`([a-z_]+)`", table)

    assert named == list(CHECKS)
