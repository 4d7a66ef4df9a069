"""The book told as stories; every figure can be checked by hand."""

from datetime import UTC, date, datetime, timedelta

import pytest

from points.ledger import queries, services
from points.ledger.errors import InsufficientPoints
from points.ledger.models import AccountKind, Entry, Lot, Transfer, TransferKind
from points.ledger.queries import Balance
from tests.factories.ledger import NEXT_YEAR_END, account, capture, give, hold, release, reverse
from tests.factories.volunteers import VolunteerFactory

pytestmark = pytest.mark.django_db

SPRING = datetime(2027, 3, 31, 16, tzinfo=UTC)
SUMMER = datetime(2027, 6, 30, 16, tzinfo=UTC)


@pytest.fixture
def zhang():
    return VolunteerFactory()


def lots_of(volunteer):
    return list(
        Lot.objects.filter(account__volunteer=volunteer).order_by("pk").values_list("remaining", flat=True)
    )


def test_an_award_comes_from_issuance_and_becomes_a_lot(zhang, now):
    give(zhang, 25, key="record:1:v52.1", at=now)

    assert queries.balance(zhang, at=now) == Balance(
        available=25, held=0, expiring_soon=0, next_expiry=date(2027, 12, 31), next_expiry_points=25
    )
    assert queries.system_balance(AccountKind.ISSUANCE) == -25
    assert lots_of(zhang) == [25]


def test_a_volunteer_without_an_account_has_nothing(zhang, now):
    assert queries.balance(zhang, at=now) == Balance()
    assert list(queries.statement(zhang)) == []


def test_rice_is_reserved_and_collected(zhang, now):
    give(zhang, 60, key="award", at=now)

    held = hold(zhang, 44, key="redemption:1:hold", at=now)

    assert (queries.balance(zhang, at=now).available, queries.balance(zhang, at=now).held) == (16, 44)
    assert queries.system_balance(AccountKind.HELD) == 44

    capture(held, key="redemption:1:capture", at=now)

    assert (queries.balance(zhang, at=now).available, queries.balance(zhang, at=now).held) == (16, 0)
    assert queries.system_balance(AccountKind.HELD) == 0
    assert queries.system_balance(AccountKind.REDEEMED) == 44


def test_points_that_expire_first_are_spent_first(zhang, now):
    give(zhang, 10, key="autumn", at=now, expires_at=NEXT_YEAR_END)
    give(zhang, 10, key="spring", at=now, expires_at=SPRING)
    give(zhang, 10, key="summer", at=now, expires_at=SUMMER)

    hold(zhang, 15, key="hold", at=now)

    assert lots_of(zhang) == [10, 0, 5]


def test_a_cancelled_redemption_puts_points_back_into_the_same_lots(zhang, now):
    give(zhang, 10, key="spring", at=now, expires_at=SPRING)
    give(zhang, 10, key="summer", at=now, expires_at=SUMMER)
    held = hold(zhang, 15, key="hold", at=now)

    release(held, key="release", at=now)

    assert lots_of(zhang) == [10, 10]
    assert list(Lot.objects.order_by("pk").values_list("expires_at", flat=True)) == [SPRING, SUMMER]
    assert queries.balance(zhang, at=now).held == 0


def test_points_released_after_their_expiry_can_be_used_for_thirty_days(zhang, now):
    give(zhang, 10, key="spring", at=now, expires_at=SPRING)
    held = hold(zhang, 10, key="hold", at=now)

    release(held, key="release", at=SPRING + timedelta(days=1))

    assert Lot.objects.get().expires_at == SPRING + timedelta(days=31)
    assert queries.balance(zhang, at=SPRING + timedelta(days=30)).available == 10
    assert queries.balance(zhang, at=SPRING + timedelta(days=31)).available == 0


def test_expired_points_leave_by_the_nightly_expiry_and_say_so(zhang, now):
    give(zhang, 10, key="spring", at=now, expires_at=SPRING)
    give(zhang, 7, key="summer", at=now, expires_at=SUMMER)
    hold(zhang, 4, key="hold", at=now)

    assert queries.balance(zhang, at=SPRING).available == 7
    assert services.expire_lots(at=SPRING) == 1
    assert services.expire_lots(at=SPRING) == 0

    assert account(zhang).balance == 7
    assert queries.system_balance(AccountKind.EXPIRED) == 6
    expiry = Transfer.objects.get(kind=TransferKind.EXPIRE)
    assert expiry.sentence_zh == "6 积分有效期至 2027-03-31，已到期。"
    assert expiry.sentence_en == "6 points, valid until 2027-03-31, have expired."


def test_a_lot_that_came_back_into_grace_expires_a_second_time(zhang, now):
    give(zhang, 10, key="spring", at=now, expires_at=SPRING)
    held = hold(zhang, 4, key="hold", at=now)
    services.expire_lots(at=SPRING)
    release(held, key="release", at=SPRING)

    services.expire_lots(at=SPRING + timedelta(days=30))

    assert account(zhang).balance == 0
    assert queries.system_balance(AccountKind.EXPIRED) == 10


def test_a_reversed_award_empties_its_own_lot_first(zhang, now):
    give(zhang, 10, key="spring", at=now, expires_at=SPRING)
    wrong = give(zhang, 10, key="wrong", at=now, expires_at=SUMMER)

    reverse(wrong, key="wrong:reversed", at=now)

    assert lots_of(zhang) == [10, 0]
    assert queries.system_balance(AccountKind.ISSUANCE) == -10


def test_a_reversed_award_that_was_spent_is_owed_and_blocks_redemption(zhang, now):
    wrong = give(zhang, 30, key="wrong", at=now)
    hold(zhang, 20, key="hold", at=now)

    reverse(wrong, key="wrong:reversed", at=now)

    assert queries.balance(zhang, at=now).available == -20
    assert account(zhang).may_go_negative
    with pytest.raises(InsufficientPoints, match="需要 1，现有 -20"):
        hold(zhang, 1, key="more", at=now)


def test_later_points_pay_the_debt_before_they_can_be_spent(zhang, now):
    wrong = give(zhang, 30, key="wrong", at=now)
    hold(zhang, 20, key="hold", at=now)
    reverse(wrong, key="wrong:reversed", at=now)

    give(zhang, 25, key="later", at=now)

    assert queries.balance(zhang, at=now).available == 5
    assert lots_of(zhang) == [0, 5]
    assert not account(zhang).may_go_negative


def test_a_released_hold_pays_the_debt_too(zhang, now):
    wrong = give(zhang, 30, key="wrong", at=now)
    held = hold(zhang, 20, key="hold", at=now)
    reverse(wrong, key="wrong:reversed", at=now)

    release(held, key="release", at=now)

    assert account(zhang).balance == 0
    assert lots_of(zhang) == [0]


def test_a_reversal_does_not_ask_twice_for_what_has_expired(zhang, now):
    wrong = give(zhang, 10, key="wrong", at=now, expires_at=SPRING)
    hold(zhang, 4, key="hold", at=now)
    services.expire_lots(at=SPRING)

    reverse(wrong, key="wrong:reversed", at=SPRING)

    assert account(zhang).balance == -4
    assert queries.system_balance(AccountKind.EXPIRED) == 0
    assert queries.system_balance(AccountKind.ISSUANCE) == 0


def test_an_award_that_expired_whole_is_reversed_without_the_volunteer(zhang, now):
    wrong = give(zhang, 10, key="wrong", at=now, expires_at=SPRING)
    services.expire_lots(at=SPRING)

    reverse(wrong, key="wrong:reversed", at=SPRING)

    assert account(zhang).balance == 0
    assert queries.system_balance(AccountKind.EXPIRED) == 0


def test_the_statement_is_newest_first_and_each_line_has_its_sentence(zhang, now):
    give(zhang, 60, key="award", at=now)
    held = hold(zhang, 44, key="hold", at=now)
    release(held, key="release", at=now)
    give(VolunteerFactory(), 5, key="somebody else", at=now)

    lines = [(entry.amount, entry.transfer.sentence_zh) for entry in queries.statement(zhang)]

    assert lines == [(44, "已退回"), (-44, "预约兑换 大米"), (60, "award，计 60 积分。")]


def test_all_accounts_together_are_always_zero(zhang, now):
    wrong = give(zhang, 30, key="wrong", at=now)
    held = hold(zhang, 20, key="hold", at=now)
    capture(held, key="capture", at=now)
    reverse(wrong, key="reverse", at=now)

    assert sum(Entry.objects.values_list("amount", flat=True)) == 0


def test_points_due_within_thirty_days_are_announced(zhang, now):
    give(zhang, 40, key="soon", at=now, expires_at=now + timedelta(days=30))
    give(zhang, 2, key="later", at=now, expires_at=now + timedelta(days=31))

    assert queries.balance(zhang, at=now).expiring_soon == 40
    assert queries.balance(zhang, at=now).next_expiry_points == 40


def test_a_year_of_points_as_told_in_the_docs(zhang, now):
    def book():
        kinds = (AccountKind.ISSUANCE, AccountKind.HELD, AccountKind.REDEEMED, AccountKind.EXPIRED)
        return [account(zhang).balance, *(queries.system_balance(kind) for kind in kinds), *lots_of(zhang)]

    give(zhang, 25, key="first", at=now)
    second = give(zhang, 35, key="second", at=now)
    assert book() == [60, -60, 0, 0, 0, 25, 35]

    held = hold(zhang, 44, key="rice", at=now)
    assert book() == [16, -60, 44, 0, 0, 0, 16]

    capture(held, key="rice collected", at=now)
    assert book() == [16, -60, 0, 44, 0, 0, 16]

    reverse(second, key="second reversed", at=now)
    assert book() == [-19, -25, 0, 44, 0, 0, 0]

    give(zhang, 30, key="third", at=now)
    assert book() == [11, -55, 0, 44, 0, 0, 0, 11]

    services.expire_lots(at=NEXT_YEAR_END)
    assert book() == [0, -55, 0, 44, 11, 0, 0, 0]
