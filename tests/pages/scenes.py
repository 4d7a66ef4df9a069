"""Small communities for the pages' tests. The pages read the real clock, so everything lies around now."""

import itertools
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.test import Client
from django.utils import timezone

from backend.accounts.models import User
from backend.accounts.scopes import Role, actor_for
from points.giving import services as giving
from points.giving.choices import DonorKind, Publicity
from points.giving.models import Donation
from points.ledger import services as ledger
from points.ledger.models import AccountKind, TransferKind
from points.market import returns
from points.market import services as market
from points.market.models import Product, Store
from points.market.redemption_models import Redemption
from points.market.return_models import GoodsReturn
from points.scoring.models import RuleSet
from points.scoring.presets import DEFAULT_DOCUMENT
from points.scoring.services import draft_rule_set
from tests.factories.accounts import OrganizationFactory, make_actor, make_staff
from tests.factories.attendance import AttendanceFactory, ScanFactory
from tests.factories.regions import GUIYANG, make_path
from tests.factories.venues import SiteFactory
from tests.factories.volunteers import ActivityFactory, ShiftFactory, SignUpFactory, VolunteerFactory
from venues.sites.models import Site
from venues.sites.services import current_qr
from volunteers.activities.models import Activity, Shift, SignUp
from volunteers.attendance.choices import Grade, ScanResult
from volunteers.attendance.models import Attendance, Scan
from volunteers.people.choices import ConsentKind
from volunteers.people.models import Volunteer

_RECORDS = itertools.count(1)
BACKEND = "django.contrib.auth.backends.ModelBackend"


def browser(user: User | None = None) -> Client:
    """Open a browser, signed in as `user` if one is given."""
    client = Client()
    if user is not None:
        client.force_login(user, backend=BACKEND)
    return client


def make_volunteer(**fields: object) -> Volunteer:
    """Make a volunteer of the default community who agreed to boards and locations."""
    consents = [ConsentKind.PRIVACY, ConsentKind.LOCATION, ConsentKind.HONOR_BOARD]
    volunteer: Volunteer = VolunteerFactory(region=make_path(), consents=consents, **fields)
    return volunteer


def make_activity(**fields: object) -> Activity:
    """Make an activity at a site of one organization in the default community."""
    region = make_path()
    organization = OrganizationFactory(region=region)
    activity: Activity = ActivityFactory(
        programme__organization=organization,
        programme__region=region,
        site=SiteFactory(organization=organization, region=region),
        **fields,
    )
    return activity


def make_shift(*, starts_in: timedelta = timedelta(minutes=-10), hours: int = 3, **fields: object) -> Shift:
    """Make a shift that starts so far from now; by default it has just begun."""
    starts_at = timezone.now() + starts_in
    fields.setdefault("activity", None)
    activity = fields.pop("activity") or make_activity()
    shift: Shift = ShiftFactory(
        activity=activity, starts_at=starts_at, ends_at=starts_at + timedelta(hours=hours), **fields
    )
    return shift


def make_place(volunteer: Volunteer, shift: Shift) -> SignUp:
    """Give the volunteer a confirmed place."""
    sign_up: SignUp = SignUpFactory(shift=shift, volunteer=volunteer)
    return sign_up


def make_waiting(*, activity: Activity | None = None, **fields: object) -> Attendance:
    """Make an attendance of this morning that waits for its manager."""
    shift = make_shift(starts_in=timedelta(hours=-5), activity=activity)
    fields.setdefault("volunteer", None)
    volunteer = fields.pop("volunteer") or make_volunteer()
    attendance: Attendance = AttendanceFactory(shift=shift, volunteer=volunteer, **fields)
    return attendance


def came(shift: Shift, **fields: object) -> Attendance:
    """Make somebody who was on the shift and waits for the manager."""
    fields.setdefault("volunteer", None)
    volunteer = fields.pop("volunteer") or make_volunteer()
    attendance: Attendance = AttendanceFactory(shift=shift, volunteer=volunteer, **fields)
    return attendance


def scanned(attendance: Attendance, device: str, **fields: object) -> None:
    """Put a phone behind an attendance."""
    ScanFactory(
        volunteer=attendance.volunteer,
        attendance=attendance,
        site=attendance.site,
        result=ScanResult.ACCEPTED,
        grade=Grade.A,
        device=device,
        **{"received_at": attendance.checked_in_at, **fields},
    )


def make_crowd(shift: Shift, people: int) -> list[Attendance]:
    """Let so many people have been on a shift, every tenth late, each with a phone. In bulk: it is quick."""
    pattern = make_volunteer()
    first = next(_RECORDS) * 100_000
    users = User.objects.bulk_create(User(username=f"crowd{first + number}") for number in range(people))
    volunteers = Volunteer.objects.bulk_create(
        VolunteerFactory.build(
            user=user,
            number=str(200_000_000_000 + first + number),
            id_index=f"{first + number:064x}",
            consents=[],
            region=pattern.region,
        )
        for number, user in enumerate(users)
    )
    rows = Attendance.objects.bulk_create(
        AttendanceFactory.build(
            shift=shift, site=shift.activity.site, volunteer=volunteer, flags=["late"] * (number % 10 == 0)
        )
        for number, volunteer in enumerate(volunteers)
    )
    Scan.objects.bulk_create(
        ScanFactory.build(
            volunteer=row.volunteer,
            attendance=row,
            site=row.site,
            result=ScanResult.ACCEPTED,
            grade=Grade.A,
            device=f"phone{row.pk}",
            received_at=row.checked_in_at,
        )
        for row in rows
    )
    return rows


def manager_of(site: Site) -> User:
    """Make the site's manager."""
    return make_staff(Role.SITE_MANAGER, site.pk)


def code_on_screen(site: Site, at: datetime | None = None) -> str:
    """Return the token the site's screen shows."""
    return current_qr(site=site, at=at or timezone.now()).token


def give_points(volunteer: Volunteer, points: int) -> None:
    """Post points the way an award does."""
    at = timezone.now()
    with transaction.atomic():
        ledger.post(
            key=f"record:{next(_RECORDS)}:v1",
            kind=TransferKind.AWARD,
            legs=[
                ledger.Leg(ledger.account_of(volunteer), points),
                ledger.Leg(ledger.system_account(AccountKind.ISSUANCE), -points),
            ],
            sentence_zh="图书整理 2 小时 30 分 × 10/小时，周末 1.0",
            sentence_en="Sorting books 2 h 30 min × 10/h, weekend 1.0",
            source_type="record",
            source_id=1,
            expires_at=at + timedelta(days=300),
            at=at,
        )


@dataclass(frozen=True)
class Shop:
    """A charity supermarket with its clerk."""

    store: Store
    clerk: User
    products: list[Product]


def make_shop(*, products: int = 1, quantity: int = 10, **fields: object) -> Shop:
    """Open a store with so many products, so many pieces of each."""
    at = timezone.now()
    organization = OrganizationFactory(region=make_path())
    store = market.create_store(
        name=f"新华社区慈善超市{organization.pk}",
        region=organization.region,
        organization=organization,
        address="新华路 8 号",
        actor=None,
        at=at,
    )
    clerk = make_staff(Role.STORE_CLERK, store.pk)
    made = [
        market.create_product(
            store=store,
            name=f"大米{number}",
            unit="袋",
            category="grain_oil",
            points=20,
            actor=None,
            at=at,
            **{"person_limit": 2, **fields},
        )
        for number in range(products)
    ]
    for product in made:
        market.receive_batch(
            product=product, quantity=quantity, expires_on=None, actor=actor_for(clerk), at=at
        )
    return Shop(store, clerk, made)


def make_redemption(volunteer: Volunteer, shop: Shop, *, quantity: int = 1) -> Redemption:
    """Reserve something for a volunteer who has the points for it."""
    give_points(volunteer, 100)
    lines = [market.LineInput(product_id=shop.products[0].pk, quantity=quantity)]
    return market.reserve(volunteer=volunteer, store_id=shop.store.pk, lines=lines, at=timezone.now())


def make_return(shop: Shop) -> GoodsReturn:
    """Hand something over, and have somebody else enter that it came back."""
    at = timezone.now()
    taken = make_redemption(make_volunteer(), shop)
    market.collect(code=taken.code, actor=actor_for(shop.clerk), at=at)
    return returns.ask_return(
        redemption_id=taken.pk,
        reason="包装破损",
        condition="discard",
        actor=actor_for(make_staff(Role.STORE_CLERK, shop.store.pk)),
        at=at,
    )


def make_donation(shop: Shop, *, name: str = "光明粮油店", quantity: int = 50) -> Donation:
    """Receive rice from a donor who agreed to be named."""
    at = timezone.now()
    actor = actor_for(shop.clerk)
    donor = giving.add_donor(
        name=name,
        kind=DonorKind.ENTERPRISE,
        region=shop.store.region,
        consent=Publicity.NAMED,
        show_amount=True,
        actor=None,
        at=at,
    )
    return giving.receive_goods(
        donor=donor,
        store=shop.store,
        lines=[giving.GoodsLine(product_id=shop.products[0].pk, quantity=quantity)],
        received_on=timezone.localdate(at),
        purpose="社区慈善超市",
        actor=actor,
        at=at,
    )


def make_draft(**changes: object) -> RuleSet:
    """Write the next version of the city's rules, by somebody of its staff."""
    make_path()
    return draft_rule_set(
        region_code=GUIYANG,
        document={**DEFAULT_DOCUMENT, **changes},
        effective_from=timezone.localdate(),
        actor=make_actor(Role.COMMUNITY_STAFF, "5201"),
        at=timezone.now(),
    )
