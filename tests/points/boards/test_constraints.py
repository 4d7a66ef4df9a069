"""Every guard of the boards tables, reached around the Python."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from points.boards.models import Honor, HoursTotal
from tests.factories.accounts import StaffFactory
from tests.factories.database import guards_of, refused_by
from tests.factories.market import HonorFactory
from tests.factories.volunteers import VolunteerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def honor():
    return HonorFactory.create()


def publish(honor, now, **fields: Any):
    values = {"status": "published", "published_by": StaffFactory.create(), "published_at": now}
    return Honor.objects.filter(pk=honor.pk).update(**(values | fields))


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("honor_name_plain", {"name": ""}),
        ("honor_name_plain", {"name": "<b>王</b>"}),
        ("honor_title_plain", {"title": "热心\n邻居"}),
        ("honor_category_known", {"category": "rich"}),
        ("honor_term_forward", {"term_end": date(2026, 6, 30)}),
    ],
)
def test_an_honour_is_sound(honor, constraint, fields):
    with refused_by(constraint):
        Honor.objects.filter(pk=honor.pk).update(**fields)


def test_honor_begins_as_draft(now):
    with refused_by("honor_begins_as_draft"):
        HonorFactory.create(status="published", published_by=StaffFactory.create(), published_at=now)


def test_honor_status_known(honor):
    with refused_by("honor_status_moves"):
        Honor.objects.filter(pk=honor.pk).update(status="famous")


def test_honor_published_with_consent(honor, now):
    with refused_by("honor_published_with_consent"):
        publish(honor, now, consent=False)
    with refused_by("honor_published_with_consent"):
        publish(honor, now, published_at=None)
    with refused_by("honor_published_with_consent"):
        publish(honor, now, published_by=None)


def test_consent_cannot_be_withdrawn_and_the_honour_stay(honor, now):
    publish(honor, now)

    with refused_by("honor_published_with_consent"):
        Honor.objects.filter(pk=honor.pk).update(consent=False)


def test_honor_maker_not_checker(honor, now):
    with refused_by("honor_maker_not_checker"):
        publish(honor, now, published_by=honor.entered_by)


def test_honor_revoked_explained(honor, now):
    with refused_by("honor_revoked_explained"):
        Honor.objects.filter(pk=honor.pk).update(status="revoked", revoked_at=now)


@pytest.mark.parametrize("status", ["draft", "published"])
def test_honor_status_moves(honor, now, status):
    Honor.objects.filter(pk=honor.pk).update(status="revoked", revoked_at=now, revoke_reason="有误")

    with refused_by("honor_status_moves"):
        publish(honor, now, status=status)


@pytest.mark.parametrize("fields", [{"name": "赵六"}, {"story": "另一个故事"}, {"entered_by": None}])
def test_honor_published_stays(honor, now, fields):
    publish(honor, now)
    values = {"entered_by": StaffFactory.create()} if "entered_by" in fields else fields

    with refused_by("honor_published_stays"):
        Honor.objects.filter(pk=honor.pk).update(**values)


def total(**fields: Any):
    values = {"period": "all", "region_code": "520102001001", "minutes": 1}
    return HoursTotal.objects.create(**({"volunteer": VolunteerFactory.create()} | values | fields))


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("hours_total_period_form", {"period": "2026-13"}),
        ("hours_total_period_form", {"period": ""}),
        ("hours_total_region_form", {"region_code": "52"}),
        ("hours_total_not_negative", {"minutes": -1}),
    ],
)
def test_a_total_is_sound(constraint, fields):
    with refused_by(constraint):
        total(**fields)


def test_hours_total_once():
    first = total()

    with refused_by("hours_total_once"):
        total(volunteer=first.volunteer)


def test_every_guard_of_the_boards_is_tested_here():
    text = Path(__file__).read_text(encoding="utf-8")

    assert {name for name in guards_of(Honor, HoursTotal) if name not in text} == set()
