"""Bonuses beside the minutes: for a first service, for the n-th month in a row with service.

Which bonuses a volunteer is due follows from the records that count alone, whatever the order in which they
were approved: the earliest record of a month carries the month, the earliest of all the first service, each
under the rule set it was awarded by. `settle` compares this with what was given and posts the difference.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, OuterRef
from django.db.models.functions import TruncMonth

from points.ledger import services as ledger
from points.ledger.lots import NEVER
from points.ledger.models import Account, AccountKind, Transfer, TransferKind
from points.scoring import wording
from points.scoring.bonus_models import BonusAward, BonusKind
from points.scoring.documents import rules_from
from points.scoring.extras import bonuses, expires_at, months_in_a_row
from points.scoring.models import Award, AwardKind, RuleSet, RuleSetStatus
from points.scoring.rules import Rules
from points.scoring.wording import Text

SOURCE = "bonus"
Fact = tuple[str, date | None, int | None]  # kind, month, months


@dataclass(frozen=True, slots=True)
class Carrier:
    """The earliest record of a month that counts as service."""

    month: date
    record_id: int
    rule_set_id: int
    day: date


@dataclass(frozen=True, slots=True)
class Due:
    """A bonus a volunteer has earned."""

    carrier: Carrier
    points: int
    name: Text


@dataclass(frozen=True, slots=True)
class Gift:
    """A bonus to give; `times` is how often the same was given and taken back before."""

    volunteer_id: int
    fact: Fact
    due: Due
    times: int

    @property
    def key(self) -> str:
        """Name the fact; what was taken back and is earned once more is another fact."""
        _, month, months = self.fact
        name = "first" if month is None else f"{month:%Y-%m}:row{months}"
        return f"{SOURCE}:{self.volunteer_id}:{name}" + (f":again{self.times}" if self.times else "")


Book = Mapping[int, tuple[RuleSet, Rules]]


def settle(volunteer_ids: Collection[int], *, at: datetime) -> None:
    """Give these volunteers the bonuses they are due and have not, and take back what they are not due.

    The caller's transaction holds the locks of their accounts. Done again, it changes nothing. A handful of
    statements for all of them, one while no rule set has bonuses; only taking back costs some for each.
    """
    if not volunteer_ids or not _in_use():
        return
    carriers = _carriers(volunteer_ids)
    book = _book(carrier.rule_set_id for found in carriers.values() for carrier in found)
    given: dict[int, list[BonusAward]] = defaultdict(list)
    for bonus in _given(volunteer_ids):
        given[bonus.volunteer_id].append(bonus)
    gives: list[Gift] = []
    takes: list[BonusAward] = []
    for volunteer_id in volunteer_ids:
        due = dict(_due(carriers.get(volunteer_id, ()), book))
        times: dict[Fact, int] = defaultdict(int)
        for bonus in given[volunteer_id]:
            fact = (bonus.kind, bonus.month, bonus.months)
            times[fact] += 1
            if bonus.taken_back_at is None:
                if _still_due(bonus, due.get(fact)):
                    del due[fact]
                else:
                    takes.append(bonus)
        gives += [Gift(volunteer_id, fact, item, times[fact]) for fact, item in due.items()]
    # Points come before points go: a bonus that moves to another month never makes anybody owe.
    transfers = _post(gives, book, at=at)
    for bonus in takes:
        _take_back(bonus, at=at)
    BonusAward.objects.bulk_create(
        _row(gift, transfer, at=at) for gift, transfer in zip(gives, transfers, strict=True)
    )


def _in_use() -> bool:
    """Whether any rules that are or were in force know bonuses: a row of months may cross regions."""
    in_force = RuleSet.objects.filter(status__in=(RuleSetStatus.ACTIVE, RuleSetStatus.RETIRED))
    return in_force.filter(document__has_key="bonuses").exists()


def _carriers(volunteer_ids: Collection[int]) -> dict[int, list[Carrier]]:
    """Return each volunteer's months with service, oldest first.

    A record counts that may earn for its minutes or by the event, also where a cap left nothing of it; what
    is excluded (by hand, too short, a complaint) or taken back does not.
    """
    taken_back = Award.objects.filter(record=OuterRef("record"), kind=AwardKind.REVERSAL)
    rows = (
        Award.objects.filter(~Exists(taken_back), volunteer_id__in=volunteer_ids, kind=AwardKind.SERVICE)
        .exclude(pieces=[])
        .annotate(month=TruncMonth("business_day"))
        .order_by("volunteer_id", "month", "business_day", "record_id")
        .distinct("volunteer_id", "month")
        .values_list("volunteer_id", "month", "record_id", "rule_set_id", "business_day")
    )
    found: dict[int, list[Carrier]] = defaultdict(list)
    for volunteer_id, month, record_id, rule_set_id, day in rows:
        found[volunteer_id].append(Carrier(month, record_id, rule_set_id, day))
    return found


def _book(rule_set_ids: Iterable[int]) -> Book:
    rule_sets = RuleSet.objects.in_bulk(set(rule_set_ids))
    return {
        pk: (rule_set, rules_from(rule_set.document))
        for pk, rule_set in rule_sets.items()
        if "bonuses" in rule_set.document
    }


def _given(volunteer_ids: Collection[int]) -> Iterable[BonusAward]:
    gone = Award.objects.filter(record=OuterRef("record"), kind=AwardKind.REVERSAL)
    bonuses_of = BonusAward.objects.filter(volunteer_id__in=volunteer_ids)
    return (
        bonuses_of.select_related("transfer", "rule_set", "record")
        .annotate(orphan=Exists(gone))
        .order_by("pk")
    )


def _due(carriers: Iterable[Carrier], book: Book) -> Iterator[tuple[Fact, Due]]:
    by_month = {(carrier.month.year, carrier.month.month): carrier for carrier in carriers}
    rows = months_in_a_row(by_month)
    first = min(by_month, default=None)
    for month, carrier in by_month.items():
        if carrier.rule_set_id not in book:
            continue
        _, rules = book[carrier.rule_set_id]
        for line in bonuses(rows[month], rules, first_service=month == first):
            if line.code == BonusKind.FIRST_SERVICE:
                name = wording.first_service(carrier.day)
                yield (BonusKind.FIRST_SERVICE, None, None), Due(carrier, line.points, name)
            else:
                name = wording.months_in_a_row(rows[month], carrier.month)
                fact = (BonusKind.MONTHS_IN_A_ROW, carrier.month, rows[month])
                yield fact, Due(carrier, line.points, name)


def _still_due(bonus: BonusAward, due: Due | None) -> bool:
    """Whether it stays: the same fact for the same points, and the record that carries it still counts."""
    orphan: bool = bonus.orphan  # type: ignore[attr-defined]  # annotated by _given
    return due is not None and due.points == bonus.points and not orphan


def _post(gives: Collection[Gift], book: Book, *, at: datetime) -> list[Transfer]:
    if not gives:
        return []
    accounts = ledger.accounts_of({gift.volunteer_id for gift in gives})
    issuance = ledger.system_account(AccountKind.ISSUANCE)
    postings = [
        _posting(gift.key, gift.due, book, (accounts[gift.volunteer_id], issuance), at=at) for gift in gives
    ]
    return ledger.post_many(postings=postings, at=at)


def _posting(
    key: str, due: Due, book: Book, accounts: tuple[Account, Account], *, at: datetime
) -> ledger.Posting:
    rule_set, rules = book[due.carrier.rule_set_id]
    text = wording.bonus(due.name, due.points)
    account, issuance = accounts
    return ledger.Posting(
        key=key,
        kind=TransferKind.AWARD,
        legs=(ledger.Leg(account, due.points), ledger.Leg(issuance, -due.points)),
        sentence_zh=text.zh,
        sentence_en=text.en,
        source_type=SOURCE,
        source_id=due.carrier.record_id,
        expires_at=expires_at(at, rules) or NEVER,
        rule_version=rule_set.label,
    )


def _row(gift: Gift, transfer: Transfer, *, at: datetime) -> BonusAward:
    kind, month, months = gift.fact
    return BonusAward(
        volunteer_id=gift.volunteer_id,
        kind=kind,
        month=month,
        months=months,
        record_id=gift.due.carrier.record_id,
        rule_set_id=gift.due.carrier.rule_set_id,
        points=gift.due.points,
        transfer=transfer,
        at=at,
    )


def _take_back(bonus: BonusAward, *, at: datetime) -> None:
    """Take a bonus back; where its rules let nobody owe points, what is left of it."""
    points = bonus.points
    if not rules_from(bonus.rule_set.document).may_owe:
        balance = Account.objects.values_list("balance", flat=True).get(volunteer=bonus.volunteer_id)
        points = min(points, max(balance, 0))
    if points:
        text = wording.bonus_taken_back(_name(bonus), points)
        bonus.taken_back = ledger.reverse(
            transfer=bonus.transfer,
            key=f"{bonus.transfer.key}:reversed",
            points=points,
            sentence_zh=text.zh,
            sentence_en=text.en,
            rule_version=bonus.rule_set.label,
            at=at,
        )
    bonus.taken_back_at = at
    bonus.save(update_fields=["taken_back", "taken_back_at"])


def _name(bonus: BonusAward) -> Text:
    if bonus.month is None or bonus.months is None:
        return wording.first_service(bonus.record.service_date)
    return wording.months_in_a_row(bonus.months, bonus.month)
