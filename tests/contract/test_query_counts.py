"""A list costs as many statements for three rows as for one."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backend.accounts.scopes import actor_for
from points.giving import services as giving
from points.ledger import days
from points.market import returns
from points.market import services as market
from points.proof.services import prove_next
from points.scoring.services import draft_rule_set
from points.stockroom import transferring
from tests.contract.scene import Scene
from tests.factories.accounts import OrganizationFactory
from tests.factories.attendance import AttendanceFactory, CheckInPolicyFactory, ServiceRecordFactory
from tests.factories.events import make_dead_event
from tests.factories.integrity import AuditItemFactory, SignalFactory
from tests.factories.ledger import OtherAwardFactory, give
from tests.factories.market import (
    DonorFactory,
    HonorFactory,
    StoreFactory,
    clerk_of,
    deliver,
    make_product,
    make_redeemer,
    reserve,
)
from tests.factories.tickets import CorrectionFactory, ObjectionFactory, PublicObjectionFactory
from tests.factories.venues import SiteFactory
from tests.factories.volunteers import ActivityFactory, ShiftFactory, SignUpFactory, VolunteerFactory

pytestmark = pytest.mark.django_db


def site(scene: Scene, number: int) -> object:
    return SiteFactory(organization=OrganizationFactory())


def activity(scene: Scene, number: int) -> object:
    return ActivityFactory()


def store(scene: Scene, number: int) -> object:
    return StoreFactory()


def product(scene: Scene, number: int) -> object:
    return make_product(name=f"米{number}", person_limit=2)


def volunteer(scene: Scene, number: int) -> object:
    return VolunteerFactory()


def donor(scene: Scene, number: int) -> object:
    return DonorFactory(name=f"粮店{number}")


def honor(scene: Scene, number: int) -> object:
    return HonorFactory()


def coming_shift(scene: Scene, number: int) -> object:
    return ShiftFactory(starts_at=timezone.now() + timedelta(days=10 + number))


def attendance(scene: Scene, number: int) -> object:
    shift = ShiftFactory(
        activity=scene.world.activity, starts_at=timezone.now() - timedelta(days=10 + number)
    )
    return AttendanceFactory(shift=shift)


def own_attendance(scene: Scene, number: int) -> object:
    shift = ShiftFactory(
        activity=scene.world.activity, starts_at=timezone.now() - timedelta(days=10 + number)
    )
    return AttendanceFactory(shift=shift, volunteer=scene.world.volunteer)


def own_record(scene: Scene, number: int) -> object:
    shift = ShiftFactory(
        activity=scene.world.activity, starts_at=timezone.now() - timedelta(days=30 + number)
    )
    return ServiceRecordFactory(attendance__shift=shift, attendance__volunteer=scene.world.volunteer)


def correction(scene: Scene, number: int) -> object:
    return CorrectionFactory(record=own_record(scene, number), asked_at=timezone.now())


def objection(scene: Scene, number: int) -> object:
    return PublicObjectionFactory(attendance=own_attendance(scene, number), raised_at=timezone.now())


def record_under_objection(scene: Scene, number: int) -> object:
    record = own_record(scene, number)
    return ObjectionFactory(attendance=record.attendance, record=record, raised_at=timezone.now())


def late_attendance(scene: Scene, number: int) -> object:
    shift = ShiftFactory(
        activity=scene.world.activity, starts_at=timezone.now() - timedelta(days=40 + number)
    )
    return AttendanceFactory(shift=shift)


def own_sign_up(scene: Scene, number: int) -> object:
    return SignUpFactory(shift=coming_shift(scene, number), volunteer=scene.world.volunteer)


def redemption(scene: Scene, number: int) -> object:
    return reserve(
        make_redeemer(), make_product(store=scene.world.store, name=f"面粉{number}"), at=timezone.now()
    )


def goods_return(scene: Scene, number: int) -> object:
    store = scene.world.store
    taken = reserve(make_redeemer(), make_product(store=store, name=f"面粉{number}"), at=timezone.now())
    market.collect(code=taken.code, actor=clerk_of(store), at=timezone.now())
    return returns.ask_return(
        redemption_id=taken.pk,
        reason="破损",
        condition="discard",
        actor=clerk_of(store),
        at=timezone.now(),
    )


def own_redemption(scene: Scene, number: int) -> object:
    flour = make_product(store=scene.world.store, name=f"面粉{number}")
    return reserve(scene.world.volunteer, flour, at=timezone.now())


def donation(scene: Scene, number: int) -> object:
    oil = make_product(store=scene.world.store, name=f"油{number}")
    return giving.receive_goods(
        donor=DonorFactory(name=f"粮店{number}"),
        store=scene.world.store,
        lines=[giving.GoodsLine(oil.pk, 5), giving.GoodsLine(oil.pk, 2)],
        received_on=timezone.localdate(),
        purpose="",
        actor=actor_for(scene.world.users["clerk"]),
        at=timezone.now(),
    )


def policy(scene: Scene, number: int) -> object:
    return CheckInPolicyFactory(effective_from=timezone.now() + timedelta(days=number))


def points(scene: Scene, number: int) -> object:
    return give(scene.world.volunteer, 1, key=f"more:{number}")


def own_proven_points(scene: Scene, number: int) -> object:
    points(scene, number)  # written long ago, and so into the first open day
    return proven_day(scene, number)


def proven_day(scene: Scene, number: int) -> object:
    day = scene.world.proof.day + timedelta(days=number)
    assert days.close_day(day=day, at=timezone.now())
    return prove_next(at=timezone.now())


def other_award(scene: Scene, number: int) -> object:
    return OtherAwardFactory(volunteer__region=scene.world.volunteer.region, reference=f"讲座{number}")


def own_other_award(scene: Scene, number: int) -> object:
    return OtherAwardFactory(volunteer=scene.world.volunteer, reference=f"讲座{number}")


def signal(scene: Scene, number: int) -> object:
    record = own_record(scene, 100 + number)
    return SignalFactory(
        site=scene.world.site,
        manager=scene.world.users["org"],
        volunteer=scene.world.volunteer,
        kind="related_phone",
        evidence={"records": 1, "minutes": 180, "attendances": [record.attendance_id]},
        day=timezone.localdate(),
    )


def audit_item(scene: Scene, number: int) -> object:
    return AuditItemFactory(record=own_record(scene, 200 + number))


def dead_event(scene: Scene, number: int) -> object:
    return make_dead_event(key=f"volunteer:{number}")


def rule_set(scene: Scene, number: int) -> object:
    return draft_rule_set(
        region_code=scene.world.draft_rule_set.region_id,
        document=scene.world.rule_set.document,
        effective_from=timezone.localdate(),
        actor=actor_for(scene.world.users["staff"]),
        at=timezone.now(),
    )


def parcel(scene: Scene, number: int) -> object:
    made = scene.world.stockroom["transfer"]
    return transferring.send(
        from_store=made.from_store,
        to_store_id=made.to_store_id,
        lines=[transferring.SentGoods(deliver(made.lines.get().batch.product, 2).pk, 1)],
        actor=clerk_of(made.from_store),
        at=timezone.now(),
    )


def neighbour_store(scene: Scene, number: int) -> object:
    return StoreFactory(organization=scene.world.organization)


Maker = Callable[[Scene, int], object]
LISTS: list[tuple[str, str, Maker]] = [
    ("anon", "/api/v1/sites/", site),
    ("anon", "/api/v1/sites/?near=26.5783,106.7135", site),
    ("anon", "/api/v1/activities/", activity),
    ("anon", "/api/v1/shifts/", coming_shift),
    ("anon", "/api/v1/market/stores/", store),
    ("anon", "/api/v1/market/products/", product),
    ("vol", "/api/v1/market/products/", product),
    ("vol", "/api/v1/sign-ups/", own_sign_up),
    ("vol", "/api/v1/attendances/", own_attendance),
    ("vol", "/api/v1/check-in-policies/", policy),
    ("vol", "/api/v1/records/", own_record),
    ("vol", "/api/v1/points/entries/", points),
    ("vol", "/api/v1/points/proof/?year=2026", points),
    ("anon", "/api/v1/proof/days/", proven_day),
    ("anon", "/api/v1/proof/chain/", proven_day),
    ("vol", "/api/v1/points/other-awards/", own_other_award),
    ("staff", "/api/v1/points/other-awards/", other_award),
    ("vol", "/api/v1/market/redemptions/", own_redemption),
    ("staff", "/api/v1/volunteers/", volunteer),
    ("site", "/api/v1/attendances/", attendance),
    ("staff", "/api/v1/records/", own_record),
    ("vol", "/api/v1/corrections/", correction),
    ("staff", "/api/v1/objections/", objection),
    ("super", "/api/v1/attendances/overdue/", late_attendance),
    ("staff", "/api/v1/integrity/signals/", signal),
    ("staff", "/api/v1/integrity/audits/", audit_item),
    ("staff", "/api/v1/integrity/scores/", signal),
    ("clerk", "/api/v1/market/redemptions/", redemption),
    ("clerk", "/api/v1/market/transfers/", parcel),
    ("org", "/manage/stores/", neighbour_store),
    ("clerk", "/api/v1/giving/donors/", donor),
    ("clerk", "/api/v1/giving/donations/", donation),
    ("anon", "/", honor),
    ("anon", "/activities/", coming_shift),
    ("anon", "/boards/?board=donors", donation),
    ("vol", "/shifts/", coming_shift),
    ("vol", "/me/records/", own_record),
    ("vol", "/me/records/", correction),
    ("vol", "/me/records/", record_under_objection),
    ("vol", "/me/points/", points),
    ("anon", "/proof/", proven_day),
    ("vol", "/me/points/proof/", own_proven_points),
    ("vol", "/me/redemptions/", own_redemption),
    ("vol", "/shelf/", store),
    ("site", "/manage/attendances/", attendance),
    ("staff", "/manage/", site),
    ("staff", "/manage/tickets/?kind=corrections", correction),
    ("staff", "/manage/tickets/?kind=objections", objection),
    ("staff", "/manage/tickets/?kind=objections", record_under_objection),
    ("super", "/manage/overdue/", late_attendance),
    ("staff", "/manage/integrity/", signal),
    ("staff", "/manage/integrity/audits/", audit_item),
    ("staff", "/manage/integrity/scores/", signal),
    ("staff", "/manage/rules/?region=520102001001", rule_set),
    ("staff", "/api/v1/points/rule-sets/", rule_set),
    ("staff", "/manage/awards/", other_award),
    ("clerk", "/counter/", redemption),
    ("clerk", "/manage/returns/", goods_return),
    ("clerk", "/api/v1/market/returns/", goods_return),
    ("vol", "/api/v1/points/pending/", own_record),
    ("vol", "/me/points/when/", own_record),
    ("vol", "/me/points/when/", own_attendance),
    ("admin", "/api/v1/events/", dead_event),
    ("admin", "/manage/events/", dead_event),
]


def statements(scene: Scene, role: str, address: str) -> int:
    """How many SQL statements one more look at a list takes."""
    client = scene.client(role, api=address.startswith("/api/"))
    client.get(address)  # what is read once per process is read now
    with CaptureQueriesContext(connection) as seen:
        answer = client.get(address)
    assert answer.status_code == 200
    return len(seen)


@pytest.mark.parametrize(
    ("role", "address", "make"),
    LISTS,
    ids=[f"{role} {address} {make.__name__}" for role, address, make in LISTS],
)
def test_three_rows_cost_what_one_does(scene, role, address, make):
    make(scene, 1)
    before = statements(scene, role, address)

    for number in (2, 3):
        make(scene, number)

    assert statements(scene, role, address) == before
