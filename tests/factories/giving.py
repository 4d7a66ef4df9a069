"""Donated goods at each step of their way, made through the services, as the guards demand."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from backend.accounts.models import User
from backend.accounts.scopes import Actor
from points.giving import contact_requests, intakes, signing
from points.giving.contact_models import ContactRequest
from points.giving.intake_models import Intake
from points.giving.models import Donor
from points.market.models import Product, Store
from tests.factories.accounts import UserFactory
from tests.factories.market import DELIVERED_AT, DonorFactory, ProductFactory, clerk_of

STROKES = "M10 40L14 30L20 22L28 40L36 18L44 41L60 39"
HAND = signing.Hand(name="陈店长", drawing=STROKES)


@dataclass(frozen=True)
class Door:
    """A store's door: a product, its clerk, a donor."""

    rice: Product
    clerk: Actor
    donor: Donor

    @property
    def store(self) -> Store:
        return self.rice.store


def make_door(**donor: Any) -> Door:
    """Make a store with a clerk and a donor who has no account."""
    rice = ProductFactory.create()
    return Door(rice, clerk_of(rice.store), DonorFactory.create(**donor))


def make_owner(donor: Donor, user: User | None = None) -> User:
    """Give the donor's file to an account with the file's phone."""
    owner: User = user or UserFactory()
    Donor.objects.filter(pk=donor.pk).update(
        contact=owner.phone.open(), contact_index=owner.phone_index, user=owner
    )
    donor.refresh_from_db()
    return owner


def asked_contact(
    donor: Donor, actor: Actor, *, contact: str = "13900008888", at: datetime = DELIVERED_AT
) -> ContactRequest:
    """Ask for another phone of a donor who has one."""
    return contact_requests.ask_contact(donor=donor, contact=contact, reason="换了号码", actor=actor, at=at)


def promised(door: Door, *, at: datetime = DELIVERED_AT, quantity: int = 10, **fields: Any) -> Intake:
    """Promise rice."""
    values: dict[str, Any] = {"actor": door.clerk, "donor": door.donor, "store": door.store}
    offers = [intakes.Offer(quantity, product_id=door.rice.pk)]
    return intakes.pledge(**(values | {"offers": offers} | fields), at=at)


def arrived(door: Door, *, at: datetime = DELIVERED_AT, counted: int = 9, **fields: Any) -> Intake:
    """Bring it, a bag fewer than promised."""
    intake = promised(door, at=at, **fields)
    lines = dict.fromkeys(intake.lines.values_list("pk", flat=True), counted)
    return intakes.receive(intake_id=intake.pk, counted=lines, actor=door.clerk, at=at)


def sound(accepted: int, **fields: Any) -> intakes.Finding:
    """A finding about goods that are in order."""
    checks = {"packaging_intact": True, "labelled": True, "within_shelf_life": True, "hygienic": True}
    return intakes.Finding(**({"accepted": accepted} | checks | fields))


def inspected(
    door: Door, *, at: datetime = DELIVERED_AT, finding: intakes.Finding | None = None, **fields: Any
) -> Intake:
    """Look at it: eight of nine bags are good until next summer."""
    intake = arrived(door, at=at, **fields)
    found = finding or sound(8, reason="一袋破损", expires_on=date(at.year + 1, 6, 30))
    findings = dict.fromkeys(intake.lines.values_list("pk", flat=True), found)
    return intakes.inspect(intake_id=intake.pk, findings=findings, actor=door.clerk, at=at)


def signed(door: Door, *, at: datetime = DELIVERED_AT, **fields: Any) -> Intake:
    """Sign it on the clerk's device."""
    intake = inspected(door, at=at, **fields)
    return signing.sign_as_handler(intake_id=intake.pk, actor=door.clerk, at=at, hand=HAND)
