"""Two staff count the same gift for an emergency at once: first the race, then its absence."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import datetime
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.db.models import Sum

from backend.accounts.scopes import Role
from points.appeals import services
from points.appeals.models import Appeal, AppealGift, AppealLine
from points.giving.models import Donation
from tests.concurrency.rivals import Meeting, outcomes, race
from tests.factories.accounts import make_actor
from tests.factories.database import ignored
from tests.factories.giving import make_door, signed
from tests.factories.openness import open_appeal

pytestmark = pytest.mark.django_db(transaction=True)

GIVEN = 8  # bags, what `signed` accepts


@pytest.fixture
def no_single_gift() -> Iterator[None]:
    """Switch off the constraint that lets a donation stand on a line once."""
    (once,) = [each for each in AppealGift._meta.constraints if each.name == "appeal_gift_once"]
    with connection.schema_editor() as editor:
        editor.remove_constraint(AppealGift, once)
    yield
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE points_appealgift")
    with connection.schema_editor() as editor:
        editor.add_constraint(AppealGift, once)


@pytest.fixture
def gift(now: datetime) -> Donation:
    signed(make_door(), at=now)
    return Donation.objects.get()


@pytest.fixture
def appeals(gift: Donation, now: datetime) -> list[Appeal]:
    """Two appeals of the organisation that received the gift."""
    return [open_appeal(organization=gift.organization, at=now) for _ in range(2)]


def both_link(
    gift: Donation, lines: Sequence[AppealLine], now: datetime, *, locks: bool = True, guards: bool = True
) -> Counter[str]:
    """Let two managers count the whole gift at once, each on a line; say what they were told."""
    meeting = Meeting(2, ("SUM(", 'FROM "points_appealgift"'))

    def link(line: AppealLine) -> None:
        with ExitStack() as off:
            if not guards:
                off.enter_context(ignored("points.AppealGift:appeal_gift_within_donation"))
            if not locks:
                off.enter_context(meeting.unguarded())
            manager = make_actor(Role.ORGANIZATION_MANAGER, gift.organization_id)
            services.link_gift(line_id=line.pk, number=gift.number, quantity=GIVEN, actor=manager, at=now)

    return outcomes(race(*[lambda line=line: link(line) for line in lines]))


def counted() -> int:
    """How many bags of the gift are counted, of the eight there are."""
    return AppealGift.objects.aggregate(total=Sum("quantity"))["total"]


def test_without_locks_and_guards_the_gift_is_counted_twice(gift, appeals, now, no_single_gift):
    water = appeals[0].lines.get(item="瓶装水")

    assert both_link(gift, [water, water], now, locks=False, guards=False) == Counter(done=2)
    assert counted() == 2 * GIVEN


def test_two_staff_at_one_need_count_the_gift_once(gift, appeals, now):
    water = appeals[0].lines.get(item="瓶装水")

    assert both_link(gift, [water, water], now) == Counter(done=1, appeal_gift_already_linked=1)
    assert counted() == GIVEN


def test_without_locks_two_appeals_count_the_same_goods(gift, appeals, now):
    lines = [appeal.lines.get(item="瓶装水") for appeal in appeals]

    assert both_link(gift, lines, now, locks=False, guards=False) == Counter(done=2)
    assert counted() == 2 * GIVEN


def test_two_appeals_at_once_share_no_goods_and_the_second_is_told_what_is_left(gift, appeals, now):
    lines = [appeal.lines.get(item="瓶装水") for appeal in appeals]

    assert both_link(gift, lines, now) == Counter(done=1, appeal_gift_quantity_invalid=1)
    assert counted() == GIVEN


def test_whoever_counts_a_gift_holds_it_against_other_appeals(gift, appeals, now):
    rivals = []

    def hold() -> None:
        with transaction.atomic():
            Donation.objects.select_for_update(nowait=True, no_key=True).get()

    def execute(run: Any, sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001 – Django's hook
        if "SUM(" in sql and 'FROM "points_appealgift"' in sql:
            rivals.extend(race(hold))
        return run(sql, params, many, context)

    with connection.execute_wrapper(execute):
        services.link_gift(
            line_id=appeals[0].lines.get(item="瓶装水").pk,
            number=gift.number,
            quantity=GIVEN,
            actor=make_actor(Role.ORGANIZATION_MANAGER, gift.organization_id),
            at=now,
        )

    assert [type(rival) for rival in rivals] == [OperationalError]
    assert counted() == GIVEN


def test_without_locks_the_database_still_counts_once(gift, appeals, now):
    lines = [appeal.lines.get(item="瓶装水") for appeal in appeals]

    refused = Counter({"done": 1, "database: appeal_gift_quantity_invalid": 1})
    assert both_link(gift, lines, now, locks=False) == refused
    assert counted() == GIVEN
