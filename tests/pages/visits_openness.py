"""Somebody at every page about what the public is owed, with plenty on it."""

from collections.abc import Callable

from django.urls import reverse
from django.utils import timezone

from backend.accounts.scopes import Role
from points.giving.models import Donor
from tests.factories.accounts import UserFactory, make_staff
from tests.factories.openness import DONOR_PHONE, ask_about, open_appeal
from tests.pages.scenes import browser, make_donation, make_shop
from tests.pages.visits_rules import ROWS, Visit


def _question_ask() -> Visit:
    return browser(), reverse("pages:question-ask", args=[make_donation(make_shop()).number])


def _question() -> Visit:
    donation = make_donation(make_shop())
    user = UserFactory.create(phone=DONOR_PHONE)
    Donor.objects.filter(pk=donation.donor_id).update(
        contact=user.phone.open(), contact_index=user.phone_index
    )
    asked = ask_about(donation, user, at=timezone.now(), text="问" * 500)
    return browser(), f"{reverse('pages:questions')}?ticket={asked.ticket}"


def _question_desk() -> Visit:
    _question()
    return browser(make_staff(Role.COMMUNITY_STAFF, "52")), reverse("pages:question-desk")


def _openness() -> Visit:
    shop = make_shop()
    for _ in range(ROWS):
        make_donation(shop)
    return browser(), reverse("pages:openness")


def _appeals() -> Visit:
    for _ in range(ROWS):
        open_appeal(at=timezone.now())
    return browser(), reverse("pages:appeals")


def _appeal() -> Visit:
    return browser(), reverse("pages:appeal", args=[open_appeal(at=timezone.now()).pk])


def _appeal_desk() -> Visit:
    _appeals()
    return browser(make_staff(Role.COMMUNITY_STAFF, "52")), reverse("pages:appeal-desk")


def _appeal_keep() -> Visit:
    address = reverse("pages:appeal-keep", args=[open_appeal(at=timezone.now()).pk])
    return browser(make_staff(Role.COMMUNITY_STAFF, "52")), address


VISITS: dict[str, Callable[[], Visit]] = {
    made.__name__.strip("_"): made
    for made in (
        _openness,
        _question_ask,
        _question,
        _question_desk,
        _appeals,
        _appeal,
        _appeal_desk,
        _appeal_keep,
    )
}
