"""A store's week and month: nothing appears, nothing vanishes, and no small number of people is told."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db.models import Sum
from openpyxl import load_workbook

from points.giving import services as giving
from points.market import services as market
from points.market.choices import MoveKind
from points.market.models import Batch, Product, StockMove
from points.stockroom import counting, transferring
from points.storebook.errors import StatementPeriodInvalid, StatementPeriodOpen
from points.storebook.rules import few, over, parse
from points.storebook.sheet import as_xlsx
from points.storebook.statement import Figures, periods_of, statement_of
from tests.factories.accounts import StaffFactory
from tests.factories.market import DonorFactory, ProductFactory, deliver
from tests.factories.stockroom import closed_count, make_hub, received, sent, taken_home

pytestmark = pytest.mark.django_db

AFTER = datetime(2026, 11, 2, tzinfo=UTC)


def given(hub, quantity, *, at, **donor):
    return giving.receive_goods(
        donor=DonorFactory.create(region=hub.store.region, **donor),
        store=hub.store,
        lines=[giving.GoodsLine(hub.rice.pk, quantity)],
        received_on=at.date(),
        purpose="",
        actor=hub.clerk,
        at=at,
    )


def a_busy_month(hub, now):
    """Everything that can happen to goods, in September and a little in October."""
    given(hub, 20, at=now, name="光明粮油店", consent="named", show_amount=True)
    given(hub, 5, at=now, name="不愿露面的人", consent="hidden")
    given(hub, 3, at=now, name="不说数量的人", consent="named")
    back = taken_home(hub.rice, 2, by=hub.clerk, at=now)
    taken_home(hub.rice, 3, by=hub.clerk, at=now)
    issue = StockMove.objects.get(redemption=back, kind=MoveKind.ISSUE)
    StockMove.objects.create(
        batch=issue.batch, kind=MoveKind.RETURN, quantity=2, redemption=back, made_by=StaffFactory(), at=now
    )
    market.write_off(batch_id=hub.batch.pk, quantity=1, reason="破损", actor=hub.clerk, at=now)
    received(sent(hub, 4, at=now), hub, 4, at=now)
    short = received(sent(hub, 2, at=now), hub, 1, at=now)
    transferring.write_off_loss(transfer_id=short.pk, reason="破损", actor=hub.manager, at=now)
    on_hand = Batch.objects.filter(product=hub.rice).aggregate(total=Sum("on_hand"))["total"]
    count = closed_count(hub, on_hand - 1, at=now)
    counting.approve_count(count_id=count.pk, actor=hub.second, at=now)
    taken_home(hub.rice, 1, by=hub.clerk, at=now + timedelta(days=20))


def test_a_busy_month_balances_for_every_product_and_ends_with_what_is_on_the_shelf(now):
    hub = make_hub(10)
    a_busy_month(hub, now)

    september = statement_of(hub.store, parse("2026-09"), at=AFTER)
    october = statement_of(hub.store, parse("2026-10"), at=AFTER)

    (row,) = september.products
    assert row.figures == Figures(
        opening=0,
        donated=28,
        purchased=10,
        transferred_in=1,
        returned=2,
        issued=5,
        transferred_out=6,
        written_off=2,
        counted_down=1,
        closing=27,
    )
    assert [each.total.balance for each in (september, october)] == [0, 0]
    assert october.total.opening == september.total.closing
    on_hand = Batch.objects.filter(store=hub.store).aggregate(total=Sum("on_hand"))["total"]
    assert october.total.closing == on_hand
    assert (september.points_redeemed, september.people, october.people) == (50, "少于 3", "少于 3")


def test_only_donors_who_agreed_to_amounts_stand_with_their_name(now):
    hub = make_hub(10)
    a_busy_month(hub, now)

    donors = statement_of(hub.store, parse("2026-09"), at=AFTER).donors

    told = [(row.name, row.received, row.issued, row.in_stock) for row in donors]
    assert told == [("光明粮油店", 20, 0, 19), ("爱心人士", 8, 0, 8)]


def test_a_statement_that_is_over_does_not_change(now):
    hub = make_hub(10)
    a_busy_month(hub, now)
    before = statement_of(hub.store, parse("2026-09"), at=AFTER)

    deliver(hub.rice, 99, at=AFTER)

    assert statement_of(hub.store, parse("2026-09"), at=AFTER + timedelta(days=90)) == before


def test_the_goods_of_another_store_are_in_its_own_statement(now):
    hub = make_hub(10)
    received(sent(hub, 4, at=now), hub, 4, at=now)

    total = statement_of(hub.other, parse("2026-W38"), at=AFTER).total

    assert total == Figures(transferred_in=4, closing=4)


def test_a_workbook_holds_the_same_and_no_formula(now):
    hub = make_hub(10)
    Product.objects.filter(pk=hub.rice.pk).update(name="=1+1")
    statement = statement_of(hub.store, parse("2026-09"), at=AFTER)

    sheet = load_workbook(as_xlsx(statement))["商品"]

    rows = list(sheet.iter_rows(values_only=True))
    assert rows[1][:5] == ("'=1+1", "袋", 0, 0, 10)
    assert rows[-1][-1] == statement.total.closing


def test_a_period_is_a_week_or_month_that_is_over(now):
    hub = make_hub(10)
    for wrong in ("2026", "2026-13", "2026-W54", "2025-W53", "all", "２０２６-09", "2026-09 "):
        with pytest.raises(StatementPeriodInvalid):
            parse(wrong)
    with pytest.raises(StatementPeriodOpen):
        statement_of(hub.store, parse("2026-09"), at=now)

    assert [period.text for period in periods_of(hub.store, at=now)] == ["2026-W37", "2026-W36"]
    assert [period.text for period in over(since=now, at=AFTER)][:2] == ["2026-10", "2026-09"]
    assert parse("2026-W53").first == date(2026, 12, 28)
    assert periods_of(ProductFactory.create().store, at=now) == []
    assert [few(people) for people in (0, 1, 2, 3)] == ["0", "少于 3", "少于 3", "3"]
