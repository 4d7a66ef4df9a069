"""A list costs as many statements for three rows as for one."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backend.accounts.scopes import actor_for
from points.giving import services as giving
from tests.contract.scene import Scene
from tests.factories.accounts import OrganizationFactory
from tests.factories.attendance import AttendanceFactory, ServiceRecordFactory
from tests.factories.ledger import give
from tests.factories.market import DonorFactory, HonorFactory, StoreFactory, make_product, make_redeemer, reserve
from tests.factories.venues import SiteFactory
from tests.factories.volunteers import ActivityFactory, ShiftFactory, SignUpFactory, VolunteerFactory

pytestmark = pytest.mark.django_db


def coming_shift(scene: Scene, number: int) -> object:
    return ShiftFactory(starts_at=timezone.now() + timedelta(days=10 + number))


def attendance(scene: Scene, number: int) -> object:
    shift = ShiftFactory(activity=scene.world.activity, starts_at=timezone.now() - timedelta(days=10 + number))
    return AttendanceFactory(shift=shift)


def own_attendance(scene: Scene, number: int) -> object:
    shift = ShiftFactory(activity=scene.world.activity, starts_at=timezone.now() - timedelta(days=10 + number))
    return AttendanceFactory(shift=shift, volunteer=scene.world.volunteer)


def own_record(scene: Scene, number: int) -> object:
    shift = ShiftFactory(activity=scene.world.activity, starts_at=timezone.now() - timedelta(days=30 + number))
    return ServiceRecordFactory(attendance__shift=shift, attendance__volunteer=scene.world.volunteer)


def own_sign_up(scene: Scene, number: int) -> object:
    return SignUpFactory(shift=coming_shift(scene, number), volunteer=scene.world.volunteer)


def redemption(scene: Scene, number: int) -> object:
    return reserve(make_redeemer(), make_product(store=scene.world.store, name=f"面粉{number}"), at=timezone.now())


def own_redemption(scene: Scene, number: int) -> object:
    product = make_product(store=scene.world.store, name=f"面粉{number}")
    return reserve(scene.world.volunteer, product, at=timezone.now())


def donation(scene: Scene, number: int) -> object:
    product = make_product(store=scene.world.store, name=f"油{number}")
    return giving.receive_goods(
        donor=DonorFactory(name=f"粮店{number}"),
        store=scene.world.store,
        lines=[giving.GoodsLine(product.pk, 5), giving.GoodsLine(product.pk, 2)],
        received_on=timezone.localdate(),
        purpose="",
        actor=actor_for(scene.world.users["clerk"]),
        at=timezone.now(),
    )


def points(scene: Scene, number: int) -> object:
    return give(scene.world.volunteer, 1, key=f"more:{number}")


Maker = Callable[[Scene, int], object]
LISTS: list[tuple[str, str, Maker]] = [
    ("anon", "/api/v1/sites/", lambda scene, number: SiteFactory(organization=OrganizationFactory())),
    ("anon", "/api/v1/sites/?near=26.5783,106.7135", lambda scene, number: SiteFactory()),
    ("anon", "/api/v1/activities/", lambda scene, number: ActivityFactory()),
    ("anon", "/api/v1/shifts/", coming_shift),
    ("anon", "/api/v1/market/stores/", lambda scene, number: StoreFactory()),
    ("anon", "/api/v1/market/products/", lambda scene, number: make_product(name=f"米{number}", monthly_limit=2)),
    ("vol", "/api/v1/market/products/", lambda scene, number: make_product(name=f"米{number}", monthly_limit=2)),
    ("vol", "/api/v1/sign-ups/", own_sign_up),
    ("vol", "/api/v1/attendances/", own_attendance),
    ("vol", "/api/v1/records/", own_record),
    ("vol", "/api/v1/points/entries/", points),
    ("vol", "/api/v1/market/redemptions/", own_redemption),
    ("staff", "/api/v1/volunteers/", lambda scene, number: VolunteerFactory()),
    ("site", "/api/v1/attendances/", attendance),
    ("staff", "/api/v1/records/", own_record),
    ("staff", "/api/v1/points/rule-sets/", lambda scene, number: None),
    ("clerk", "/api/v1/market/redemptions/", redemption),
    ("clerk", "/api/v1/giving/donors/", lambda scene, number: DonorFactory(name=f"粮店{number}")),
    ("clerk", "/api/v1/giving/donations/", donation),
    ("anon", "/", lambda scene, number: HonorFactory()),
    ("anon", "/activities/", coming_shift),
    ("anon", "/boards/?board=donors", donation),
    ("vol", "/shifts/", coming_shift),
    ("vol", "/me/records/", own_record),
    ("vol", "/me/points/", points),
    ("vol", "/me/redemptions/", own_redemption),
    ("vol", "/shelf/", lambda scene, number: StoreFactory()),
    ("site", "/manage/attendances/", attendance),
    ("staff", "/manage/", lambda scene, number: SiteFactory()),
    ("clerk", "/counter/", redemption),
]


def statements(scene: Scene, role: str, address: str) -> int:
    """How many SQL statements one more look at a list takes."""
    client = scene.client(role, api=address.startswith("/api/"))
    client.get(address)  # what is read once per process is read now
    with CaptureQueriesContext(connection) as seen:
        answer = client.get(address)
    assert answer.status_code == 200
    return len(seen)


@pytest.mark.parametrize(("role", "address", "make"), LISTS, ids=[f"{role} {address}" for role, address, _ in LISTS])
def test_three_rows_cost_what_one_does(scene, role, address, make):
    make(scene, 1)
    before = statements(scene, role, address)

    for number in (2, 3):
        make(scene, number)

    assert statements(scene, role, address) == before
