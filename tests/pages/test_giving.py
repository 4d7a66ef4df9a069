"""Goods at the store's door, page by page; and what a donor sees of themselves."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from backend.accounts.models import User
from points.giving.donor_files import set_donor_consent
from points.giving.intake_models import Intake, Receipt
from points.giving.models import Donation, Donor
from points.giving.services import GoodsLine, receive_goods
from points.market.models import Batch
from tests.factories.accounts import UserFactory
from tests.factories.giving import STROKES, Door, inspected, make_door, make_owner, promised, signed
from tests.pages.scenes import browser

pytestmark = pytest.mark.django_db
FOUND = {"packaging_intact": "on", "labelled": "on", "within_shelf_life": "on", "hygienic": "on"}


@pytest.fixture
def door() -> Door:
    return make_door()


@pytest.fixture
def clerk(door: Door) -> Client:
    return browser(User.objects.get(pk=door.clerk.user_id))


def steps_of(client: Client, intake: Intake) -> list[str]:
    """Which forms the page of an intake offers."""
    html = client.get(reverse("pages:giving-intake", args=[intake.pk])).content.decode()
    return [name for name in ("receive-form", "inspect-form", "sign-form") if f'data-testid="{name}"' in html]


def test_a_clerk_takes_goods_from_the_donors_name_to_the_printed_receipt(door: Door, clerk: Client) -> None:
    entered = clerk.post(
        reverse("pages:giving-donors"),
        {
            "kind": "individual",
            "name": "陈大明",
            "region": door.store.region_id,
            "contact": "13800001234",
            "consent": "hidden",
        },
    )
    donor = Donor.objects.get(name="陈大明")
    assert entered["Location"] == reverse("pages:giving-donor", args=[donor.pk])
    pledged = {"donor": donor.pk, "store": door.store.pk, "r0-offered": "大米", "r0-quantity": "3"}
    clerk.post(reverse("pages:giving-pledge"), pledged)
    intake = Intake.objects.get()
    page, line = reverse("pages:giving-intake", args=[intake.pk]), intake.lines.get().pk

    assert steps_of(clerk, intake) == ["receive-form"]
    clerk.post(page, {"step": "receive", f"l{line}-counted": "3"})
    assert steps_of(clerk, intake) == ["inspect-form"]
    found = {f"l{line}-{name}": value for name, value in FOUND.items()}
    no_product = clerk.post(page, {"step": "inspect", **found, f"l{line}-accepted": "3"})
    assert (no_product.status_code, "请选择上架为哪种商品" in no_product.content.decode()) == (400, True)
    found[f"l{line}-product"] = str(door.rice.pk)
    clerk.post(page, {"step": "inspect", **found, f"l{line}-accepted": "3"})
    assert steps_of(clerk, intake) == ["sign-form"]
    signing = {"step": "sign", "who": "both", "representative": "陈大明", "drawing": STROKES}
    clerk.post(page, signing)
    clerk.post(page, signing)

    receipt = Receipt.objects.get()
    assert (Donation.objects.count(), Batch.objects.get().on_hand) == (1, 3)
    sheet = clerk.get(reverse("pages:receipt-sheet", args=[receipt.number])).content.decode()
    for said in ("内部收讫确认（非财政票据）", receipt.number, "陈大明", "大米 3 袋"):
        assert said in sheet
    checked = Client().get(reverse("pages:receipt", args=[receipt.number])).content.decode()
    assert ("陈大明" in checked, 'data-valid="yes"' in checked) == (False, True)


def test_a_donor_claims_chooses_signs_and_is_thanked(door: Door, clerk: Client) -> None:
    owner = UserFactory.create()
    Donor.objects.filter(pk=door.donor.pk).update(contact=owner.phone.open(), contact_index=owner.phone_index)
    phone = browser(owner)
    phone.post(reverse("pages:my-giving-claim"))
    phone.post(
        reverse("pages:my-giving-consent", args=[door.donor.pk]),
        {"step": "consent", "consent": "named", "show_amount": "on"},
    )
    intake = inspected(door, at=timezone.now())
    phone.post(reverse("pages:my-intake", args=[intake.pk]), {"step": "sign"})
    clerk.post(reverse("pages:giving-intake", args=[intake.pk]), {"step": "sign", "who": "alone"})

    thanked = phone.get(reverse("pages:my-intake", args=[intake.pk])).content.decode()

    assert 'data-testid="thanks"' in thanked
    assert reverse("pages:donation", args=[Donation.objects.get().number]) in thanked
    door.donor.refresh_from_db()
    assert (door.donor.user, door.donor.consent, door.donor.show_amount) == (owner, "named", True)


def test_a_donors_things_are_nobody_elses(door: Door) -> None:
    make_owner(door.donor)
    intake = signed(door, at=timezone.now())
    stranger = browser(UserFactory.create())
    addresses = [
        reverse("pages:my-intake", args=[intake.pk]),
        reverse("pages:receipt-sheet", args=[Receipt.objects.get().number]),
    ]

    answers = [stranger.get(address).status_code for address in addresses]
    answers.append(
        stranger.post(
            reverse("pages:my-giving-consent", args=[door.donor.pk]), {"step": "consent", "consent": "named"}
        ).status_code
    )

    assert answers == [404, 404, 404]
    assert Donor.objects.get().consent == "hidden"


def test_the_same_key_signs_once_and_answers_the_same(door: Door) -> None:
    intake = inspected(door, at=timezone.now())
    client = browser(User.objects.get(pk=door.clerk.user_id))
    body = {"representative": "陈店长", "drawing": STROKES}

    def sign(**changed: str) -> tuple[int, bytes]:
        answer = client.post(
            f"/api/v1/giving/intakes/{intake.pk}/sign/",
            body | changed,
            content_type="application/json",
            headers={"Idempotency-Key": "k1"},
        )
        return answer.status_code, answer.content

    first = sign()

    assert sign() == first
    assert (first[0], sign(representative="别人")[0], Donation.objects.count()) == (200, 422, 1)


def test_a_list_of_intakes_costs_the_same_however_long(door: Door, clerk: Client) -> None:
    promised(door, at=timezone.now())
    signed(door, at=timezone.now())
    address = reverse("pages:giving")

    with CaptureQueriesContext(connection) as few:
        clerk.get(address)
    for _ in range(3):
        promised(door, at=timezone.now())
        signed(door, at=timezone.now())
    with CaptureQueriesContext(connection) as many:
        clerk.get(address)

    assert len(many) == len(few)


def test_the_donors_file_tells_what_they_gave_and_agreed_to_in_words(door: Door, clerk: Client) -> None:
    signed(door)
    donation = Donation.objects.get()
    set_donor_consent(donor=donation.donor, actor=None, at=timezone.now(), consent="named", show_amount=True)

    html = clerk.get(reverse("pages:giving-donor", args=[donation.donor_id])).content.decode()

    assert reverse("pages:donation", args=[donation.number]) in html
    assert reverse("pages:receipt-sheet", args=[donation.receipt.number]) in html
    assert "不公开 → 公开名称" in html
    assert "不公开 → 公开<" in html


def test_the_donors_file_has_a_way_to_every_gift(door: Door, clerk: Client) -> None:
    day = timezone.localdate()
    numbers = [
        receive_goods(
            donor=door.donor,
            store=door.store,
            lines=[GoodsLine(product_id=door.rice.pk, quantity=1, expires_on=None)],
            received_on=day,
            purpose="",
            actor=door.clerk,
            at=timezone.now(),
        ).number
        for _gift in range(21)
    ]
    page = reverse("pages:giving-donor", args=[door.donor.pk])

    first, second = (clerk.get(f"{page}{query}").content.decode() for query in ("", "?page=2"))

    assert [(number in first, number in second) for number in numbers] == [(False, True)] + [
        (True, False)
    ] * 20
    assert f'rel="next" href="{page}?page=2"' in first
