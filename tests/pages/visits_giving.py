"""Somebody at every page about donated goods, with plenty on it."""

from collections.abc import Callable

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from backend.accounts.models import User
from backend.accounts.scopes import Role
from points.giving.intake_models import Receipt
from tests.factories.accounts import make_staff
from tests.factories.giving import (
    Door,
    arrived,
    asked_contact,
    inspected,
    make_door,
    make_owner,
    promised,
    signed,
)
from tests.factories.market import DonorFactory, clerk_of
from tests.pages.scenes import browser

ROWS = 20
Visit = tuple[Client, str]


def _clerk(door: Door) -> Client:
    return browser(User.objects.get(pk=door.clerk.user_id))


def _giving() -> Visit:
    door = make_door()
    for _ in range(ROWS):
        promised(door, at=timezone.now())
    return _clerk(door), reverse("pages:giving")


def _giving_donors() -> Visit:
    door = make_door()
    for _ in range(ROWS):
        DonorFactory()
    return _clerk(door), reverse("pages:giving-donors")


def _giving_donor() -> Visit:
    door = make_door(contact="13800001234")
    asked_contact(door.donor, clerk_of(door.store))
    return _clerk(door), reverse("pages:giving-donor", args=[door.donor.pk])


def _giving_money() -> Visit:
    door = make_door()
    staff = make_staff(Role.COMMUNITY_STAFF, door.store.region_id)
    return browser(staff), f"{reverse('pages:giving-money')}?donor={door.donor.pk}"


def _giving_pledge() -> Visit:
    door = make_door()
    return _clerk(door), f"{reverse('pages:giving-pledge')}?donor={door.donor.pk}"


def _giving_inspect() -> Visit:
    door = make_door()
    return _clerk(door), reverse("pages:giving-intake", args=[arrived(door, at=timezone.now()).pk])


def _giving_sign() -> Visit:
    door = make_door()
    return _clerk(door), reverse("pages:giving-intake", args=[inspected(door, at=timezone.now()).pk])


def _my_giving() -> Visit:
    door = make_door()
    owner = make_owner(door.donor)
    asked_contact(door.donor, door.clerk)
    for _ in range(ROWS):
        signed(door, at=timezone.now())
    return browser(owner), reverse("pages:my-giving")


def _my_pledge() -> Visit:
    return browser(make_owner(make_door().donor)), reverse("pages:my-pledge")


def _my_intake() -> Visit:
    door = make_door()
    owner = make_owner(door.donor)
    return browser(owner), reverse("pages:my-intake", args=[signed(door, at=timezone.now()).pk])


def _receipt() -> Visit:
    signed(make_door(), at=timezone.now())
    return browser(), reverse("pages:receipt", args=[Receipt.objects.get().number])


def _receipt_sheet() -> Visit:
    door = make_door()
    signed(door, at=timezone.now())
    return _clerk(door), reverse("pages:receipt-sheet", args=[Receipt.objects.get().number])


VISITS: dict[str, Callable[[], Visit]] = {
    made.__name__.strip("_"): made
    for made in (
        _giving,
        _giving_donors,
        _giving_donor,
        _giving_money,
        _giving_pledge,
        _giving_inspect,
        _giving_sign,
        _my_giving,
        _my_pledge,
        _my_intake,
        _receipt,
        _receipt_sheet,
    )
}
