"""Entering donors, and what they agreed to."""

from typing import Any

import pytest

from backend.accounts.errors import CreditCodeInvalid
from backend.accounts.scopes import Actor, Role
from backend.core.errors import Forbidden, NotFound
from backend.core.models import AuditEntry, OutboxEvent
from points.giving import errors, queries, services
from points.giving.choices import DonorKind, Publicity
from points.giving.models import Donor
from tests.factories.accounts import make_actor
from tests.factories.database import refused_by
from tests.factories.market import DonorFactory, StoreFactory, clerk_of
from tests.factories.regions import CHENGDU_JINJIANG, COMMUNITY, RegionFactory

pytestmark = pytest.mark.django_db

VALID_CODE = "91350100M000100Y43"


@pytest.fixture
def staff():
    return make_actor(Role.COMMUNITY_STAFF, "520102")


def enter(staff, now, **fields: Any):
    values = {"name": "南明便民超市", "kind": DonorKind.ENTERPRISE, "region": RegionFactory.create()}
    return services.add_donor(**(values | fields), actor=staff, at=now)


def test_a_donor_is_hidden_until_asked(staff, now):
    enter(staff, now)

    donor = Donor.objects.get()
    assert (donor.consent, donor.show_amount) == (Publicity.HIDDEN, False)
    assert (donor.added_by_id, donor.added_at) == (staff.user_id, now)


def test_entering_a_donor_is_noted_without_their_name(staff, now):
    enter(staff, now)

    assert AuditEntry.objects.get(action="donor.add").detail == {"consent": "hidden", "show_amount": False}


def test_a_contact_is_sealed(staff, now):
    enter(staff, now, contact="13800001234")

    donor = Donor.objects.get()
    assert donor.contact.open() == "13800001234"
    assert "13800001234" not in str(Donor.objects.values().get())


def test_a_valid_credit_code_is_kept(staff, now):
    enter(staff, now, credit_code=VALID_CODE.lower())

    assert Donor.objects.get().credit_code == VALID_CODE


@pytest.mark.parametrize("code", ["91350100M000100Y4Z", "91310115MA1H8R7C6D", "123", "9135010OM000100Y43"])
def test_a_credit_code_with_a_fault_is_refused(staff, now, code):
    with pytest.raises(CreditCodeInvalid):
        enter(staff, now, credit_code=code)

    assert Donor.objects.count() == 0


def test_one_credit_code_is_one_donor_of_a_region(staff, now):
    enter(staff, now, credit_code=VALID_CODE)

    with refused_by("donor_credit_code_once"):
        enter(staff, now, credit_code=VALID_CODE)


@pytest.mark.parametrize(
    "name",
    ["", "   ", "长" * 101, "长" * 4000, "<script>alert(1)</script>", "a\x00b", "王\n五", "王\u202e五"],
)
def test_a_name_is_plain_text(staff, now, name):
    with pytest.raises(errors.DonorNameInvalid):
        enter(staff, now, name=name)

    assert Donor.objects.count() == 0


def test_a_hundred_characters_are_a_name(staff, now):
    enter(staff, now, name=" " + "长" * 100)

    assert Donor.objects.get().name == "长" * 100


def test_another_regions_staff_does_not_find_the_region(now):
    with pytest.raises(NotFound):
        enter(make_actor(Role.COMMUNITY_STAFF, "51"), now)

    assert Donor.objects.count() == 0


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.SITE_MANAGER])
def test_who_never_deals_with_donors_is_forbidden(now, role):
    with pytest.raises(Forbidden):
        enter(make_actor(role, "52"), now)


def test_a_volunteer_enters_no_donor(now):
    with pytest.raises(Forbidden):
        enter(Actor(user_id=1), now)


def test_a_clerk_enters_donors_of_the_stores_own_place(now):
    store = StoreFactory.create()

    enter(clerk_of(store), now)

    assert Donor.objects.get().region_id == COMMUNITY


def test_a_clerk_enters_none_of_the_whole_county(now):
    with pytest.raises(NotFound):
        enter(clerk_of(StoreFactory.create()), now, region=RegionFactory.create(code="520102000000"))


def test_consent_is_changed_noted_and_reported(staff, now):
    donor = DonorFactory.create()

    services.set_donor_consent(donor=donor, consent=Publicity.NAMED, show_amount=True, actor=staff, at=now)

    donor.refresh_from_db()
    assert (donor.consent, donor.show_amount) == (Publicity.NAMED, True)
    assert AuditEntry.objects.get(action="donor.consent").detail == {
        "consent": "named",
        "show_amount": True,
        "show_picture": False,
    }
    assert OutboxEvent.objects.get(topic="board.changed").payload == {"board": "donors", "region": COMMUNITY}


def test_changing_the_name_mode_leaves_the_amount_as_it_was(staff, now):
    donor = DonorFactory.create(consent=Publicity.NAMED, show_amount=True)

    services.set_donor_consent(donor=donor, consent=Publicity.MASKED, actor=staff, at=now)

    donor.refresh_from_db()
    assert (donor.consent, donor.show_amount) == (Publicity.MASKED, True)


def test_consent_is_not_anybodys_to_change(now):
    donor = DonorFactory.create(consent=Publicity.NAMED)

    with pytest.raises(NotFound):
        services.set_donor_consent(
            donor=donor, consent=Publicity.HIDDEN, actor=make_actor(Role.COMMUNITY_STAFF, "51"), at=now
        )

    donor.refresh_from_db()
    assert donor.consent == Publicity.NAMED


def test_donors_are_seen_by_region_by_place_and_by_who_entered_them(now):
    store = StoreFactory.create()
    here = DonorFactory.create()
    county = DonorFactory.create(region=RegionFactory.create(code="520102000000"))
    entered = DonorFactory.create(
        region=RegionFactory.create(code=CHENGDU_JINJIANG),
        added_by_id=make_actor(Role.STORE_CLERK, "9").user_id,
    )

    seen = {
        "staff": make_actor(Role.COMMUNITY_STAFF, "520102"),
        "supervisor": make_actor(Role.SUPERVISOR, "52"),
        "clerk": clerk_of(store),
        "manager": make_actor(Role.ORGANIZATION_MANAGER, store.organization_id),
        "who entered it": Actor(entered.added_by_id, frozenset({(Role.STORE_CLERK, "store", "9")})),
        "volunteer": Actor(user_id=10**9),
    }

    assert {name: set(queries.donors_visible_to(actor)) for name, actor in seen.items()} == {
        "staff": {here, county},
        "supervisor": {here, county},
        "clerk": {here},
        "manager": {here},
        "who entered it": {entered},
        "volunteer": set(),
    }


def test_a_supervisor_reads_donors_and_keeps_none():
    DonorFactory.create()

    assert list(queries.donors_kept_by(make_actor(Role.SUPERVISOR, "52"))) == []
