"""Every guard of the giving tables, reached around the Python."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from points.giving.choices import DonationKind
from points.giving.models import Donation, DonationLine, Donor
from points.giving.services import new_number
from points.market.models import Batch
from tests.factories.accounts import OrganizationFactory, StaffFactory
from tests.factories.database import guards_of, refused_by
from tests.factories.market import DonorFactory, ProductFactory, StoreFactory, deliver
from tests.factories.regions import RegionFactory

pytestmark = pytest.mark.django_db

VALID_CODE = "91350100M000100Y43"


def bare_donation(now, **fields: Any):
    values = {
        "number": new_number(),
        "donor": DonorFactory.create(),
        "kind": DonationKind.MONEY,
        "amount_fen": 100,
        "organization": OrganizationFactory.create(),
        "region": RegionFactory.create(),
        "received_on": date(2026, 9, 15),
        "handled_by": StaffFactory.create(),
        "recorded_at": now,
    }
    return Donation.objects.create(**(values | fields))


@pytest.fixture
def rice():
    return ProductFactory.create()


@pytest.fixture
def goods(rice, now):
    return bare_donation(now, kind=DonationKind.GOODS, amount_fen=None, store=rice.store)


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("donor_name_plain", {"name": ""}),
        ("donor_name_plain", {"name": "<b>便民</b>"}),
        ("donor_name_plain", {"name": "便民\n超市"}),
        ("donor_kind_known", {"kind": "alien"}),
        ("donor_consent_known", {"consent": "maybe"}),
        ("donor_credit_code_form", {"credit_code": "91350100I000100Y43"}),
        ("donor_credit_code_form", {"credit_code": ""}),
    ],
)
def test_a_donor_is_sound(constraint, fields):
    donor = DonorFactory.create()

    with refused_by(constraint):
        Donor.objects.filter(pk=donor.pk).update(**fields)


def test_donor_credit_code_once():
    DonorFactory.create(credit_code=VALID_CODE)

    with refused_by("donor_credit_code_once"):
        DonorFactory.create(credit_code=VALID_CODE)


def test_two_regions_may_know_the_same_donor():
    DonorFactory.create(credit_code=VALID_CODE)

    DonorFactory.create(credit_code=VALID_CODE, region=RegionFactory.create(code="520102000000"))

    assert Donor.objects.filter(credit_code=VALID_CODE).count() == 2


def test_donation_number_once(now):
    first = bare_donation(now)

    with refused_by("donation_number_once"):
        bare_donation(now, number=first.number)


@pytest.mark.parametrize("number", ["", "1", "ABCDEFGHJKM0"])
def test_donation_number_form(now, number):
    with refused_by("donation_number_form"):
        bare_donation(now, number=number)


@pytest.mark.parametrize(
    "fields",
    [
        {"amount_fen": None},
        {"amount_fen": 0},
        {"valuation_fen": 100},
        {"kind": "goods"},
        {"kind": "goods", "amount_fen": None},
        {"kind": "time"},
    ],
)
def test_donation_money_or_goods(now, fields):
    with refused_by("donation_money_or_goods"):
        bare_donation(now, **fields)


def test_money_goes_to_no_store(now):
    with refused_by("donation_money_or_goods"):
        bare_donation(now, store=StoreFactory.create())


def test_goods_are_worth_at_least_a_fen_if_anything(now):
    with refused_by("donation_money_or_goods"):
        bare_donation(now, kind="goods", amount_fen=None, store=StoreFactory.create(), valuation_fen=0)


def test_donation_append_only(now):
    donation = bare_donation(now)

    with refused_by("donation_append_only"):
        Donation.objects.update(amount_fen=999)
    with refused_by("donation_append_only"):
        Donation.objects.update(revoked_at=now)
    with refused_by("donation_append_only"):
        bare_donation(now, revoked_at=now)
    with refused_by("donation_append_only"):
        Donation.objects.filter(pk=donation.pk)._raw_delete("default")


@pytest.mark.parametrize(
    "fields",
    [
        {"ticket_code": "0600"},
        {"ticket_code": "06-00", "official_ticket": "1"},
        {"ticket_code": "０６", "official_ticket": "1"},
    ],
)
def test_donation_ticket_code_form(now, fields):
    with refused_by("donation_ticket_code_form"):
        bare_donation(now, **fields)


def test_a_ticket_by_code_and_number_stands_for_one_gift(now):
    ticket = {"ticket_code": "52010125", "official_ticket": "0000001"}
    bare_donation(now, **ticket)

    with refused_by("donation_ticket_once"):
        bare_donation(now, **ticket)
    for another in ({"ticket_code": "52010126"}, {"official_ticket": "0000002"}, {"ticket_code": ""}):
        bare_donation(now, **(ticket | another))
    bare_donation(now, official_ticket="0000001")

    assert Donation.objects.filter(official_ticket="0000001").count() == 4


def test_donation_line_positive(goods, rice, now):
    empty = Batch.objects.create(store=rice.store, product=rice, received_at=now)

    with refused_by("donation_line_positive"):
        DonationLine.objects.create(donation=goods, product=rice, quantity=0, batch=empty)


def test_donation_line_append_only(goods, rice):
    DonationLine.objects.create(donation=goods, product=rice, quantity=5, batch=deliver(rice, 5))

    with refused_by("donation_line_append_only"):
        DonationLine.objects.update(quantity=6)


@pytest.mark.parametrize("fields", [{"quantity": 6}, {"expires_on": date(2027, 1, 1)}])
def test_donation_line_matches_batch(goods, rice, fields):
    values = {"quantity": 5, "expires_on": None} | fields

    with refused_by("donation_line_matches_batch"):
        DonationLine.objects.create(donation=goods, product=rice, batch=deliver(rice, 5), **values)


def test_a_line_names_the_product_and_the_store_of_its_batch(goods, rice, now):
    other = ProductFactory.create()

    with refused_by("donation_line_matches_batch"):
        DonationLine.objects.create(
            donation=goods,
            product=ProductFactory.create(store=rice.store),
            quantity=5,
            batch=deliver(rice, 5),
        )
    with refused_by("donation_line_matches_batch"):
        DonationLine.objects.create(donation=goods, product=other, quantity=5, batch=deliver(other, 5))


def test_a_batch_has_one_donation(goods, rice, now):
    batch = deliver(rice, 5)
    DonationLine.objects.create(donation=goods, product=rice, quantity=5, batch=batch)

    with refused_by("points_donationline_batch_id_key"):
        DonationLine.objects.create(donation=goods, product=rice, quantity=5, batch=batch)


def test_every_guard_of_giving_is_tested_here():
    here = Path(__file__)
    text = "".join(path.read_text(encoding="utf-8") for path in here.parent.glob("test_*constraints.py"))

    assert {name for name in guards_of(Donor, Donation, DonationLine) if name not in text} == set()
