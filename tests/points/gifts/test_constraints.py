"""The database refuses, whoever asks: every test here goes around the services."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection

from points.gifts.models import Gift, Relative
from points.ledger.models import AccountKind, Entry, LotUse, Transfer, TransferKind
from points.ledger.services import account_of, system_account
from tests.factories.database import refused_by
from tests.factories.gifts import relatives
from tests.factories.ledger import account, give
from tests.factories.volunteers import VolunteerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def zhang(now):
    volunteer = VolunteerFactory()
    give(volunteer, 25, key="award", at=now)
    return volunteer


@pytest.fixture
def daughter():
    return VolunteerFactory()


@contextmanager
def refused(constraint):
    with refused_by(constraint):
        yield
        connection.check_constraints()  # what COMMIT would say


def declare(volunteer, relative, now, **more):
    return Relative.objects.create(
        **{"volunteer": volunteer, "relative": relative, "relation": "child", "declared_at": now, **more}
    )


def gift(volunteer, now, **more):
    return Gift.objects.create(
        **{"volunteer": volunteer, "to": "pool", "points": 5, "token": "t", "at": now, **more}
    )


def raw_gift(now, *legs):
    made = Transfer.objects.create(
        key="raw",
        kind=TransferKind.GIFT,
        at=now,
        business_day=now.date(),
        sentence_zh="手工",
        sentence_en="by hand",
        source_type="gift",
        source_id=1,
    )
    for to, amount in legs:
        Entry.objects.create(transfer=made, account=to, amount=amount)
        if amount < 0 and to.volunteer_id:
            LotUse.objects.create(transfer=made, lot=to.lots.get(), amount=amount)


def test_a_gift_goes_to_the_pool_or_to_a_volunteer(zhang, now):
    with refused("gift_has_two_sides"):
        raw_gift(now, (account(zhang), -5), (system_account(AccountKind.REDEEMED), 5))


def test_a_gift_comes_from_a_volunteer(zhang, now):
    with refused("gift_has_two_sides"):
        raw_gift(
            now, (system_account(AccountKind.ISSUANCE), -5), (system_account(AccountKind.CHARITY_POOL), 5)
        )


def test_a_gift_has_two_sides_and_no_third(zhang, now):
    other = VolunteerFactory()
    give(other, 5, key="other", at=now)
    with refused("gift_has_two_sides"):
        raw_gift(
            now,
            (account(zhang), -5),
            (account(other), -5),
            (system_account(AccountKind.CHARITY_POOL), 10),
        )


def test_a_gift_moves_what_the_pool_gets(zhang, now):
    raw_gift(now, (account(zhang), -5), (system_account(AccountKind.CHARITY_POOL), 5))
    connection.check_constraints()

    assert account_of(zhang).balance == 20


def test_a_gift_to_a_relative_needs_a_confirmed_live_one_of_the_giver(zhang, daughter, now):
    row = declare(zhang, daughter, now)
    with refused("gift_to_confirmed_relative"):
        gift(zhang, now, to="relative", relative=row)

    Relative.objects.update(confirmed_at=now)
    gift(zhang, now, to="relative", relative=row)
    with refused("gift_to_confirmed_relative"):
        gift(daughter, now, to="relative", relative=row)

    Relative.objects.update(ended_at=now)
    with refused("gift_to_confirmed_relative"):
        gift(zhang, now, to="relative", relative=row, token="after")


def test_a_gift_row_is_sound_and_stays(zhang, daughter, now):
    row = relatives(zhang, daughter, at=now)
    gift(zhang, now)

    with refused("gift_token_once"):
        gift(zhang, now)
    with refused("gift_points_positive"):
        gift(zhang, now, points=0, token="u")
    for to, relative in (("pool", row), ("relative", None), ("store", None)):
        with refused("gift_recipient_by_kind"):
            gift(zhang, now, to=to, relative=relative, token="u")
    with refused("gift_append_only"):
        Gift.objects.update(points=6)
    with refused("gift_append_only"):
        Gift.objects.all()._raw_delete("default")


def test_a_declaration_is_sound(zhang, daughter, now):
    declare(zhang, daughter, now)

    with refused("relative_one_live"):
        declare(zhang, VolunteerFactory(), now)
    with refused("relative_is_another"):
        declare(daughter, daughter, now)
    with refused("relative_relation_known"):
        declare(daughter, zhang, now, relation="cousin")
    for moment in ("confirmed_at", "ended_at"):
        with refused("relative_times_in_order"):
            declare(daughter, zhang, now, **{moment: now - timedelta(seconds=1)})


def test_a_declaration_is_not_rewritten(zhang, daughter, now):
    relatives(zhang, daughter, at=now)

    for change in ({"relation": "parent"}, {"relative": VolunteerFactory()}, {"confirmed_at": None}):
        with refused("relative_moves_once"):
            Relative.objects.update(**change)
    Relative.objects.update(ended_at=now)
    with refused("relative_moves_once"):
        Relative.objects.update(ended_at=None)
    with refused("relative_never_removed"):
        Relative.objects.all()._raw_delete("default")
