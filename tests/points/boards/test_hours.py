"""The hours board: approved minutes only, absolute totals, names by consent."""

from datetime import date
from typing import Any

import pytest
from django.core.management import call_command

from backend.core.models import AuditEntry
from points.boards import hours, queries, services
from points.boards.models import HoursTotal
from points.boards.periods import parse
from tests.factories import ledger as records
from tests.factories.regions import CHENGDU_JINJIANG, COMMUNITY, GUIYANG, RegionFactory, make_path
from tests.factories.tickets import ObjectionFactory
from tests.factories.volunteers import RegistrationPolicyFactory, VolunteerFactory
from volunteers.people.choices import ConsentKind
from volunteers.people.services import set_consent
from volunteers.records.ticket_models import Objection

pytestmark = pytest.mark.django_db

BOARD = [ConsentKind.PRIVACY, ConsentKind.HONOR_BOARD]


@pytest.fixture(autouse=True)
def community():
    return make_path(COMMUNITY)


def serve(volunteer, minutes, *, on=date(2026, 9, 12), refresh=True, **record: Any):
    made = records.serve(minutes, volunteer=volunteer, day=on, **record)
    if refresh:
        services.refresh_hours(record_ids=[made.pk])
    return made


def totals():
    return sorted(HoursTotal.objects.values_list("volunteer_id", "period", "region_code", "minutes"))


def board(now, *, region=COMMUNITY, period="all"):
    services.forget_pages(boards=["hours"])
    return queries.board(board="hours", region=region, period=period, at=now)


def test_a_record_counts_for_ever_in_its_year_and_in_its_month():
    volunteer = VolunteerFactory.create()

    serve(volunteer, 150)

    assert totals() == [
        (volunteer.pk, "2026", COMMUNITY, 150),
        (volunteer.pk, "2026-09", COMMUNITY, 150),
        (volunteer.pk, "all", COMMUNITY, 150),
    ]


@pytest.mark.parametrize("refresh", [True, False])
def test_contested_hours_are_left_out_until_it_is_decided(refresh):
    """By an event as much as by counting everything anew."""
    volunteer = VolunteerFactory.create()
    record = serve(volunteer, 150)
    serve(volunteer, 60, on=date(2026, 10, 9))
    objection = ObjectionFactory(attendance=record.attendance, record=record)

    def recount():
        if refresh:
            services.refresh_hours(record_ids=[record.pk])
        else:
            services.rebuild(at=record.recorded_at)
        return {period: minutes for _, period, _, minutes in totals()}

    meanwhile = recount()
    Objection.objects.filter(pk=objection.pk).update(state="withdrawn", decided_at=record.recorded_at)

    assert meanwhile == {"2026": 60, "2026-09": 0, "2026-10": 60, "all": 60}
    assert recount() == {"2026": 210, "2026-09": 150, "2026-10": 60, "all": 210}


def test_refreshing_twice_changes_nothing():
    record = serve(VolunteerFactory.create(), 150)
    once = totals()

    services.refresh_hours(record_ids=[record.pk])
    services.refresh_hours(record_ids=[record.pk, record.pk])

    assert totals() == once


def test_refreshing_one_record_brings_in_the_others_of_its_volunteer():
    volunteer = VolunteerFactory.create()
    serve(volunteer, 60, on=date(2026, 8, 1), refresh=False)
    serve(volunteer, 30, on=date(2026, 9, 1), refresh=False)

    serve(volunteer, 10, on=date(2026, 9, 2))

    assert dict(HoursTotal.objects.values_list("period", "minutes")) == {
        "all": 100,
        "2026": 100,
        "2026-09": 40,
    }


def test_a_reversal_takes_its_minutes_back():
    volunteer = VolunteerFactory.create()
    serve(volunteer, 60, on=date(2026, 9, 1))
    record = serve(volunteer, 30, on=date(2026, 9, 2))

    services.refresh_hours(record_ids=[records.take_back(record).pk])

    assert set(HoursTotal.objects.values_list("minutes", flat=True)) == {60}


def test_who_has_nothing_left_is_not_on_the_board(now):
    record = serve(VolunteerFactory.create(consents=BOARD), 30)
    services.refresh_hours(record_ids=[records.take_back(record).pk])

    page = board(now)

    assert (page["entries"], page["totals"]) == ([], {"volunteers": 0, "minutes": 0})


def test_rebuilding_gives_what_refreshing_gave(now):
    for minutes in (30, 60, 90):
        serve(VolunteerFactory.create(), minutes)
    before = totals()
    HoursTotal.objects.update(minutes=1)

    assert services.rebuild(at=now) == 9
    assert totals() == before
    assert AuditEntry.objects.get(action="boards.rebuild").detail == {"rows": 9}


def test_the_command_rebuilds(capsys):
    serve(VolunteerFactory.create(), 30, refresh=False)

    call_command("rebuild_boards")

    assert capsys.readouterr().out == "3 hours totals\n"
    assert HoursTotal.objects.count() == 3


def test_who_agreed_is_listed_masked_by_minutes(now):
    for name, minutes in (("王五", 30), ("张晓明", 90), ("李雷雷", 30)):
        serve(VolunteerFactory.create(name=name, consents=BOARD), minutes)

    assert board(now)["entries"] == [
        {"rank": 1, "name": "张*明", "minutes": 90},
        {"rank": 2, "name": "王*", "minutes": 30},
        {"rank": 2, "name": "李*雷", "minutes": 30},
    ]


def test_who_did_not_agree_is_counted_and_not_listed(now):
    serve(VolunteerFactory.create(), 30)

    page = board(now)

    assert (page["entries"], page["totals"]) == ([], {"volunteers": 1, "minutes": 30})


def test_children_are_counted_and_not_listed(now):
    serve(VolunteerFactory.create(consents=BOARD, birth_date=date(2012, 9, 16)), 30)
    serve(VolunteerFactory.create(consents=BOARD, birth_date=date(2012, 9, 15), name="刚满"), 20)

    page = board(now)

    assert [entry["name"] for entry in page["entries"]] == ["刚*"]
    assert page["totals"]["volunteers"] == 2


def test_a_region_may_ask_for_more_years(now):
    RegistrationPolicyFactory.create(region_id=GUIYANG, region=None, board_min_age=16)
    serve(VolunteerFactory.create(consents=BOARD, birth_date=date(2011, 1, 1)), 30)
    serve(VolunteerFactory.create(consents=BOARD, name="成年"), 20)

    assert board(now)["entries"] == [{"rank": 1, "name": "成*", "minutes": 20}]


def test_the_list_is_filled_past_those_a_region_holds_back(monkeypatch):
    monkeypatch.setattr(hours, "MOST_ENTRIES", 2)
    RegistrationPolicyFactory.create(region_id=GUIYANG, region=None, board_min_age=16)
    for minutes in (90, 80, 70):
        serve(VolunteerFactory.create(consents=BOARD, birth_date=date(2011, 1, 1)), minutes)
    for minutes in (60, 50, 40):
        serve(VolunteerFactory.create(consents=BOARD), minutes)

    listed = hours.entries(prefix="52", period=parse("all"), today=date(2026, 9, 15))

    assert [entry["minutes"] for entry in listed] == [60, 50]


def test_service_in_two_places_is_one_line_above_both(now):
    volunteer = VolunteerFactory.create(consents=BOARD)
    elsewhere = RegionFactory.create(code="520102001002")
    serve(volunteer, 30)
    serve(volunteer, 60, on=date(2026, 9, 13), region=elsewhere)

    seen = {
        region: [entry["minutes"] for entry in board(now, region=region)["entries"]]
        for region in (COMMUNITY, "520102000000", "")
    }

    assert seen == {COMMUNITY: [30], "520102000000": [90], "": [90]}


def test_a_board_leaves_other_regions_out(now):
    serve(VolunteerFactory.create(consents=BOARD), 30)
    RegionFactory.create(code=CHENGDU_JINJIANG)

    assert board(now, region=CHENGDU_JINJIANG)["entries"] == []


def test_a_board_is_of_a_period(now):
    volunteer = VolunteerFactory.create(consents=BOARD)
    serve(volunteer, 30, on=date(2025, 12, 31))
    serve(volunteer, 60, on=date(2026, 1, 1))

    seen = {
        period: board(now, period=period)["totals"]["minutes"]
        for period in ("all", "2025", "2026", "2026-02")
    }

    assert seen == {"all": 90, "2025": 30, "2026": 60, "2026-02": 0}


@pytest.mark.parametrize("item_count", [1, 3])
def test_building_costs_the_same_queries_however_many_volunteers(now, item_count, django_assert_num_queries):
    for _ in range(item_count):
        serve(VolunteerFactory.create(consents=BOARD), 30)

    with django_assert_num_queries(6):
        page = board(now)

    assert len(page["entries"]) == item_count


@pytest.mark.parametrize("item_count", [1, 3])
def test_refreshing_costs_the_same_statements_however_many_records(item_count, django_assert_num_queries):
    records = [serve(VolunteerFactory.create(), 30, refresh=False).pk for _ in range(item_count)]

    with django_assert_num_queries(5):  # three, in a savepoint
        services.refresh_hours(record_ids=records)

    assert HoursTotal.objects.filter(period="all").count() == item_count


@pytest.mark.django_db(transaction=True)
def test_a_volunteer_who_withdraws_is_gone_at_once_without_any_worker(now):
    volunteer = VolunteerFactory.create(consents=BOARD)
    serve(volunteer, 150)
    before = queries.board(board="hours", region=COMMUNITY, at=now)["entries"]

    set_consent(volunteer=volunteer, kind=ConsentKind.HONOR_BOARD, granted=False, at=now)

    assert len(before) == 1
    assert queries.board(board="hours", region=COMMUNITY, at=now)["entries"] == []
