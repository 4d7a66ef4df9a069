"""Keys, replays and refusals of the ledger services."""

from datetime import timedelta

import pytest

from points.ledger import queries, services
from points.ledger.errors import (
    HoldAlreadySettled,
    InsufficientPoints,
    TransferAlreadyReversed,
    TransferKeyReused,
)
from points.ledger.models import Account, AccountKind, Entry, Lot, LotUse, Transfer, TransferKind
from tests.factories.ledger import NEXT_YEAR_END, account, capture, give, hold, release, reverse
from tests.factories.volunteers import VolunteerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def zhang():
    return VolunteerFactory()


def rows():
    return [model.objects.count() for model in (Transfer, Entry, Lot, LotUse)]


def award_posting(volunteer, points, *, key):
    return services.Posting(
        key=key,
        kind=TransferKind.AWARD,
        legs=[
            services.Leg(services.account_of(volunteer), points),
            services.Leg(services.system_account(AccountKind.ISSUANCE), -points),
        ],
        sentence_zh=key,
        sentence_en=key,
        source_type="record",
        source_id=1,
        expires_at=NEXT_YEAR_END,
    )


def test_the_same_key_returns_the_first_transfer_and_changes_nothing(zhang, now):
    first = give(zhang, 25, key="award", at=now)
    before = rows()

    again = give(zhang, 99, key="award", at=now)

    assert again == first
    assert rows() == before
    assert account(zhang).balance == 25


def test_a_key_of_another_movement_is_a_mistake_of_the_caller(zhang, now):
    give(zhang, 25, key="award", at=now)

    with pytest.raises(TransferKeyReused):
        hold(zhang, 5, key="award", at=now)

    assert account(zhang).balance == 25


def test_one_key_twice_in_a_batch_is_written_once(zhang, now):
    posting = award_posting(zhang, 25, key="award")

    first, second = services.post_many(postings=[posting, posting], at=now)

    assert first == second
    assert account(zhang).balance == 25


def test_a_batch_is_told_in_the_order_it_was_asked_for(zhang, now):
    give(zhang, 1, key="known", at=now)

    made = services.post_many(
        postings=[
            award_posting(zhang, points, key=key) for key, points in (("b", 2), ("known", 1), ("a", 3))
        ],
        at=now,
    )

    assert [transfer.key for transfer in made] == ["b", "known", "a"]
    assert account(zhang).balance == 6


def test_a_batch_of_awards_takes_a_handful_of_statements(now, django_assert_num_queries):
    postings = [award_posting(VolunteerFactory(), 10, key=f"award {number}") for number in range(20)]

    # lock accounts, known keys, the open day, transfers, entries, lots
    with django_assert_num_queries(3):
        services.post_many(postings=postings, at=now)


def test_spending_and_earning_in_one_batch_follow_the_order_asked_for(zhang, now):
    spend = services.Posting(
        key="gift",
        kind=TransferKind.GIFT,
        legs=[
            services.Leg(services.account_of(zhang), -7),
            services.Leg(services.system_account(AccountKind.CHARITY_POOL), 7),
        ],
        sentence_zh="捐入积分池",
        sentence_en="Given to the pool",
        source_type="gift",
        source_id=1,
    )

    with pytest.raises(InsufficientPoints):
        services.post_many(postings=[spend, award_posting(zhang, 10, key="award")], at=now)
    services.post_many(postings=[award_posting(zhang, 10, key="award"), spend], at=now)

    assert account(zhang).balance == 3
    assert queries.system_balance(AccountKind.CHARITY_POOL) == 7


def test_more_than_is_there_is_refused_with_both_figures(zhang, now):
    give(zhang, 10, key="award", at=now)

    with pytest.raises(InsufficientPoints) as refusal:
        hold(zhang, 44, key="hold", at=now)

    assert str(refusal.value) == "可用积分不足：需要 44，现有 10。"
    assert account(zhang).balance == 10
    assert not Transfer.objects.filter(key="hold").exists()


def test_expired_points_cannot_be_spent_before_the_nightly_expiry_has_moved_them(zhang, now):
    give(zhang, 10, key="award", at=now)

    with pytest.raises(InsufficientPoints, match="现有 0"):
        hold(zhang, 10, key="hold", at=NEXT_YEAR_END)


def test_a_hold_leaves_expired_points_where_they_are(zhang, now):
    give(zhang, 10, key="old", at=now, expires_at=now)
    give(zhang, 10, key="new", at=now)

    hold(zhang, 10, key="hold", at=now)

    assert list(Lot.objects.order_by("pk").values_list("remaining", flat=True)) == [10, 0]


def test_points_given_back_can_be_spent_again_in_the_same_batch(zhang, now):
    give(zhang, 10, key="award", at=now, expires_at=now + timedelta(days=1))
    held = hold(zhang, 6, key="hold", at=now)
    mine, pot = services.account_of(zhang), services.system_account(AccountKind.HELD)
    later = now + timedelta(days=2)

    def posting(kind, points, **links: Transfer):
        return services.Posting(
            key=f"batch {kind}",
            kind=kind,
            legs=[services.Leg(mine, points), services.Leg(pot, -points)],
            sentence_zh="改约",
            sentence_en="Changed",
            source_type="redemption",
            source_id=1,
            **links,
        )

    services.post_many(
        postings=[
            posting(TransferKind.RELEASE, 6, settles=held, restores=held),
            posting(TransferKind.HOLD, -8),
        ],
        at=later,
    )

    assert account(zhang).balance == 2
    assert queries.transfer_by_key("batch hold") is not None
    assert queries.transfer_by_key("batch of somebody else") is None


def test_points_gained_need_an_expiry(zhang, now):
    with pytest.raises(ValueError, match="need an expiry"):
        give(zhang, 10, key="award", at=now, expires_at=None)


def test_legs_that_do_not_cancel_out_are_a_mistake_of_the_caller(zhang, now):
    posting = award_posting(zhang, 10, key="award")

    with pytest.raises(ValueError, match="do not sum to zero"):
        services.post(
            key="crooked",
            kind=TransferKind.AWARD,
            legs=posting.legs[:1],
            sentence_zh="",
            sentence_en="",
            source_type="record",
            source_id=1,
            at=now,
        )


def test_a_repeated_capture_returns_the_first(zhang, now):
    give(zhang, 10, key="award", at=now)
    held = hold(zhang, 10, key="hold", at=now)

    first = capture(held, key="capture", at=now)

    assert capture(held, key="capture", at=now) == first
    assert queries.system_balance(AccountKind.REDEEMED) == 10


def test_held_points_are_captured_or_released_but_never_both(zhang, now):
    give(zhang, 10, key="award", at=now)
    held = hold(zhang, 10, key="hold", at=now)
    capture(held, key="capture", at=now)

    with pytest.raises(HoldAlreadySettled):
        release(held, key="release", at=now)

    assert account(zhang).balance == 0


def test_a_repeated_reversal_returns_the_first(zhang, now):
    award = give(zhang, 10, key="award", at=now)

    first = reverse(award, key="reversed", at=now)

    assert reverse(award, key="reversed", at=now) == first
    assert account(zhang).balance == 0


def test_an_award_is_reversed_under_one_key(zhang, now):
    award = give(zhang, 10, key="award", at=now)
    reverse(award, key="reversed", at=now)

    with pytest.raises(TransferAlreadyReversed):
        reverse(award, key="reversed differently", at=now)


def test_an_account_is_opened_once(zhang):
    first = services.account_of(zhang)

    assert services.account_of(zhang) == first
    assert Account.objects.filter(volunteer=zhang).count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_book_is_only_written_inside_the_transaction_of_its_cause(zhang, now):
    services.account_of(zhang)

    with pytest.raises(RuntimeError, match="in the transaction of what causes it"):
        services.post_many(postings=[award_posting(zhang, 10, key="award")], at=now)
    with pytest.raises(RuntimeError, match="in the transaction of what causes it"):
        services.lock_accounts_of([zhang.pk])

    assert Transfer.objects.count() == 0
