"""The places of the demo community: organizations, sites, activities, the store and its donors."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.utils.timezone import localdate, localtime

from backend.accounts.models import Organization
from backend.accounts.scopes import Actor
from backend.accounts.services import add_organization
from backend.config.demo import content
from backend.config.demo.identities import credit_code
from backend.regions.queries import get_region
from points.giving.services import GoodsLine, add_donor, receive_goods, record_money
from points.market.choices import LimitPeriod, ProductCategory, ProductKind
from points.market.models import Product, Store
from points.market.slots import open_slot
from points.market.stock import create_product, create_store, receive_batch, set_policy
from venues.sites.models import Site
from venues.sites.services import create_site
from volunteers.activities.models import Activity
from volunteers.activities.services import create_activity, create_programme

_NEAR_EXPIRY_DAYS = 30


@dataclass
class Places:
    """What was built."""

    store: Store
    organizations: list[Organization] = field(default_factory=list)
    sites: list[Site] = field(default_factory=list)
    activities: list[Activity] = field(default_factory=list)
    products: list[Product] = field(default_factory=list)


def build_places(*, actor: Actor, at: datetime) -> Places:
    """Create organizations, sites, one programme per organization with its activities, and the store."""
    organizations = [
        add_organization(
            name=wanted.name,
            kind=wanted.kind,
            region_code=content.TOWNSHIP,
            credit_code=credit_code(authority=wanted.authority, region="520102", serial=wanted.serial),
            contact_name=wanted.contact,
            competent_department="civil_affairs",
            actor=actor,
            at=at,
        )
        for wanted in content.ORGANIZATIONS
    ]
    places = Places(store=_store(organizations[2], actor=actor, at=at), organizations=organizations)
    for site in content.SITES:
        places.sites.append(_site(site, places, actor=actor, at=at))
    _activities(places, actor=actor, at=at)
    _stock(places, actor=actor, at=at)
    return places


def _site(wanted: content.DemoSite, places: Places, *, actor: Actor, at: datetime) -> Site:
    return create_site(
        name=wanted.name,
        host_type=wanted.host_type,
        organization=places.organizations[wanted.organization],
        region_code=content.COMMUNITIES[wanted.community],
        address=wanted.address,
        latitude=wanted.latitude,
        longitude=wanted.longitude,
        actor=actor,
        at=at,
    )


def _activities(places: Places, *, actor: Actor, at: datetime) -> None:
    today = localdate(at)
    programmes = [
        create_programme(
            organization=organization,
            region_code=content.TOWNSHIP,
            name=f"{organization.name} · 邻里守望",
            goal="让身边的老人、孩子和病人有人搭把手",
            starts_on=today,
            ends_on=today + timedelta(days=365),
            competent_department="civil_affairs",
            actor=actor,
            at=at,
        )
        for organization in places.organizations
    ]
    for wanted in content.ACTIVITIES:
        places.activities.append(
            create_activity(
                programme=programmes[content.SITES[wanted.site].organization],
                site=places.sites[wanted.site],
                name=wanted.name,
                category=wanted.category,
                recipient=wanted.recipient,
                activity_type=wanted.activity_type,
                content=wanted.content,
                responsible_name=wanted.responsible,
                risks=wanted.risks,
                protection="统一购买志愿者意外险，现场有带队人",
                minors_allowed=wanted.minors,
                difficulty=wanted.difficulty,
                skilled=wanted.skilled,
                actor=actor,
                at=at,
            )
        )


def _store(organization: Organization, *, actor: Actor, at: datetime) -> Store:
    return create_store(
        name="新华路慈善超市",
        region=get_region(content.TOWNSHIP),
        organization=organization,
        address="新华路演示 12 号",
        phone="0851-00000000",
        actor=actor,
        at=at,
    )


def _stock(places: Places, *, actor: Actor, at: datetime) -> None:
    for wanted in content.PRODUCTS:
        product = create_product(
            store=places.store,
            name=wanted.name,
            unit=wanted.unit,
            category=wanted.category,
            points=wanted.points,
            person_limit=wanted.limit,
            household_limit=wanted.household_limit,
            actor=actor,
            at=at,
        )
        places.products.append(product)
        receive_batch(
            product=product,
            quantity=wanted.stock,
            expires_on=_keeps(wanted, at),
            actor=actor,
            at=at,
            note="开业备货",
        )


def open_services(places: Places, *, actor: Actor, at: datetime) -> None:
    """Offer haircuts and repairs on the coming mornings, and cheaper goods shortly before they expire."""
    set_policy(
        store_id=places.store.pk,
        minimum_balance=0,
        most_redemptions=None,
        redemptions_period=LimitPeriod.MONTH,
        near_expiry_days=_NEAR_EXPIRY_DAYS,
        near_expiry_percent=70,
        actor=actor,
        at=at,
    )
    for name, unit, points, capacity in content.SERVICES:
        service = create_product(
            store=places.store,
            name=name,
            unit=unit,
            kind=ProductKind.SERVICE,
            category=ProductCategory.OTHER,
            points=points,
            person_limit=1,
            actor=actor,
            at=at,
        )
        for days in (1, 3, 5):
            morning = localtime(at).replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=days)
            open_slot(
                product=service,
                starts_at=morning,
                ends_at=morning + timedelta(hours=3),
                capacity=capacity,
                actor=actor,
                at=at,
            )


def _keeps(wanted: content.DemoProduct, at: datetime) -> date | None:
    return localdate(at) + timedelta(days=wanted.days + 70) if wanted.days else None


def receive_donations(places: Places, *, actor: Actor, since: datetime, days: int) -> None:
    """Let every donor give once, spread over the period."""
    for index, wanted in enumerate(content.DONORS):
        at = since + timedelta(days=index * max(1, days // len(content.DONORS)), hours=3)
        donor = add_donor(
            name=wanted.name,
            kind=wanted.kind,
            region=get_region(content.TOWNSHIP),
            consent=wanted.consent,
            show_amount=wanted.show_amount,
            actor=actor,
            at=at,
        )
        if wanted.goods:
            lines = [
                GoodsLine(
                    product_id=places.products[product].pk,
                    quantity=quantity,
                    expires_on=_keeps(content.PRODUCTS[product], at),
                )
                for product, quantity in wanted.goods
            ]
            receive_goods(
                donor=donor,
                store=places.store,
                lines=lines,
                received_on=localdate(at),
                purpose="社区慈善超市",
                actor=actor,
                at=at,
            )
        if wanted.money_fen:
            record_money(
                donor=donor,
                amount_fen=wanted.money_fen,
                organization=places.organizations[1],
                received_on=localdate(at),
                purpose="社区助老",
                actor=actor,
                at=at,
            )
