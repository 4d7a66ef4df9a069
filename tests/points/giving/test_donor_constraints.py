"""Every guard of who a donor is and what they agreed to, reached around the Python."""

from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from points.giving.choices import ConsentBy, DonorKind
from points.giving.donor_files import ID_PURPOSE, add_donor, new_number, set_donor_consent
from points.giving.models import ConsentChange, Donor, DonorPicture
from tests.factories.accounts import StaffFactory, UserFactory
from tests.factories.database import guards_of, refused_by
from tests.factories.market import DonorFactory
from tests.factories.regions import RegionFactory
from tests.factories.volunteers import resident_id

pytestmark = pytest.mark.django_db

INDEX = "a" * 64


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("donor_credit_code_of_body", {"kind": "individual", "credit_code": "91350100M000100Y43"}),
        ("donor_identity_of_person", {"id_number": "11010519491231002X", "id_index": INDEX}),
        ("donor_identity_of_person", {"kind": "individual", "id_index": INDEX}),
        ("donor_contact_index_form", {"contact_index": INDEX}),
        ("donor_contact_index_form", {"contact": "13800001234", "contact_index": "x"}),
        ("donor_anonymous_tells_nothing", {"kind": "anonymous"}),
        ("donor_anonymous_tells_nothing", {"kind": "anonymous", "name": "爱心人士", "contact": "1"}),
        ("donor_claimed_by_its_phone", {"user": 1, "contact": "1", "contact_index": INDEX}),
    ],
)
def test_a_donor_tells_what_its_kind_may(constraint, fields):
    donor = DonorFactory.create()
    given = fields | ({"user": UserFactory.create()} if "user" in fields else {})

    with refused_by(constraint):
        Donor.objects.filter(pk=donor.pk).update(**given)


@pytest.mark.parametrize(
    "fields",
    [
        {"contact": "x"},
        {"credit_code": "91350100M000100Y43"},
        {"name": "王五"},
        {"consent": "named"},
        {"show_picture": True},
    ],
)
def test_nothing_is_kept_of_somebody_anonymous(fields):
    donor = DonorFactory.create(kind=DonorKind.ANONYMOUS, name="爱心人士")

    with refused_by("donor_anonymous_tells_nothing"):
        Donor.objects.filter(pk=donor.pk).update(**fields)
    with refused_by("donor_picture_of_somebody_known"):
        DonorPicture.objects.create(
            donor=donor, key=new_number(), picture=b"x", set_by=StaffFactory.create(), set_at=donor.added_at
        )


def test_donor_person_once_in_a_region(now):
    number = resident_id(sequence=5)
    given: dict[str, Any] = {"name": "王五", "kind": DonorKind.INDIVIDUAL, "actor": None, "at": now}
    add_donor(**given, region=RegionFactory.create(), id_number=number)
    add_donor(**given, region=RegionFactory.create(code="520102000000"), id_number=number.lower())

    with refused_by("donor_person_once"):
        add_donor(**given, region=RegionFactory.create(), id_number=number)

    assert ID_PURPOSE == "points.donor_id"
    assert {donor.id_number.open() for donor in Donor.objects.all()} == {number}


def test_a_picture_has_an_address_of_its_own(now):
    def picture(key: str) -> None:
        DonorPicture.objects.create(
            donor=DonorFactory.create(), key=key, picture=b"x", set_by=StaffFactory.create(), set_at=now
        )

    with refused_by("donor_picture_key_form"):
        picture("1")
    picture("ABCDEFGHJKMN")
    with refused_by("donor_picture_key_once"):
        picture("ABCDEFGHJKMN")


def test_a_consent_changes_only_with_its_history(now):
    donor = DonorFactory.create()

    with refused_by("donor_consent_has_history"):
        Donor.objects.filter(pk=donor.pk).update(consent="named")
        connection.check_constraints()
    set_donor_consent(donor=donor, consent="named", show_amount=True, actor=None, at=now)
    connection.check_constraints()

    said = list(donor.consent_changes.order_by("pk").values_list("matter", "old", "new", "by"))
    assert said == [("name", "hidden", "named", "platform"), ("amount", "no", "yes", "platform")]


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("consent_change_known", {"new": "perhaps"}),
        ("consent_change_known", {"matter": "amount", "new": "named"}),
        ("consent_change_by_someone", {"by": "staff"}),
        ("consent_change_by_the_donor", {"by": ConsentBy.DONOR, "changed_by": 1}),
    ],
)
def test_a_change_of_consent_is_sound(now, constraint, fields):
    given = fields | ({"changed_by": UserFactory.create()} if "changed_by" in fields else {})
    values = {"donor": DonorFactory.create(), "matter": "name", "old": "hidden", "new": "named"}

    with refused_by(constraint):
        ConsentChange.objects.create(**(values | {"by": "platform", "at": now} | given))


def test_consent_change_append_only(now):
    set_donor_consent(donor=DonorFactory.create(), consent="named", actor=None, at=now)

    with refused_by("consent_change_append_only"):
        ConsentChange.objects.update(new="hidden")
    with refused_by("consent_change_append_only"):
        ConsentChange.objects.all()._raw_delete("default")


def test_every_guard_of_consent_and_pictures_is_tested_here():
    text = Path(__file__).read_text(encoding="utf-8")

    assert {name for name in guards_of(ConsentChange, DonorPicture) if name not in text} == set()
