"""My own code and card, and the sheet of cards that staff print."""

import re
from datetime import timedelta
from itertools import pairwise

import pytest
from django.urls import reverse
from django.utils import timezone

from backend.accounts.models import User
from backend.accounts.scopes import Role, actor_for
from tests.factories.accounts import make_staff
from tests.pages.scenes import browser, make_volunteer
from volunteers.models import VolunteerCard
from volunteers.people import passes
from volunteers.people.choices import VolunteerStatus

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff() -> User:
    """Who looks after the volunteers of the city."""
    return make_staff(Role.COMMUNITY_STAFF, "5201")


def test_my_code_shows_no_more_of_me_than_staff_need() -> None:
    volunteer = make_volunteer(name="张晓明")

    html = browser(volunteer.user).get(reverse("pages:my-pass")).content.decode()

    shown = html[html.index("data-pass") : html.index('aria-labelledby="card"')]
    assert "张*明" in shown
    assert "张晓明" not in html
    assert volunteer.number not in shown
    assert 'role="img" aria-label="我的服务码，请工作人员扫，每 30 秒换一次"' in shown


def test_ten_minutes_of_codes_follow_one_another() -> None:
    volunteer = make_volunteer()

    answer = browser(volunteer.user).get(reverse("pages:my-pass-codes")).json()

    codes = answer["codes"]
    assert len(codes) == 20
    assert all(before["until"] == after["from"] for before, after in pairwise(codes))
    assert codes[0]["from"] <= answer["now"] < codes[0]["until"]
    assert len({code["svg"] for code in codes}) == 20


def test_a_lost_card_is_worthless_at_once() -> None:
    volunteer = make_volunteer()
    passes.issue_card(volunteer_id=volunteer.pk, actor=actor_for(volunteer.user), at=timezone.now())
    client = browser(volunteer.user)

    before = client.get(reverse("pages:my-pass")).content.decode()
    after = client.post(reverse("pages:my-card-revoke"), follow=True).content.decode()

    assert 'data-testid="revoke-card"' in before
    assert 'data-testid="revoke-card"' not in after
    assert "已挂失" in after
    assert passes.live_card(volunteer) is None


def test_without_a_card_there_is_nothing_to_revoke() -> None:
    response = browser(make_volunteer().user).post(reverse("pages:my-card-revoke"))

    assert response.status_code == 409


def test_staff_issue_cards_by_number_and_print_them(staff: User) -> None:
    one, other = make_volunteer(name="张晓明"), make_volunteer(name="王五")

    response = browser(staff).post(
        reverse("pages:cards"), {"numbers": f"{one.number}，{other.number}\n{one.number}"}, follow=True
    )

    html = response.content.decode()
    assert response.redirect_chain == [
        (f"{reverse('pages:cards')}?numbers={one.number}%2C{other.number}", 302)
    ]
    assert html.count('data-testid="card"') == 2
    assert "张*明" in html
    assert "张晓明" not in html
    assert VolunteerCard.objects.count() == 2


def test_printing_again_issues_nothing_and_renewing_does(staff: User) -> None:
    volunteer, client = make_volunteer(), browser(staff)
    client.post(reverse("pages:cards"), {"numbers": volunteer.number})

    client.get(reverse("pages:cards"), {"numbers": volunteer.number})
    client.post(reverse("pages:cards"), {"numbers": volunteer.number})
    once = VolunteerCard.objects.count()
    client.post(reverse("pages:cards"), {"numbers": volunteer.number, "renew": "on"})

    live = passes.live_card(volunteer)
    assert (once, live and live.version) == (1, 2)


def test_numbers_that_are_nobodys_are_named_and_get_no_card(staff: User) -> None:
    elsewhere = make_staff(Role.COMMUNITY_STAFF, "5101")
    pending, theirs = make_volunteer(status=VolunteerStatus.PENDING), make_volunteer()

    mine = browser(staff).post(
        reverse("pages:cards"), {"numbers": f"{pending.number} 999999999999"}, follow=True
    )
    others = browser(elsewhere).post(reverse("pages:cards"), {"numbers": theirs.number}, follow=True)

    assert re.findall(r"[0-9]{12}", mine.content.decode().split('data-testid="without"')[1][:600]) == [
        pending.number,
        "999999999999",
    ]
    assert theirs.number in others.content.decode().split('data-testid="without"')[1]
    assert not VolunteerCard.objects.exists()


def test_an_empty_form_says_what_is_missing(staff: User) -> None:
    html = browser(staff).post(reverse("pages:cards"), {"numbers": ""}).content.decode()

    assert 'data-testid="error-numbers"' in html


@pytest.mark.parametrize("role", [Role.SITE_MANAGER, Role.SUPERVISOR])
def test_cards_are_the_community_staffs_matter(role: Role) -> None:
    scope = "5201" if role is Role.SUPERVISOR else 1

    assert browser(make_staff(role, scope)).get(reverse("pages:cards")).status_code == 403


@pytest.mark.parametrize(
    ("role", "scope", "links"), [(Role.COMMUNITY_STAFF, "5201", 1), (Role.SITE_MANAGER, 1, 0)]
)
def test_who_issues_cards_finds_the_way_there(role: Role, scope: object, links: int) -> None:
    html = browser(make_staff(role, scope)).get(reverse("pages:manage")).content.decode()

    assert html.count(reverse("pages:cards")) == links


def test_a_code_lives_half_a_minute() -> None:
    at = timezone.now()

    (only,) = passes.passes(make_volunteer(), at=at)

    assert only.ends_at - only.starts_at == timedelta(seconds=30)
