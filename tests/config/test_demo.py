"""The demo community is made through the services, once, the same every time."""

from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Sum
from django.test import override_settings
from django.utils.timezone import localdate

from backend.accounts.models import User
from backend.accounts.scopes import actor_for
from backend.config.demo.community import open_today, plan_week, seed_community
from backend.config.demo.content import ACTIVITIES, DONORS, PASSWORD, PRODUCTS, SERVICES, SITES
from backend.config.demo.people import STAFF
from backend.regions.services import load_regions
from points.appeals.models import AppealReport
from points.ballots.models import Ballot
from points.giving.intake_models import Intake
from points.models import DayProof, Donor, Entry, Product
from points.relief.models import ReliefIssue
from venues.models import Site
from volunteers.models import Attendance, AuditItem, ServiceRecord, Shift, Signal, Volunteer

pytestmark = pytest.mark.django_db(transaction=True)

VOLUNTEERS = 12
DAYS = 8


def _seed(at: datetime) -> None:
    load_regions()
    seed_community(volunteers=VOLUNTEERS, days=DAYS, seed=7, at=at, progress=str)


def test_the_demo_community_has_places_people_and_a_history(now):
    _seed(now)

    assert Volunteer.objects.count() == VOLUNTEERS
    assert Site.objects.count() == len(SITES)
    assert Product.objects.count() == len(PRODUCTS) + len(SERVICES)
    assert Donor.objects.count() == len(DONORS) + 1, "the demo volunteer gives too"
    assert ServiceRecord.objects.count() > 0
    assert Attendance.objects.filter(status="pending").count() > 0
    assert Signal.objects.filter(kind="same_device").count() > 0
    assert AuditItem.objects.count() > 0
    assert Entry.objects.aggregate(total=Sum("amount"))["total"] == 0
    assert set(Intake.objects.values_list("status", flat=True)) == {"signed", "pledged"}
    assert [report.appeal.status for report in AppealReport.objects.all()] == ["open"]
    assert sorted(ReliefIssue.objects.values_list("redemption__status", flat=True)) == [
        *["collected"] * 3,
        "reserved",
    ]
    assert Ballot.objects.get().entries.count() > 0
    assert DayProof.objects.latest("sequence").day == localdate(now) - timedelta(days=1)

    for account in STAFF:
        user = User.objects.get(username=account.username)
        assert user.check_password(PASSWORD)
        assert actor_for(user).has(account.role)


def test_a_community_always_has_shifts_ahead(now):
    _seed(now)
    staff = actor_for(User.objects.get(username="staff"))
    later = now + timedelta(days=20)

    planned = Shift.objects.filter(starts_at__gt=now, starts_at__lt=now + timedelta(days=8))
    assert {shift.activity.name for shift in planned} == {activity.name for activity in ACTIVITIES}
    assert plan_week(actor=staff, at=now) == []
    opened = open_today(actor=staff, at=later)
    again = open_today(actor=staff, at=later)

    assert len(opened) == len(SITES)
    assert again == []
    assert {shift.activity.site_id for shift in opened} == set(Site.objects.values_list("pk", flat=True))
    assert Shift.objects.filter(starts_at__lte=later, ends_at__gt=later).count() >= len(SITES)


def test_the_command_refuses_outside_demo_mode():
    with override_settings(DEMO=False), pytest.raises(CommandError):
        call_command("seed_demo")


def test_the_accounts_are_printed_only_in_demo_mode(now):
    _seed(now)
    shown, hidden = StringIO(), StringIO()

    call_command("demo_accounts", stdout=shown)
    with override_settings(DEMO=False):
        call_command("demo_accounts", stdout=hidden)

    assert all(account.username in shown.getvalue() for account in STAFF)
    assert hidden.getvalue() == ""
