"""The public books, and how a volunteer finds themselves in them."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from points.proof.models import DayProof
from points.proof.statement import salt_of
from tests.factories.ledger import give
from tests.factories.proof import FIRST, THIRD, three_days
from tests.pages.scenes import browser, make_volunteer

pytestmark = pytest.mark.django_db


def figure(html, name):
    return re.search(rf'data-testid="{name}">([^<]*)<', html)[1]


def test_the_books_say_what_was_issued_and_used_and_show_the_chain():
    three_days()

    html = browser().get(reverse("pages:proof")).content.decode()

    assert [figure(html, name) for name in ("issued", "redeemed", "expired", "outstanding")] == [
        "35",
        "20",
        "0",
        "15",
    ]
    assert html.count('data-testid="day"') == 3
    assert html.index(THIRD.isoformat() + "</span>") < html.index(FIRST.isoformat() + "</span>")
    assert all(head in html for head in DayProof.objects.values_list("head", flat=True))
    assert reverse("proof-day-export", args=[FIRST]) in html


def test_the_books_name_nobody():
    volunteer = three_days()

    html = browser().get(reverse("pages:proof")).content.decode()

    assert volunteer.number not in html
    assert "张" not in html


def test_before_the_first_day_is_over_the_page_says_when_it_will_be():
    html = browser().get(reverse("pages:proof")).content.decode()

    assert 'data-testid="empty"' in html
    assert 'data-testid="totals"' not in html


def test_old_days_are_on_further_pages():
    three_days()

    assert browser().get(reverse("pages:proof"), {"page": "x"}).status_code == 200


def test_a_volunteer_sees_their_code_and_which_lines_are_closed():
    volunteer = three_days()
    give(volunteer, 7, key="today", at=timezone.now() + timedelta(days=1))

    html = browser(volunteer.user).get(reverse("pages:my-proof")).content.decode()

    assert figure(html, "salt") == salt_of(volunteer)
    assert html.count('data-testid="line"') == 5
    assert html.count("尚未结账") == 1
    assert html.count("已结账 2026-01-0") == 4


def test_nobody_sees_another_ones_code():
    volunteer, other = three_days(), make_volunteer()

    html = browser(other.user).get(reverse("pages:my-proof")).content.decode()

    assert salt_of(volunteer) not in html
    assert 'data-testid="no-salt"' in html


def test_the_page_with_the_code_is_kept_by_nobody():
    answer = browser(three_days().user).get(reverse("pages:my-proof"))

    assert "no-store" in answer.headers["Cache-Control"]


def test_my_points_lead_to_their_proof():
    html = browser(three_days().user).get(reverse("pages:points")).content.decode()

    assert reverse("pages:my-proof") in html
