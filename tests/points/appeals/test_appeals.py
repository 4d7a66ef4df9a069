"""Appeals: needed, received, missing; published every five days by a named person (慈善法 Art 72)."""

from datetime import date, timedelta

import pytest
from django.utils import timezone
from prometheus_client import REGISTRY

from backend.accounts.scopes import Role
from backend.core.errors import Forbidden, NotFound
from points.appeals import errors, services
from points.appeals.deadlines import warn_of_appeals
from points.appeals.models import Appeal, AppealGift, AppealLine, AppealNotice, AppealReport
from points.appeals.queries import appeals, left_of, overdue, standings
from points.appeals.rules import Course, due_on, months_after, still_missing, warn_on
from points.appeals.services import NeedInput
from points.giving import services as giving
from tests.factories.accounts import OrganizationFactory, make_actor
from tests.factories.database import guards_of, refused_by
from tests.factories.market import DonorFactory, ProductFactory, StoreFactory
from tests.factories.openness import open_appeal

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
FIRST = date(2026, 9, 15)


@pytest.fixture
def organization():
    return OrganizationFactory.create()


@pytest.fixture
def manager(organization):
    return make_actor(Role.ORGANIZATION_MANAGER, organization.pk)


@pytest.fixture
def appeal(organization, manager, now):
    return open_appeal(organization=organization, actor=manager, at=now)


@pytest.fixture
def water(appeal):
    return appeal.lines.get(item="瓶装水")


def donate(organization, manager, now, quantity=30):
    store = StoreFactory.create(organization=organization, region=organization.region)
    product = ProductFactory.create(store=store, name="瓶装水", unit="箱")
    return giving.receive_goods(
        donor=DonorFactory.create(region=organization.region),
        store=store,
        lines=[giving.GoodsLine(product.pk, quantity)],
        received_on=FIRST,
        purpose="",
        actor=manager,
        at=now,
    )


def needs_of(appeal):
    (standing,) = standings(appeals().filter(pk=appeal.pk))
    return [(need.item, need.needed, need.received, need.missing) for need in standing.needs]


def test_what_is_missing_is_what_was_needed_less_what_came(organization, manager, appeal, water, now):
    one, other = (donate(organization, manager, now, quantity) for quantity in (30, 90))

    services.link_gift(line_id=water.pk, number=one.number, quantity=30, actor=manager, at=now)
    assert needs_of(appeal) == [("瓶装水", 100, 30, 70), ("毛毯", 40, 0, 40)]
    services.link_gift(line_id=water.pk, number=other.number, quantity=90, actor=manager, at=now)
    assert needs_of(appeal)[0] == ("瓶装水", 100, 120, 0)
    services.link_gift(
        line_id=water.pk, number=other.number, quantity=-60, reason="记错了", actor=manager, at=now
    )
    services.set_need(appeal_id=appeal.pk, need=NeedInput("毛毯", "条", 60), actor=manager, at=now)

    assert needs_of(appeal) == [("瓶装水", 100, 60, 40), ("毛毯", 60, 0, 60)]
    assert (left_of(one.pk), left_of(other.pk), still_missing(1, 2)) == (0, 60, 0)


def test_the_same_goods_are_never_counted_twice(organization, manager, appeal, water, now):
    donation = donate(organization, manager, now)
    blankets = appeal.lines.get(item="毛毯")
    services.link_gift(line_id=water.pk, number=donation.number, quantity=20, actor=manager, at=now)
    refused = [
        (water, 10, "", errors.GiftAlreadyLinked),
        (blankets, 11, "", errors.GiftQuantityInvalid),
        (blankets, 0, "", errors.GiftQuantityInvalid),
        (water, -1, " ", errors.CorrectionUnexplained),
        (water, -21, "记错了", errors.GiftQuantityInvalid),
        (blankets, -1, "记错了", errors.GiftQuantityInvalid),
    ]

    for line, quantity, reason, refusal in refused:
        with pytest.raises(refusal):
            services.link_gift(
                line_id=line.pk,
                number=donation.number,
                quantity=quantity,
                reason=reason,
                actor=manager,
                at=now,
            )
    with pytest.raises(NotFound):
        services.link_gift(line_id=water.pk, number="ABCDEFGHJKMN", quantity=1, actor=manager, at=now)
    assert AppealGift.objects.count() == 1


def test_a_report_keeps_what_was_true_when_it_was_published(organization, manager, appeal, water, now):
    first = services.publish(appeal_id=appeal.pk, note="已发 0 箱", actor=manager, at=now)
    donation = donate(organization, manager, now)
    services.link_gift(line_id=water.pk, number=donation.number, quantity=30, actor=manager, at=now)
    second = services.publish(appeal_id=appeal.pk, actor=manager, at=now + DAY)

    told = [
        (report.number, report.figures[0]["received"], report.figures[0]["missing"], report.published_by_id)
        for report in AppealReport.objects.order_by("number")
    ]
    assert told == [(1, 0, 100, manager.user_id), (2, 30, 70, manager.user_id)]
    assert (first.final, second.final) == (False, False)


def test_after_the_end_nothing_is_added_and_one_final_report_closes_the_book(
    organization, manager, appeal, water, now
):
    donation = donate(organization, manager, now)
    with pytest.raises(errors.AppealStillOpen):
        services.publish(appeal_id=appeal.pk, note="用完了", final=True, actor=manager, at=now)
    for _ in range(2):
        services.close(appeal_id=appeal.pk, actor=manager, at=now)

    for act in (
        lambda: services.link_gift(
            line_id=water.pk, number=donation.number, quantity=1, actor=manager, at=now
        ),
        lambda: services.set_need(appeal_id=appeal.pk, need=NeedInput("米", "袋", 1), actor=manager, at=now),
        lambda: services.end_rescue(appeal_id=appeal.pk, actor=manager, at=now),
    ):
        with pytest.raises(errors.AppealClosed):
            act()
    with pytest.raises(errors.FinalReportUntold):
        services.publish(appeal_id=appeal.pk, final=True, actor=manager, at=now)
    services.publish(appeal_id=appeal.pk, note="全部发完", final=True, actor=manager, at=now)
    with pytest.raises(errors.AppealFinished):
        services.publish(appeal_id=appeal.pk, actor=manager, at=now)
    (standing,) = standings([appeal])
    assert (standing.due_on, warn_of_appeals(at=now + 999 * DAY)) == (None, 0)


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"command_order": " "}, errors.CommandOrderRequired),
        ({"title": ""}, errors.AppealTextInvalid),
        ({"title": "<b>水</b>"}, errors.AppealTextInvalid),
        ({"bring_to": "a\x00b"}, errors.AppealTextInvalid),
        ({"needs": []}, errors.NeedsMissing),
        ({"needs": [NeedInput(f"水{number}", "箱", 1) for number in range(31)]}, errors.NeedsMissing),
        ({"needs": [NeedInput("水", "箱", 1), NeedInput("水 ", "瓶", 1)]}, errors.NeedListedTwice),
        ({"needs": [NeedInput("水", "箱", 0)]}, errors.NeedQuantityInvalid),
        ({"needs": [NeedInput("水", "箱", 10**9)]}, errors.NeedQuantityInvalid),
    ],
)
def test_an_appeal_that_cannot_be_is_refused(now, fields, refusal):
    with pytest.raises(refusal):
        open_appeal(at=now, **fields)
    assert Appeal.objects.count() == 0


def test_only_their_own_organisation_and_community_keep_an_appeal(appeal, organization, now):
    refused = [
        (make_actor(Role.ORGANIZATION_MANAGER, OrganizationFactory.create().pk), NotFound),
        (make_actor(Role.COMMUNITY_STAFF, "51"), NotFound),
        (make_actor(Role.SUPERVISOR, "52"), Forbidden),
        (make_actor(Role.STORE_CLERK, 1), Forbidden),
    ]

    for actor, refusal in refused:
        for act in (services.publish, services.end_rescue, services.close):
            with pytest.raises(refusal):
                act(appeal_id=appeal.pk, actor=actor, at=now)
        with pytest.raises(refusal):
            open_appeal(organization=organization, actor=actor, at=now)
    services.publish(appeal_id=appeal.pk, actor=make_actor(Role.COMMUNITY_STAFF, "5201"), at=now)
    assert AppealReport.objects.count() == 1


def test_somebody_is_told_on_the_fourth_day_and_it_is_a_complaint_on_the_sixth(appeal, manager, now):
    told = {}

    for days in (3, 4, 5, 6, 7):
        warn_of_appeals(at=now + days * DAY)
        warn_of_appeals(at=now + days * DAY)
        told[days] = list(AppealNotice.objects.order_by("pk").values_list("stage", flat=True))

    assert told == {
        3: [],
        4: ["warned"],
        5: ["warned"],
        6: ["warned", "escalated"],
        7: ["warned", "escalated"],
    }
    assert [standing.appeal for standing in overdue(FIRST + 6 * DAY)] == [appeal]
    services.publish(appeal_id=appeal.pk, actor=manager, at=now + 7 * DAY)
    assert (warn_of_appeals(at=now + 8 * DAY), overdue(FIRST + 12 * DAY)) == (0, [])
    assert warn_of_appeals(at=now + 11 * DAY) == 1


def test_late_reports_are_counted_for_those_who_watch_the_machine(manager, organization):
    open_appeal(organization=organization, actor=manager, at=timezone.now() - 6 * DAY)

    assert REGISTRY.get_sample_value("jishan_appeals_overdue") == 1


@pytest.mark.parametrize(
    ("course", "due", "warn"),
    [
        (Course(FIRST, None, None, None, finished=False), date(2026, 9, 20), date(2026, 9, 19)),
        (Course(FIRST, None, None, date(2026, 9, 18), finished=False), date(2026, 9, 23), date(2026, 9, 22)),
        (
            Course(FIRST, date(2026, 9, 30), None, FIRST, finished=False),
            date(2026, 12, 30),
            date(2026, 12, 23),
        ),
        (
            Course(FIRST, date(2026, 9, 30), None, date(2026, 11, 30), finished=False),
            date(2027, 2, 28),
            date(2027, 2, 21),
        ),
        (Course(FIRST, None, date(2026, 10, 1), FIRST, finished=False), date(2027, 1, 1), date(2026, 12, 25)),
        (Course(FIRST, None, date(2026, 10, 1), FIRST, finished=True), None, None),
    ],
)
def test_when_the_next_report_is_due(course, due, warn):
    assert (due_on(course), warn_on(course)) == (due, warn)
    assert months_after(date(2027, 11, 30), 3) == date(2028, 2, 29)


def test_the_database_keeps_appeals_whatever_goes_around_the_services(
    organization, manager, appeal, water, now
):
    donation = donate(organization, manager, now)
    who = manager.user_id
    gift = {"line": water, "donation": donation, "linked_by_id": who, "linked_at": now}
    report = {"appeal": appeal, "figures": [], "published_by_id": who, "published_at": now}
    rows = Appeal.objects.filter(pk=appeal.pk)
    AppealGift.objects.create(**gift, quantity=20)
    AppealReport.objects.create(**report, number=1)
    AppealNotice.objects.create(appeal=appeal, stage="warned", due_on=FIRST, at=now)
    closed = {"status": "closed", "closed_at": now, "closed_by_id": who}
    new = {
        "region": appeal.region, "organization": organization, "title": "米", "command_order": "1",
        "bring_to": "这里", "opened_by_id": who, "opened_at": now,
    }  # fmt: skip
    guarded = [
        ("appeal_named", lambda: Appeal.objects.create(**(new | {"title": ""}))),
        ("appeal_under_command", lambda: Appeal.objects.create(**(new | {"command_order": ""}))),
        ("appeal_closed_by_someone", lambda: rows.update(status="closed")),
        ("appeal_in_order", lambda: rows.update(rescue_ended_at=now - DAY)),
        ("appeal_moves", lambda: rows.update(title="别的")),
        ("appeal_line_item_once", lambda: AppealLine.objects.create(
            appeal=appeal, item="毛毯", unit="条", needed=1)),
        ("appeal_line_named", lambda: AppealLine.objects.create(appeal=appeal, item="", unit="条", needed=1)),
        ("appeal_line_needed_positive", lambda: AppealLine.objects.update(needed=0)),
        ("appeal_line_stays", lambda: AppealLine.objects.update(unit="个")),
        ("appeal_gift_once", lambda: AppealGift.objects.create(**gift, quantity=1)),
        ("appeal_gift_quantity", lambda: AppealGift.objects.create(**gift, quantity=0, reason="错")),
        ("appeal_gift_explained", lambda: AppealGift.objects.create(**gift, quantity=-1)),
        ("appeal_gift_within_donation", lambda: AppealGift.objects.create(
            **(gift | {"line": appeal.lines.get(item="毛毯")}), quantity=11)),
        ("appeal_gift_within_donation", lambda: AppealGift.objects.create(**gift, quantity=-21, reason="错")),
        ("appeal_gift_append_only", lambda: AppealGift.objects.update(quantity=5)),
        ("appeal_report_number_once", lambda: AppealReport.objects.create(**report, number=1)),
        ("appeal_report_final_told", lambda: (
            rows.update(**closed), AppealReport.objects.create(**report, number=2, final=True))),
        ("appeal_report_final_after_end", lambda: AppealReport.objects.create(
            **report, number=2, final=True, note="完")),
        ("appeal_report_append_only", lambda: AppealReport.objects.update(note="改")),
        ("appeal_notice_once", lambda: AppealNotice.objects.create(
            appeal=appeal, stage="warned", due_on=FIRST, at=now)),
        ("appeal_notice_stage_known", lambda: AppealNotice.objects.create(
            appeal=appeal, stage="angry", due_on=FIRST, at=now)),
        ("appeal_notice_append_only", lambda: AppealNotice.objects.update(at=now)),
        ("appeal_gift_while_open", lambda: (
            rows.update(**closed), AppealGift.objects.create(**gift, quantity=1))),
        ("appeal_moves", lambda: (rows.update(**closed), rows.update(status="open"))),
    ]  # fmt: skip

    for name, act in guarded:
        with refused_by(name):
            act()
    rows.update(**closed)
    AppealReport.objects.create(**report, number=2, final=True, note="完")
    with refused_by("appeal_report_final_last"):
        AppealReport.objects.create(**report, number=3)
    # Twice at once the unique index is the one that refuses; alone, the trigger is first.
    met = {name for name, _act in guarded} | {"appeal_report_in_order", "appeal_report_final_once"}
    assert guards_of(Appeal, AppealLine, AppealGift, AppealReport, AppealNotice) == met - {
        "appeal_gift_while_open",
        "appeal_report_final_after_end",
    }
