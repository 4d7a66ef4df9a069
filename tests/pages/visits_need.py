"""Somebody at every page about households, those in need, and ballots, with plenty on it."""

from collections.abc import Callable
from datetime import timedelta

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from backend.accounts.scopes import Role, actor_for
from points.ballots import services as ballots
from tests.factories.accounts import make_staff
from tests.factories.market import make_product
from tests.factories.regions import COMMUNITY
from tests.factories.relief import give_out, make_ballot, make_case, name_keeper
from tests.factories.volunteers import make_household
from tests.pages.scenes import browser, make_shop, make_volunteer
from volunteers.people.households import ask_correction

ROWS = 20

Visit = tuple[Client, str]


def _households() -> Visit:
    for _ in range(ROWS):
        volunteer = make_volunteer()
        make_household(volunteer, region=volunteer.region)
        ask_correction(volunteer=volunteer, reason="不是我家", at=timezone.now())
    return browser(make_staff(Role.COMMUNITY_STAFF, "5201")), reverse("pages:households")


def _household() -> Visit:
    family = [make_volunteer() for _ in range(ROWS)]
    home = make_household(*family, region=family[0].region)
    return browser(make_staff(Role.COMMUNITY_STAFF, "5201")), reverse("pages:household", args=[home.pk])


def _my_household() -> Visit:
    volunteer = make_volunteer()
    make_household(volunteer, region=volunteer.region)
    return browser(volunteer.user), reverse("pages:my-household")


def _relief() -> Visit:
    user = make_staff(Role.COMMUNITY_STAFF, COMMUNITY)
    name_keeper(user)
    at = timezone.now()
    for _ in range(ROWS):
        make_case(actor_for(user), review_on=timezone.localdate() + timedelta(days=9), at=at)
    return browser(user), reverse("pages:relief")


def _relief_case() -> Visit:
    user = make_staff(Role.COMMUNITY_STAFF, COMMUNITY)
    name_keeper(user)
    keeper, at = actor_for(user), timezone.now()
    rice = make_product(50)
    for number in range(ROWS):
        make_product(store=rice.store, name=f"面粉{number}")
    case = make_case(keeper, review_on=timezone.localdate() + timedelta(days=9), at=at)
    for _ in range(5):
        give_out(case, rice, keeper=keeper, at=at)
    return browser(user), reverse("pages:relief-case", args=[case.pk])


def _relief_keepers() -> Visit:
    for _ in range(ROWS):
        name_keeper(make_staff(Role.COMMUNITY_STAFF, COMMUNITY))
    return browser(make_staff(Role.COMMUNITY_STAFF, "5201")), reverse("pages:relief-keepers")


def _relief_shares() -> Visit:
    shop = make_shop()
    for number in range(ROWS):
        make_product(store=shop.store, name=f"面粉{number}")
    return browser(shop.clerk), reverse("pages:relief-shares")


def _relief_totals() -> Visit:
    return browser(), reverse("pages:relief-totals")


def _many_tickets() -> int:
    at = timezone.now()
    ballot = make_ballot(make_product(), at=at)
    for _ in range(ROWS):
        ballots.enter(ballot_id=ballot.pk, volunteer=make_volunteer(), at=at)
    return ballot.pk


def _ballots() -> Visit:
    _many_tickets()
    return browser(), reverse("pages:ballots")


def _ballot() -> Visit:
    return browser(), reverse("pages:ballot", args=[_many_tickets()])


def _my_ballots() -> Visit:
    _many_tickets()
    return browser(make_volunteer().user), reverse("pages:my-ballots")


def _keep_ballots() -> Visit:
    _many_tickets()
    return browser(make_staff(Role.COMMUNITY_STAFF, "5201")), reverse("pages:keep-ballots")


VISITS: dict[str, Callable[[], Visit]] = {
    made.__name__.strip("_"): made
    for made in (
        _households,
        _household,
        _my_household,
        _relief,
        _relief_case,
        _relief_keepers,
        _relief_shares,
        _relief_totals,
        _ballots,
        _ballot,
        _my_ballots,
        _keep_ballots,
    )
}
