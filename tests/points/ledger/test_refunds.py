"""Goods are brought back after they were handed over: the points return to where they came from."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection

from points.ledger import queries, services
from points.ledger.errors import NotACapture, TransferAlreadyReversed
from points.ledger.models import AccountKind, Entry, Lot, Transfer, TransferKind
from tests.factories.database import refused_by
from tests.factories.ledger import NEXT_YEAR_END, account, capture, give, hold, refund, release, reverse
from tests.factories.volunteers import VolunteerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def zhang():
    return VolunteerFactory()


@pytest.fixture
def bought(zhang, now):
    """Rice for 44, paid from two lots of 25 and 35 points, and collected."""
    give(zhang, 25, key="first", at=now, expires_at=now + timedelta(days=100))
    give(zhang, 35, key="second", at=now, expires_at=NEXT_YEAR_END)
    return capture(hold(zhang, 44, key="hold", at=now), key="capture", at=now)


@contextmanager
def refused(constraint):
    with refused_by(constraint):
        yield
        connection.check_constraints()  # what COMMIT would say


def lots(volunteer):
    return list(
        Lot.objects.filter(account__volunteer=volunteer).order_by("pk").values_list("remaining", flat=True)
    )


def raw_refund(now, undone, *amounts):
    made = Transfer.objects.create(
        key="raw",
        kind=TransferKind.REFUND,
        at=now,
        business_day=now.date(),
        sentence_zh="手工",
        sentence_en="by hand",
        source_type="test",
        source_id=1,
        reverses=undone,
    )
    for to, amount in amounts:
        Entry.objects.create(transfer=made, account=to, amount=amount)
        if to.volunteer_id:
            Lot.objects.create(
                account=to, transfer=made, amount=amount, remaining=amount, expires_at=NEXT_YEAR_END
            )


def test_points_of_goods_brought_back_return_to_the_same_lots(zhang, now, bought):
    assert lots(zhang) == [0, 16]

    made = refund(bought, key="redemption:1:refund", at=now)

    assert (made.kind, made.reverses) == (TransferKind.REFUND, bought)
    assert lots(zhang) == [25, 35]
    assert queries.balance(zhang, at=now).available == 60
    assert queries.system_balance(AccountKind.REDEEMED) == 0
    connection.check_constraints()


def test_a_lot_expired_meanwhile_is_open_for_thirty_more_days(zhang, now, bought):
    later = now + timedelta(days=120)

    refund(bought, key="refund", at=later)

    first = Lot.objects.order_by("pk").first()
    assert (first.remaining, first.expires_at) == (25, later + timedelta(days=30))
    assert queries.balance(zhang, at=later + timedelta(days=29)).available == 60
    assert queries.balance(zhang, at=later + timedelta(days=30)).available == 35


def test_what_is_owed_is_paid_first(zhang, now, bought):
    reverse(Transfer.objects.get(key="second"), key="wrong", at=now)
    assert account(zhang).balance == -19

    refund(bought, key="refund", at=now)

    assert account(zhang).balance == 25
    assert sum(lots(zhang)) == 25
    assert not account(zhang).may_go_negative
    connection.check_constraints()


def test_the_same_refund_twice_is_one(zhang, now, bought):
    first = refund(bought, key="refund", at=now)

    assert refund(bought, key="refund", at=now) == first
    assert account(zhang).balance == 60


def test_goods_are_brought_back_once(zhang, now, bought):
    refund(bought, key="refund", at=now)

    with pytest.raises(TransferAlreadyReversed):
        refund(bought, key="again", at=now)

    assert account(zhang).balance == 60


def test_only_what_was_paid_for_goods_can_be_refunded(zhang, now):
    award = give(zhang, 25, key="award", at=now)
    released = release(hold(zhang, 5, key="hold", at=now), key="release", at=now)

    for other in (award, released):
        with pytest.raises(NotACapture):
            refund(other, key="refund", at=now)

    assert account(zhang).balance == 25


def test_the_database_refuses_to_refund_more_than_was_captured(zhang, now, bought):
    with refused("refund_matches_capture"):
        raw_refund(now, bought, (account(zhang), 45), (services.system_account(AccountKind.REDEEMED), -45))


def test_the_database_refuses_to_refund_somebody_else(now, bought):
    other = services.account_of(VolunteerFactory())

    with refused("refund_matches_capture"):
        raw_refund(now, bought, (other, 44), (services.system_account(AccountKind.REDEEMED), -44))


def test_the_database_refuses_to_refund_what_was_no_capture(zhang, now):
    award = give(zhang, 25, key="award", at=now)

    with refused("refund_matches_capture"):
        raw_refund(
            now,
            award,
            (services.system_account(AccountKind.EXPIRED), -5),
            (services.system_account(AccountKind.REDEEMED), 5),
        )


def test_the_database_refuses_a_refund_of_nothing_and_a_second_one(zhang, now, bought):
    with refused("transfer_reverses_by_kind"):
        raw_refund(now, None)
    refund(bought, key="refund", at=now)
    with refused("transfer_reversed_once"):
        raw_refund(now, bought)
