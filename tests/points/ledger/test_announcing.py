"""Warnings before points expire."""

from datetime import timedelta

import pytest

from points.ledger.announcing import open_warnings, warn_of_expiry
from points.ledger.models import ExpiryWarning
from tests.accounts.carriers import KeepingSms
from tests.factories.database import refused_by
from tests.factories.ledger import give, hold
from tests.factories.volunteers import VolunteerFactory

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def sent(settings):
    settings.SMS_BACKEND = "tests.accounts.carriers.KeepingSms"
    KeepingSms.sent.clear()
    yield KeepingSms.sent
    KeepingSms.sent.clear()


@pytest.fixture
def zhang():
    return VolunteerFactory()


def told():
    return list(ExpiryWarning.objects.order_by("pk").values_list("stage", "points"))


def test_points_are_announced_thirty_days_and_seven_days_ahead(zhang, now, sent):
    give(zhang, 25, key="a", at=now, expires_at=now + 40 * DAY)

    warned = [warn_of_expiry(at=now + days * DAY) for days in (0, 9, 10, 11, 32, 33, 34, 39)]

    assert warned == [0, 0, 1, 0, 0, 1, 0, 0]
    assert told() == [(30, 25), (7, 25)]
    assert len(sent) == 2


def test_lots_of_one_expiry_are_announced_together_and_others_apart(zhang, now, sent):
    give(zhang, 25, key="a", at=now, expires_at=now + 20 * DAY)
    give(zhang, 10, key="b", at=now, expires_at=now + 20 * DAY)
    give(zhang, 5, key="c", at=now, expires_at=now + 21 * DAY)

    warn_of_expiry(at=now)

    assert told() == [(30, 35), (30, 5)]


def test_a_late_first_run_says_the_urgent_one_only(zhang, now, sent):
    give(zhang, 25, key="a", at=now, expires_at=now + 5 * DAY)

    warn_of_expiry(at=now)

    assert told() == [(7, 25)]


def test_nothing_is_said_of_points_that_are_spent_or_gone(zhang, now, sent):
    give(zhang, 25, key="a", at=now, expires_at=now + 5 * DAY)
    hold(zhang, 25, key="hold", at=now)

    assert warn_of_expiry(at=now) == 0
    assert warn_of_expiry(at=now + 6 * DAY) == 0


def test_many_people_are_warned_in_batches(now, sent, monkeypatch):
    monkeypatch.setattr("points.ledger.announcing._BATCH", 2)
    for number in range(5):
        give(VolunteerFactory(), 25, key=f"{number}", at=now, expires_at=now + 5 * DAY)

    assert warn_of_expiry(at=now) == 5
    assert len(sent) == 5


def test_a_carrier_that_is_away_stops_nobody(zhang, now, settings):
    settings.SMS_BACKEND = "tests.accounts.carriers.UnreachableSms"
    give(zhang, 25, key="a", at=now, expires_at=now + 5 * DAY)

    assert warn_of_expiry(at=now) == 1
    assert told() == [(7, 25)]


def test_the_page_is_told_what_is_left_now_and_the_nearest_stage(zhang, now, sent):
    give(zhang, 25, key="a", at=now, expires_at=now + 20 * DAY)
    warn_of_expiry(at=now)
    warn_of_expiry(at=now + 14 * DAY)
    hold(zhang, 5, key="hold", at=now)

    shown = open_warnings(zhang, at=now + 14 * DAY)

    assert [(row.stage, row.points) for row in shown] == [(7, 20)]
    assert open_warnings(zhang, at=now + 20 * DAY) == []


def test_the_database_keeps_a_warning_once_and_for_good(zhang, now, sent):
    give(zhang, 25, key="a", at=now, expires_at=now + 5 * DAY)
    warn_of_expiry(at=now)
    row = ExpiryWarning.objects.get()
    same = {"account_id": row.account_id, "expires_at": row.expires_at, "warned_at": now, "points": 25}

    with refused_by("expiry_warning_once"):
        ExpiryWarning.objects.create(**same, stage=7)
    with refused_by("expiry_warning_stage_known"):
        ExpiryWarning.objects.create(**same, stage=8)
    with refused_by("expiry_warning_about_points"):
        ExpiryWarning.objects.create(**{**same, "points": 0}, stage=30)
    with refused_by("expiry_warning_in_time"):
        ExpiryWarning.objects.create(**{**same, "warned_at": row.expires_at}, stage=30)
    with refused_by("expiry_warning_append_only"):
        ExpiryWarning.objects.update(points=1)
