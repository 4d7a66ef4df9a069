"""Which delivery first, how long, how much is left: pure rules."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.market import rules
from points.market.rules import OpenBatch, Pick, Shortage, StockWord

DAY = timedelta(hours=24)
FRIDAY = date(2026, 9, 18)


def test_the_batch_that_expires_first_goes_first():
    late, soon = OpenBatch(1, 7, 5, date(2027, 1, 1)), OpenBatch(2, 7, 5, FRIDAY)

    picks = rules.first_expired_first_out([late, soon], {7: 3})

    assert picks == [Pick(soon, 3)]


def test_a_batch_that_keeps_for_ever_goes_last():
    keeps, soon = OpenBatch(1, 7, 5, None), OpenBatch(2, 7, 2, FRIDAY)

    picks = rules.first_expired_first_out([keeps, soon], {7: 3})

    assert picks == [Pick(keeps, 1), Pick(soon, 2)]


def test_of_equal_expiry_the_older_delivery_goes_first():
    younger, older = OpenBatch(9, 7, 5, FRIDAY), OpenBatch(4, 7, 5, FRIDAY)

    picks = rules.first_expired_first_out([younger, older], {7: 1})

    assert picks == [Pick(older, 1)]


def test_too_little_is_a_shortage_that_says_how_many_are_left():
    batches = [OpenBatch(1, 7, 2, None), OpenBatch(2, 7, 1, FRIDAY), OpenBatch(3, 8, 99, None)]

    assert rules.first_expired_first_out(batches, {8: 1, 7: 4}) == Shortage(7, left=3)


_batches = st.lists(
    st.builds(
        OpenBatch,
        batch_id=st.integers(1, 30),
        product_id=st.integers(1, 3),
        free=st.integers(0, 9),
        expires_on=st.none() | st.dates(date(2026, 1, 1), date(2026, 3, 1)),
    ),
    unique_by=lambda batch: batch.batch_id,
)


@given(batches=_batches, wanted=st.dictionaries(st.integers(1, 3), st.integers(1, 12), min_size=1))
def test_picks_are_exactly_what_was_wanted_in_lock_order_and_never_pass_over_an_earlier_expiry(
    batches, wanted
):
    picks = rules.first_expired_first_out(batches, wanted)

    free = Counter()
    for batch in batches:
        free[batch.product_id] += batch.free
    if isinstance(picks, Shortage):
        assert free[picks.product_id] == picks.left < wanted[picks.product_id]
        return
    taken = Counter()
    for pick in picks:
        taken[pick.batch.product_id] += pick.quantity
        assert 1 <= pick.quantity <= pick.batch.free
    assert taken == Counter(wanted)
    assert [pick.batch.batch_id for pick in picks] == sorted({pick.batch.batch_id for pick in picks})
    left = {batch: batch.free for batch in batches} | {p.batch: p.batch.free - p.quantity for p in picks}
    for pick in picks:
        for batch, rest in left.items():
            earlier = (batch.expires_on or date.max) < (pick.batch.expires_on or date.max)
            assert not (batch.product_id == pick.batch.product_id and earlier and rest)


def test_a_reservation_lasts_a_day(now):
    picks = [Pick(OpenBatch(1, 7, 5, None), 1)]

    assert rules.held_until(picks, at=now, hold=DAY) == now + DAY


def test_a_reservation_ends_with_the_last_usable_day_of_its_goods(now):
    today = date(2026, 9, 15)
    picks = [Pick(OpenBatch(1, 7, 5, today), 1), Pick(OpenBatch(2, 8, 5, None), 1)]

    assert rules.held_until(picks, at=now, hold=DAY) == datetime(2026, 9, 15, 16, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("period", "before", "begins"),
    [  # the last minute of a period in Guiyang, and when that period began
        ("week", datetime(2026, 9, 20, 15, 59, tzinfo=UTC), datetime(2026, 9, 13, 16, 0, tzinfo=UTC)),
        ("month", datetime(2026, 8, 31, 15, 59, tzinfo=UTC), datetime(2026, 7, 31, 16, 0, tzinfo=UTC)),
        ("quarter", datetime(2026, 9, 30, 15, 59, tzinfo=UTC), datetime(2026, 6, 30, 16, 0, tzinfo=UTC)),
        ("year", datetime(2026, 12, 31, 15, 59, tzinfo=UTC), datetime(2025, 12, 31, 16, 0, tzinfo=UTC)),
    ],
)
def test_a_period_begins_at_midnight_in_guiyang_and_a_week_on_monday(period, before, begins):
    minute = timedelta(minutes=1)

    assert rules.period_began(period, before) == begins
    assert rules.period_began(period, before + minute) == before + minute
    assert rules.period_began("ever", before) is None


def test_goods_near_expiry_cost_less_rounded_up_and_never_nothing():
    today, discount = date(2026, 9, 15), rules.Discount(days=3, percent=70)
    soon, later = OpenBatch(1, 7, 2, FRIDAY), OpenBatch(2, 7, 9, FRIDAY + DAY)
    keeps = OpenBatch(3, 8, 5, None)

    lines = rules.priced(
        [Pick(later, 3), Pick(soon, 2), Pick(keeps, 1)], {8: 5, 7: 11}, discount, today=today
    )

    assert lines == [
        rules.PricedLine(8, 5, 1),
        rules.PricedLine(7, 8, 2),
        rules.PricedLine(7, 11, 3),
    ]
    assert (discount.price(1), rules.Discount(3, 1).price(10)) == (1, 1)


def test_a_barcode_of_the_store_begins_with_2_and_has_its_check_digit():
    drawn = [rules.new_barcode() for _ in range(50)]

    assert {(code[0], len(code), rules.read_barcode(code) == code) for code in drawn} == {("2", 13, True)}


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("6901234567892", "6901234567892"),
        (" 690-123456 7892", "6901234567892"),
        ("96385074", "96385074"),
        ("036000291452", "0036000291452"),  # UPC-A, as a scanner reads it
        ("6901234567891", None),
        ("96385075", None),
        ("690", None),
        ("16901234567899", None),
        ("６９０１２３４５６７８９２", None),
        ("69012345678\x0092", None),
        ("", None),
    ],
)
def test_a_barcode_is_ean_13_or_ean_8_with_its_check_digit(typed, read):
    assert rules.read_barcode(typed) == read


@pytest.mark.parametrize(
    ("free", "word"), [(-1, StockWord.GONE), (0, StockWord.GONE), (5, StockWord.FEW), (6, StockWord.PLENTY)]
)
def test_a_shelf_says_how_full_it_is_in_a_word(free, word):
    assert rules.stock_word(free) == word


def test_a_pick_up_code_has_ten_characters_nobody_mistakes():
    codes = [rules.new_code() for _ in range(200)]

    assert {len(code) for code in codes} == {10}
    assert set("".join(codes)) & set("01OIL") == set()
    assert len(set(codes)) == 200


@pytest.mark.parametrize("typed", ["abcde-fghjk", " ABCDE FGHJK ", "ABCDEFGHJK", "ａABCDE\x00FGHJK\n"])
def test_a_code_is_read_however_it_is_typed(typed):
    assert rules.read_code(typed) == "ABCDEFGHJK"
