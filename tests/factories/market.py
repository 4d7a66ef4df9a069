"""Stores, shelves and deliveries; redemptions are made through the services, as the guards demand."""

from datetime import UTC, date, datetime, timedelta

from factory.declarations import LazyAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory

from backend.accounts.models import User
from backend.accounts.scopes import Actor, Role, actor_for
from backend.accounts.services import PHONE_PURPOSE
from backend.core.crypto import blind_index
from points.boards.choices import HonorCategory
from points.boards.models import Honor
from points.giving.choices import DonorKind
from points.giving.models import Donor
from points.giving.rules import phone_in
from points.market import services
from points.market.choices import ProductCategory, ProductKind
from points.market.models import Batch, Product, Store
from points.market.redemption_models import Redemption
from points.market.slot_models import ServiceSlot
from tests.factories.accounts import OrganizationFactory, StaffFactory, make_staff
from tests.factories.ledger import give
from tests.factories.regions import RegionFactory
from tests.factories.volunteers import VolunteerFactory
from volunteers.people.models import Volunteer

DELIVERED_AT = datetime(2026, 9, 1, 2, 0, tzinfo=UTC)


def phone_index(contact: str | None) -> str | None:
    """Return what a donor's file is found by, if the contact is a mobile number."""
    phone = phone_in(contact)
    return None if phone is None else blind_index(phone, purpose=PHONE_PURPOSE)


class StoreFactory(DjangoModelFactory[Store]):
    """A charity supermarket of the default community."""

    class Meta:
        model = Store

    name = Sequence(lambda number: f"慈善超市{number}")
    organization = SubFactory(OrganizationFactory)
    region = SubFactory(RegionFactory)
    address = "新华路 1 号"


class ProductFactory(DjangoModelFactory[Product]):
    """A bag of rice for 10 points, as many as one likes."""

    class Meta:
        model = Product

    store = SubFactory(StoreFactory)
    name = "大米"
    unit = "袋"
    category = ProductCategory.GRAIN_OIL
    points = 10


class DonorFactory(DjangoModelFactory[Donor]):
    """A shop nobody asked yet whether it wants to be named."""

    class Meta:
        model = Donor

    name = "南明便民超市"
    kind = DonorKind.ENTERPRISE
    contact: str | None = None
    contact_index = LazyAttribute(lambda made: phone_index(made.contact))
    region = SubFactory(RegionFactory)
    added_at = DELIVERED_AT


class HonorFactory(DjangoModelFactory[Honor]):
    """A draft about a neighbour who agreed to be praised."""

    class Meta:
        model = Honor

    region = SubFactory(RegionFactory)
    name = "王秀英"
    category = HonorCategory.HELPING
    title = "热心邻居"
    story = "十年如一日照看独居老人。"
    term_start = date(2026, 7, 1)
    term_end = date(2026, 9, 30)
    consent = True
    entered_by = SubFactory(StaffFactory)
    entered_at = DELIVERED_AT


def deliver(
    product: Product, quantity: int = 10, *, expires_on: date | None = None, at: datetime = DELIVERED_AT
) -> Batch:
    """Put a delivery on the shelf."""
    return services.receive_batch(
        product=product, quantity=quantity, expires_on=expires_on, actor=None, at=at
    )


def make_product(quantity: int = 10, *, expires_on: date | None = None, **product: object) -> Product:
    """Make a product with one delivery."""
    made = ProductFactory.create(**product)
    deliver(made, quantity, expires_on=expires_on)
    return made


def make_service(**product: object) -> Product:
    """Make a service, a haircut for 10 points."""
    return ProductFactory.create(**{"kind": ProductKind.SERVICE, "name": "理发", "unit": "次", **product})


def make_slot(
    service: Product, capacity: int = 2, *, starts_at: datetime = DELIVERED_AT + timedelta(days=20)
) -> ServiceSlot:
    """Open an afternoon of a service."""
    return services.open_slot(
        product=service,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=3),
        capacity=capacity,
        actor=None,
        at=DELIVERED_AT,
    )


def book(
    volunteer: Volunteer, slot: ServiceSlot, quantity: int = 1, *, at: datetime = DELIVERED_AT
) -> Redemption:
    """Reserve places in a slot."""
    return services.reserve(
        volunteer=volunteer,
        store_id=slot.product.store_id,
        lines=[services.LineInput(slot.product_id, quantity, slot.pk)],
        at=at,
    )


def make_redeemer(points: int = 100, **volunteer: object) -> Volunteer:
    """Make an active volunteer with points to spend."""
    made = VolunteerFactory.create(**volunteer)
    give(made, points, key=f"test:{made.pk}")
    return made


def reserve(
    volunteer: Volunteer, product: Product, quantity: int = 1, *, at: datetime = DELIVERED_AT
) -> Redemption:
    """Reserve one kind of goods."""
    return services.reserve(
        volunteer=volunteer,
        store_id=product.store_id,
        lines=[services.LineInput(product.pk, quantity)],
        at=at,
    )


def make_clerk(store: Store) -> User:
    """Make a clerk of the store."""
    return make_staff(Role.STORE_CLERK, store.pk)


def clerk_of(store: Store) -> Actor:
    """Make the actor of a clerk of the store."""
    return actor_for(make_clerk(store))
