"""Somebody at every page of shelf and counter."""

from collections.abc import Callable
from datetime import timedelta

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.factories.market import make_service, make_slot
from tests.pages.scenes import (
    browser,
    make_redemption,
    make_return,
    make_shop,
    make_volunteer,
)
from tests.pages.visits_rules import ROWS, Visit


def _stores() -> Visit:
    make_shop()
    return browser(make_volunteer().user), reverse("pages:shelf")


def _shelf() -> Visit:
    shop = make_shop(products=ROWS)
    return browser(make_volunteer().user), reverse("pages:shelf-store", args=[shop.store.pk])


def _long_shelf() -> Visit:
    shop = make_shop(products=30)
    service = make_service(store=shop.store)
    make_slot(service, starts_at=timezone.now() + timedelta(days=1))
    return browser(make_volunteer().user), reverse("pages:shelf-store", args=[shop.store.pk])


def _store_slots() -> Visit:
    shop = make_shop()
    make_slot(make_service(store=shop.store), starts_at=timezone.now() + timedelta(days=1))
    return browser(shop.clerk), reverse("pages:store-slots", args=[shop.store.pk])


def _redemptions() -> Visit:
    volunteer = make_volunteer()
    make_redemption(volunteer, make_shop())
    return browser(volunteer.user), reverse("pages:redemptions")


def _redemption() -> Visit:
    volunteer = make_volunteer()
    return browser(volunteer.user), reverse(
        "pages:redemption", args=[make_redemption(volunteer, make_shop()).pk]
    )


def _counter() -> Visit:
    return _busy_shop(), reverse("pages:counter")


def _counter_offline() -> Visit:
    return browser(make_shop().clerk), reverse("pages:counter-offline")


def _returns() -> Visit:
    return _busy_shop(), reverse("pages:returns")


def _busy_shop() -> Client:
    """At a counter where much waits and something was brought back."""
    shop = make_shop(quantity=100)
    for _ in range(ROWS):
        make_redemption(make_volunteer(), shop)
    make_return(shop)
    return browser(shop.clerk)


VISITS: dict[str, Callable[[], Visit]] = {
    visit.__name__.strip("_"): visit
    for visit in (
        _stores,
        _shelf,
        _long_shelf,
        _store_slots,
        _redemptions,
        _redemption,
        _counter,
        _counter_offline,
        _returns,
    )
}
