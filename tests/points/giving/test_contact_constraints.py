"""Every guard of a donor's contact, reached around the Python."""

from pathlib import Path

import pytest

from backend.accounts.scopes import Role
from points.giving.contact_models import ContactRequest
from points.giving.models import Donor
from tests.factories.accounts import StaffFactory, UserFactory, make_actor
from tests.factories.database import guards_of, refused_by
from tests.factories.giving import asked_contact, make_owner
from tests.factories.market import DonorFactory

pytestmark = pytest.mark.django_db

INDEX = "a" * 64


@pytest.fixture
def request_(now):
    donor = DonorFactory.create()
    make_owner(donor)
    return asked_contact(donor, make_actor(Role.COMMUNITY_STAFF, "52"), at=now)


def test_a_request_is_decided_by_another_or_withdrawn_by_who_asked(request_, now):
    rows, other = ContactRequest.objects.all(), StaffFactory.create()

    for fields in (
        {"outcome": "agreed", "decided_by": request_.asked_by},
        {"outcome": "refused", "decided_by": request_.asked_by},
        {"outcome": "withdrawn", "decided_by": other},
        {"outcome": "perhaps", "decided_by": other},
        {"outcome": "agreed", "decided_by": None},
        {"outcome": None, "decided_by": other},
    ):
        with refused_by("contact_request_decided_by_another"):
            rows.update(**fields, decided_at=now)
    with refused_by("contact_request_decided_by_another"):
        rows.update(outcome="agreed", decided_by=other)


def test_what_was_asked_and_decided_stays(request_, now):
    rows, other = ContactRequest.objects.all(), StaffFactory.create()

    for fields in ({"reason": "别的"}, {"contact": None}, {"asked_by": other}):
        with refused_by("contact_request_stays"):
            rows.update(**fields)
    with refused_by("contact_request_stays"):
        rows._raw_delete("default")
    rows.update(contact="13900008888")  # sealed anew
    rows.update(outcome="refused", decided_by=other, decided_at=now)
    for fields in ({"outcome": "agreed"}, {"outcome": None, "decided_by": None, "decided_at": None}):
        with refused_by("contact_request_stays"):
            rows.update(**fields)
    rows.update(contact="13900008888")


def test_a_request_is_sound_and_one_is_open(request_, now):
    fields = {
        "donor": request_.donor,
        "reason": "换了号码",
        "asked_by": StaffFactory.create(),
        "asked_at": now,
    }
    for constraint, wrong in (
        ("contact_request_one_open", {}),
        ("contact_request_explained", {"donor": DonorFactory.create(), "reason": ""}),
        ("contact_request_explained", {"donor": DonorFactory.create(), "reason": "<b>"}),
        ("contact_request_index_form", {"donor": DonorFactory.create(), "contact_index": INDEX}),
        (
            "contact_request_index_form",
            {"donor": DonorFactory.create(), "contact": "1", "contact_index": "x"},
        ),
        (
            "contact_request_stays",
            {"outcome": "agreed", "decided_by": StaffFactory.create(), "decided_at": now},
        ),
    ):
        with refused_by(constraint):
            ContactRequest.objects.create(**(fields | wrong))


def test_a_file_with_an_owner_or_a_phone_changes_hands_only_by_two(request_, now):
    donor = Donor.objects.filter(pk=request_.donor_id)
    unclaimed = DonorFactory.create(contact="13800001234", contact_index=INDEX)
    new = {"contact": "13900008888", "contact_index": request_.contact_index}

    def all_refused() -> None:
        for fields in ({"user": None}, {"user": None, "contact": "1", "contact_index": "b" * 64}):
            with refused_by("donor_contact_by_two"):
                donor.update(**fields)

    all_refused()
    with refused_by("donor_contact_by_two"):
        donor.update(user=None, **new)
    with refused_by("donor_contact_by_two"):
        Donor.objects.filter(pk=unclaimed.pk).update(contact_index="b" * 64)
    ContactRequest.objects.update(outcome="agreed", decided_by=StaffFactory.create(), decided_at=now)
    all_refused()
    another = UserFactory.create(phone="13900008888")
    with refused_by("donor_contact_by_two"):
        donor.update(user=another, **new)
    donor.update(user=None, **new)
    donor.update(user=another)

    assert donor.get().user == another


def test_every_guard_of_a_request_is_tested_here():
    text = Path(__file__).read_text(encoding="utf-8")

    assert {name for name in guards_of(ContactRequest) if name not in text} == set()
