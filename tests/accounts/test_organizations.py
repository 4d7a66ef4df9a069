"""Organizations and their unified social credit codes (GB 32100-2015)."""

import pytest
from django.db import IntegrityError, transaction

from backend.accounts.errors import CreditCodeInvalid, CreditCodeTaken
from backend.accounts.models import CompetentDepartment, Organization, OrganizationKind
from backend.accounts.scopes import Actor
from backend.accounts.services import add_organization, check_credit_code
from backend.core.errors import refusal_for
from backend.core.models import AuditEntry
from backend.regions.errors import RegionUnknown
from backend.regions.models import Region

CODE = "91350100M000100Y43"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (CODE, CODE),
        (CODE.lower(), CODE),
        ("91350100 M000100Y 43", CODE),
        ("91350100-M000100Y-43", CODE),
        ("91310115MA1H8R7C67", "91310115MA1H8R7C67"),
    ],
)
def test_a_good_code_is_taken_in_capitals(text, code):
    assert check_credit_code(text) == code


@pytest.mark.parametrize(
    "code",
    [
        "91350100M000100Y4Z",  # Z is no letter of the alphabet
        "91350100M000100Y44",  # check digit
        "91310115MA1H8R7C6D",  # printed in many places, and wrong
        "91350100M000100Y4",
        "91350100M000100Y433",
        "9135O100M000100Y43",  # O for 0
        "91350100I000100Y43",
        "9135010AM000100Y43",  # digits of the region
        "",
        "x",
        "９１３５０１００Ｍ０００１００Ｙ４３",
        "\x00" * 18,
        "9" * 5000,
    ],
)
def test_a_bad_code_is_refused(code):
    with pytest.raises(CreditCodeInvalid) as refused:
        check_credit_code(code)

    assert (refused.value.status, refused.value.field) == (400, "credit_code")


ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def with_check_character(body):
    """The code of seventeen characters, by the standard's own words: (31 − Σ mod 31) mod 31."""
    total = sum(ALPHABET.index(letter) * 3**place for place, letter in enumerate(body))
    return body + ALPHABET[(31 - total % 31) % 31]


@pytest.mark.parametrize("serial", range(0, 310, 7))
def test_every_check_character_is_worked_out_as_the_standard_says(serial):
    code = with_check_character(f"5152010250000{serial:04d}")

    assert check_credit_code(code) == code


def test_a_sum_that_divides_evenly_is_checked_by_a_nought():
    code = next(
        code
        for code in (with_check_character(f"5152010250000{n:04d}") for n in range(1000))
        if code[-1] == "0"
    )

    assert check_credit_code(code) == code


# --- registering -----------------------------------------------------------------------------------------


@pytest.fixture
def region(db):
    return Region.objects.create(code="520102016000", name="新华路街道", level="township")


def add(at, **changes):
    facts = {
        "name": "新华路志愿服务队",
        "kind": OrganizationKind.VOLUNTEER_ORGANIZATION,
        "region_code": "520102016000",
        "credit_code": CODE.lower(),
        "actor": Actor(user_id=5),
        "at": at,
    }
    return add_organization(**facts | changes)


def test_an_organization_is_registered_and_audited(region, now):
    organization = add(now, competent_department=CompetentDepartment.CIVIL_AFFAIRS, contact_name="张晓明")

    row = AuditEntry.objects.get()
    assert Organization.objects.get() == organization
    assert (organization.credit_code, organization.region, organization.is_active) == (CODE, region, True)
    assert (row.action, row.actor_id, row.target_id, row.detail) == (
        "organization.added",
        5,
        str(organization.pk),
        {},
    )


@pytest.mark.parametrize("nothing", [None, ""])
def test_a_group_inside_a_community_needs_no_code(region, now, nothing):
    for name in ("first", "second"):
        add(now, name=name, kind=OrganizationKind.COMMUNITY_GROUP, credit_code=nothing)

    assert list(Organization.objects.values_list("credit_code", flat=True)) == [None, None]


def test_a_bad_code_registers_nothing(region, now):
    with pytest.raises(CreditCodeInvalid):
        add(now, credit_code="91350100M000100Y4Z")

    assert (Organization.objects.count(), AuditEntry.objects.count()) == (0, 0)


def test_an_unknown_region_registers_nothing(db, now):
    with pytest.raises(RegionUnknown):
        add(now)

    assert Organization.objects.count() == 0


def test_a_code_is_registered_once(region, now):
    add(now)

    with pytest.raises(CreditCodeTaken):
        add(now, name="again")

    assert (Organization.objects.count(), AuditEntry.objects.count()) == (1, 1)


# --- around the Python -----------------------------------------------------------------------------------


def test_postgresql_refuses_a_second_organization_with_the_code(region, now):
    add(now)

    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Organization.objects.create(name="x", kind="charity", region=region, credit_code=CODE)

    assert isinstance(refusal_for(refused.value), CreditCodeTaken)


@pytest.mark.parametrize("code", ["", "x", CODE.lower(), CODE[:-1], "91350100M000100Y4Z", CODE[:-1] + "\n"])
def test_postgresql_refuses_what_has_not_the_shape_of_a_code(region, now, code):
    organization = add(now)

    with pytest.raises(IntegrityError, match="organization_credit_code_shape"), transaction.atomic():
        Organization.objects.filter(pk=organization.pk).update(credit_code=code)
