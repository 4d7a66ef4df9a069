"""Two gifts at once: the limits hold because the declaration and the accounts are locked first."""

from datetime import timedelta

import pytest

from points.gifts import services
from points.gifts.errors import GiftOverMonthlyLimit
from points.gifts.models import Gift
from tests.concurrency.rivals import Meeting, race
from tests.factories.gifts import gift_rules, relatives
from tests.factories.ledger import account, give
from tests.factories.volunteers import VolunteerFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def zhang(now):
    volunteer, daughter = VolunteerFactory(), VolunteerFactory()
    gift_rules({"relative": {"monthly_points": 20}})
    relatives(volunteer, daughter)
    for person in (volunteer, daughter):
        give(person, 60, key=f"award {person.pk}", at=now, expires_at=now + timedelta(days=99))
    return volunteer


def present(volunteer, number, now):
    return services.give(volunteer=volunteer, to="relative", points=15, token=f"{number}", at=now)


def test_without_locks_two_gifts_both_fit_the_month(zhang, now):
    meeting = Meeting(2, ["SUM", '"points_gift"'])

    def unguarded(number):
        with meeting.unguarded():
            return present(zhang, number, now)

    race(lambda: unguarded(1), lambda: unguarded(2))

    assert Gift.objects.count() == 2  # 30 of 20


def test_of_two_gifts_the_second_is_told_what_is_left(zhang, now):
    results = race(lambda: present(zhang, 1, now), lambda: present(zhang, 2, now))

    assert sorted(type(result).__name__ for result in results) == ["Gift", "GiftOverMonthlyLimit"]
    refusal = next(result for result in results if isinstance(result, GiftOverMonthlyLimit))
    assert refusal.data == {"limit": 20, "left": 5}
    assert account(zhang).balance == 45


def test_one_form_sent_from_many_sides_is_one_gift(zhang, now):
    results = race(*[lambda: present(zhang, 1, now)] * 4)

    assert len({result.pk for result in results}) == 1
    assert account(zhang).balance == 45


def test_two_relatives_who_give_to_each_other_do_not_wait_in_a_circle(zhang, now):
    daughter = zhang.relatives.get().relative
    relatives(daughter, zhang)

    results = race(lambda: present(zhang, 1, now), lambda: present(daughter, 2, now))

    assert [type(result).__name__ for result in results] == ["Gift", "Gift"]
    assert (account(zhang).balance, account(daughter).balance) == (60, 60)
