"""Every line can be asked why; the statement can be filtered and taken away."""

import csv
from datetime import timedelta
from io import BytesIO, StringIO

import pytest
from django.db import connection
from django.utils import timezone
from openpyxl import load_workbook

from backend.accounts.scopes import Actor
from points.gifts import services as gifts
from points.ledger.models import Entry, TransferKind
from points.market import services as market
from points.scoring.services import award_records, reverse_records
from points.statements import export
from points.statements.queries import explanation_of
from tests.factories.ledger import capture, default_rules, give, hold, refund, serve, take_back
from tests.factories.market import make_product, reserve
from tests.factories.volunteers import VolunteerFactory

pytestmark = pytest.mark.django_db

ENTRIES = "/api/v1/points/entries/"


@pytest.fixture
def zhang():
    return VolunteerFactory()


@pytest.fixture
def record(zhang, now):
    default_rules()
    made = serve(150, volunteer=zhang)
    award_records(record_ids=[made.pk], at=now)
    return made


def line(volunteer, kind):
    return Entry.objects.get(account__volunteer=volunteer, transfer__kind=kind)


def test_an_award_leads_to_its_record_rules_and_reckoning(zhang, record):
    why = explanation_of(zhang, line(zhang, "award").pk)

    assert sum(step.points for step in why.steps) == why.entry.amount == 25
    assert (why.record, why.minutes_counted) == (record, 150)
    assert why.rules_from is not None
    assert [portion.points for portion in why.portions] == [25]


def test_a_reversal_and_what_it_reversed_lead_to_each_other(zhang, record, now):
    take_back(record)
    reverse_records(record_ids=[record.pk], at=now)
    award, taken = line(zhang, "award"), line(zhang, "reversal")

    assert explanation_of(zhang, award.pk).undone_by == taken
    assert explanation_of(zhang, taken.pk).undoes == award


def test_a_redemption_leads_to_its_goods_and_back(zhang, record, now):
    redemption = reserve(zhang, make_product(), at=now)
    held = line(zhang, "hold")
    assert explanation_of(zhang, held.pk).redemption_id == redemption.pk

    market.cancel(redemption_id=redemption.pk, actor=Actor(user_id=zhang.user_id), at=now)

    back = line(zhang, "release")
    assert explanation_of(zhang, held.pk).undone_by == back
    assert explanation_of(zhang, back.pk).undoes == held


def test_goods_brought_back_answer_the_line_that_paid_for_them(zhang, now):
    give(zhang, 60, key="award", at=now)
    captured = capture(hold(zhang, 44, key="hold", at=now), key="capture", at=now)
    refund(captured, key="refund", at=now)

    assert explanation_of(zhang, line(zhang, "hold").pk).undone_by == line(zhang, "refund")


def test_a_gift_says_from_which_expiry_it_came(zhang, record, now):
    gifts.give(volunteer=zhang, to="pool", points=5, token="t", at=now)

    (portion,) = explanation_of(zhang, line(zhang, "gift").pk).portions

    assert portion.points == -5


def test_a_line_of_somebody_else_is_not_there(zhang, record):
    assert explanation_of(VolunteerFactory(), line(zhang, "award").pk) is None


def test_a_line_is_explained_over_the_api(api, zhang, record):
    key = line(zhang, "award").pk

    body = api(zhang.user).get(f"{ENTRIES}{key}/").json()

    assert body["entry"]["points"] == 25
    assert sum(step["points"] for step in body["steps"]) == 25
    assert (body["record"], body["redemption"], body["undone_by"]) == (record.pk, None, None)
    assert api(VolunteerFactory().user).get(f"{ENTRIES}{key}/").status_code == 404


def test_a_statement_is_filtered_by_kind_and_days(api, zhang, now):
    give(zhang, 60, key="award", at=now)
    hold(zhang, 5, key="hold", at=now + timedelta(days=1))
    first, second = now.date(), now.date() + timedelta(days=1)

    def lines(**wanted):
        return [row["points"] for row in api(zhang.user).get(ENTRIES, wanted).json()["results"]]

    assert lines(kind="hold") == [-5]
    assert lines(**{"from": second}) == [-5]
    assert lines(to=first) == [60]
    assert lines(**{"from": first, "to": second}) == [-5, 60]
    assert lines(kind="gift") == []


@pytest.mark.parametrize("wrong", [{"kind": "present"}, {"from": "yesterday"}, {"to": "2026-13-01"}])
@pytest.mark.parametrize("address", [ENTRIES, f"{ENTRIES}export.csv", f"{ENTRIES}export.xlsx"])
def test_filters_that_make_no_sense_are_refused(api, zhang, address, wrong):
    assert api(zhang.user).get(address, wrong).status_code == 400


def body_of(answer):
    return b"".join(answer.streaming_content)


def test_the_csv_opens_in_a_spreadsheet_and_holds_every_line(api, zhang, now):
    give(zhang, 60, key="award", at=now)
    hold(zhang, 5, key="hold", at=now)

    answer = api(zhang.user).get(f"{ENTRIES}export.csv", HTTP_ACCEPT="text/csv")

    text = body_of(answer).decode()
    assert text.startswith("\ufeff")
    head, *rows = csv.reader(StringIO(text.removeprefix("\ufeff")))
    assert head[0] == "日期"
    assert [(row[3], row[4]) for row in rows] == [("-5", "预约兑换 大米"), ("60", "award，计 60 积分。")]
    assert "attachment" in answer["Content-Disposition"]
    assert zhang.name not in answer["Content-Disposition"]


def test_the_xlsx_holds_the_same(api, zhang, now):
    give(zhang, 60, key="award", at=now)

    answer = api(zhang.user).get(f"{ENTRIES}export.xlsx")

    sheet = load_workbook(BytesIO(body_of(answer))).active
    assert [row[3] for row in sheet.iter_rows(values_only=True)] == ["积分", 60]


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_words_that_look_like_formulas_stay_words(zhang, now, name):
    give(zhang, 60, key=name, at=now)

    (_, row) = export.rows(zhang, export.Chosen())

    assert row[4].startswith(f"'{name}")
    sheet = load_workbook(export.as_xlsx(zhang, export.Chosen())).active
    assert sheet["E2"].data_type == "s"


def test_a_long_statement_is_read_in_pieces(zhang, now, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(export, "_CHUNK", 2)
    for number in range(5):
        give(zhang, 1, key=f"{number}", at=now)
    connection.check_constraints()

    with django_assert_num_queries(4):  # two, two, one, none
        rows = list(export.rows(zhang, export.Chosen()))

    assert [row[-1] for row in rows[1:]] == ["4", "3", "2", "1", "0"]


def test_every_kind_of_movement_can_be_asked_for(api, zhang):
    give(zhang, 60, key="award", at=timezone.now())

    statuses = {api(zhang.user).get(ENTRIES, {"kind": kind}).status_code for kind in TransferKind.values}

    assert statuses == {200}
