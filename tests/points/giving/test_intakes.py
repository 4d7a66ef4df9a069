"""Donated goods from a promise to a signed receipt."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from backend.accounts.scopes import Actor, Role, actor_for
from backend.core.errors import Forbidden, NotFound
from points.giving import errors, intake_queries, intakes, receipts, signing
from points.giving.choices import DonorKind, IntakeStatus, Party, ReceiptForm
from points.giving.intake_models import Intake, IntakeSignature, Receipt
from points.giving.models import Donation
from points.giving.services import Meant
from points.market.models import Batch
from tests.factories.accounts import UserFactory, make_actor
from tests.factories.giving import (
    HAND,
    STROKES,
    arrived,
    inspected,
    make_door,
    make_owner,
    promised,
    signed,
    sound,
)
from tests.factories.market import StoreFactory, clerk_of
from tests.factories.regions import RegionFactory

pytestmark = pytest.mark.django_db
CODE = "91350100M000100Y43"


@pytest.fixture
def door():
    return make_door()


def test_the_whole_way_ends_in_stock_and_a_receipt(door, now):
    intake = signed(door, at=now)

    donation = Donation.objects.get()
    batch = Batch.objects.get()
    receipt = Receipt.objects.get()
    assert (intake.status, intake.donation, intake.signed_at) == (IntakeStatus.SIGNED, donation, now)
    assert (batch.on_hand, batch.expires_on, batch.product) == (8, date(2027, 6, 30), door.rice)
    assert (donation.income, donation.handled_by_id) == ("donated", door.clerk.user_id)
    assert (receipt.donation, receipt.form, receipt.donor_name) == (
        donation,
        ReceiptForm.NAMED,
        door.donor.name,
    )
    assert receipt.number != donation.number
    line = intake.lines.get()
    assert (line.quantity, line.counted, line.accepted, line.refused, line.reason) == (
        10,
        9,
        8,
        1,
        "一袋破损",
    )
    by_hand = IntakeSignature.objects.get(party=Party.DONOR)
    assert (by_hand.user, by_hand.name, by_hand.drawing.open()) == (None, "陈店长", STROKES)


def test_signing_again_changes_nothing_and_returns_the_same(door, now):
    ticket = {"official_ticket": "0001", "ticket_code": "52010125"}
    intake, other = inspected(door, at=now), inspected(door, at=now)
    step = {"intake_id": intake.pk, "actor": door.clerk, "at": now, "hand": HAND, **ticket}

    first, again = (signing.sign_as_handler(**step).donation for _ in range(2))
    with pytest.raises(errors.TicketAlreadyRecorded):
        signing.sign_as_handler(**step | {"intake_id": other.pk})

    assert (again, again.official_ticket, again.ticket_code) == (first, "0001", "52010125")
    assert (Donation.objects.count(), Batch.objects.count(), Receipt.objects.count()) == (1, 1, 1)


@pytest.mark.parametrize("donor_first", [True, False])
def test_the_donor_signs_on_their_own_phone_before_or_after_the_handler(door, now, donor_first):
    owner = make_owner(door.donor)
    intake = inspected(door, at=now)
    steps = [
        lambda: signing.sign_as_donor(intake_id=intake.pk, actor=actor_for(owner), at=now, waived=True),
        lambda: signing.sign_as_handler(intake_id=intake.pk, actor=door.clerk, at=now),
    ]
    first, second = steps if donor_first else reversed(steps)

    waiting = first()
    assert (waiting.status, Donation.objects.count()) == (IntakeStatus.INSPECTED, 0)
    done = second()

    assert done.status == IntakeStatus.SIGNED
    assert Receipt.objects.get().form == ReceiptForm.WAIVED
    assert set(IntakeSignature.objects.values_list("party", "user_id")) == {
        (Party.HANDLER, door.clerk.user_id),
        (Party.DONOR, owner.pk),
    }


def test_a_donor_of_another_region_may_bring_goods_to_any_open_store(now):
    door = make_door(region=RegionFactory.create(code="510104001001"))
    owner = actor_for(make_owner(door.donor))
    intake = inspected(door, at=now, actor=owner)
    signing.sign_as_handler(intake_id=intake.pk, actor=door.clerk, at=now)

    done = signing.sign_as_donor(intake_id=intake.pk, actor=owner, at=now)

    assert done.status == IntakeStatus.SIGNED


def test_nobody_signs_for_both_sides(door, now):
    owner = make_owner(door.donor)
    intake = inspected(door, at=now)
    both = Actor(user_id=owner.pk, grants=door.clerk.grants)

    with pytest.raises(errors.HandlerIsDonor):
        signing.sign_as_donor(intake_id=intake.pk, actor=door.clerk, at=now)
    with pytest.raises(errors.HandlerIsDonor):
        signing.sign_as_handler(intake_id=intake.pk, actor=both, at=now, hand=HAND)

    assert (IntakeSignature.objects.count(), Donation.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("hand", "error"),
    [
        (replace(HAND, name=""), errors.SignatureInvalid),
        (replace(HAND, name="<b>陈</b>"), errors.WordsInvalid),
        (replace(HAND, drawing=""), errors.SignatureInvalid),
        (replace(HAND, drawing="M1 1L2 2"), errors.SignatureInvalid),
        (replace(HAND, drawing=STROKES + '"/><script>'), errors.SignatureInvalid),
        (replace(HAND, drawing=STROKES * 300), errors.SignatureInvalid),
    ],
)
def test_a_hand_that_is_no_signature_signs_nothing(door, now, hand, error):
    intake = inspected(door, at=now)

    with pytest.raises(error):
        signing.sign_as_handler(intake_id=intake.pk, actor=door.clerk, at=now, hand=hand)

    assert (IntakeSignature.objects.count(), Donation.objects.count(), Receipt.objects.count()) == (0, 0, 0)


def test_somebody_anonymous_leaves_neither_name_nor_hand(now):
    door = make_door(kind=DonorKind.ANONYMOUS, name="爱心人士")
    intake = inspected(door, at=now)

    done = signing.sign_as_handler(intake_id=intake.pk, actor=door.clerk, at=now, hand=HAND)

    receipt = Receipt.objects.get()
    assert (done.status, receipt.form, receipt.donor_name) == (
        IntakeStatus.SIGNED,
        ReceiptForm.ANONYMOUS,
        "爱心人士",
    )
    silent = IntakeSignature.objects.get(party=Party.DONOR)
    assert (silent.anonymous, silent.name, silent.drawing, silent.user) == (True, "", None, None)


def test_goods_that_all_fail_are_not_signed_for(door, now):
    bad = replace(sound(0, reason="过期"), within_shelf_life=False)
    intake = inspected(door, at=now, finding=bad)

    with pytest.raises(errors.NothingAccepted):
        signing.sign_as_handler(intake_id=intake.pk, actor=door.clerk, at=now, hand=HAND)
    refused = intakes.refuse(intake_id=intake.pk, reason="全部过期", actor=door.clerk, at=now)

    assert (refused.status, refused.close_reason) == (IntakeStatus.REFUSED, "全部过期")
    assert Batch.objects.count() == 0


@pytest.mark.parametrize(
    ("finding", "error"),
    [
        (replace(sound(9), hygienic=False), errors.GoodsUnsafe),
        (replace(sound(9), expires_on=date(2026, 8, 1)), errors.GoodsUnsafe),
        (sound(10), errors.AcceptedTooMany),
        (sound(-1, reason="少"), errors.AcceptedTooMany),
        (sound(8), errors.RefusalUnexplained),
        (sound(8, reason="破" * 201), errors.WordsInvalid),
        (sound(9, product_id=2**40), NotFound),
    ],
)
def test_an_inspection_that_does_not_hold_writes_nothing(door, now, finding, error):
    intake = arrived(door, at=now)

    with pytest.raises(error):
        intakes.inspect(
            intake_id=intake.pk,
            findings=dict.fromkeys(intake.lines.values_list("pk", flat=True), finding),
            actor=door.clerk,
            at=now,
        )

    assert list(Intake.objects.values_list("status", "lines__accepted")) == [("received", None)]


def test_a_step_speaks_about_every_line_and_no_other(door, now):
    intake = promised(door, at=now)
    line = intake.lines.get().pk

    for counted in ({}, {line: 1, line + 1: 1}, {line: -1}, {line: 10**9}):
        with pytest.raises(errors.IntakeLinesWrong):
            intakes.receive(intake_id=intake.pk, counted=counted, actor=door.clerk, at=now)

    assert Intake.objects.get().status == IntakeStatus.PLEDGED


@pytest.mark.parametrize("step", [promised, arrived, inspected, signed])
def test_a_step_is_made_once_and_in_order(door, now, step):
    intake = step(door, at=now)
    lines = dict.fromkeys(intake.lines.values_list("pk", flat=True), 9)
    findings = dict.fromkeys(lines, sound(9))
    acts: dict[str, Any] = {
        "pledged": lambda: intakes.receive(intake_id=intake.pk, counted=lines, actor=door.clerk, at=now),
        "received": lambda: intakes.inspect(intake_id=intake.pk, findings=findings, actor=door.clerk, at=now),
        "inspected": lambda: signing.sign_as_handler(
            intake_id=intake.pk, actor=door.clerk, at=now, hand=HAND
        ),
    }

    for status, act in acts.items():
        if status != intake.status and not (status == "inspected" and intake.status == "signed"):
            with pytest.raises(errors.IntakeMoved):
                act()

    if intake.status == IntakeStatus.SIGNED:
        with pytest.raises(errors.IntakeMoved):
            intakes.withdraw(intake_id=intake.pk, reason="不捐了", actor=door.clerk, at=now)


def test_another_person_inspects_where_the_policy_says_so(door, now, settings):
    settings.GIVING_OTHER_INSPECTOR = True
    intake = arrived(door, at=now)
    findings = dict.fromkeys(intake.lines.values_list("pk", flat=True), sound(9))

    with pytest.raises(errors.IntakeInspectorSame):
        intakes.inspect(intake_id=intake.pk, findings=findings, actor=door.clerk, at=now)
    done = intakes.inspect(intake_id=intake.pk, findings=findings, actor=clerk_of(door.store), at=now)

    assert done.inspected_by_id != done.received_by_id


def test_a_donor_withdraws_their_own_and_nobody_elses(door, now):
    owner = make_owner(door.donor)
    intake = promised(door, at=now)

    with pytest.raises(NotFound):
        intakes.withdraw(intake_id=intake.pk, reason="不捐了", actor=actor_for(UserFactory.create()), at=now)
    done = intakes.withdraw(intake_id=intake.pk, reason="不捐了", actor=actor_for(owner), at=now)

    assert (done.status, done.closed_by_id) == (IntakeStatus.WITHDRAWN, owner.pk)


def test_who_keeps_another_store_finds_nothing_and_a_volunteer_may_not(door, now):
    intake = promised(door, at=now)
    lines = dict.fromkeys(intake.lines.values_list("pk", flat=True), 9)

    with pytest.raises(NotFound):
        intakes.receive(intake_id=intake.pk, counted=lines, actor=clerk_of(StoreFactory.create()), at=now)
    with pytest.raises(Forbidden):
        intakes.receive(intake_id=intake.pk, counted=lines, actor=actor_for(UserFactory.create()), at=now)
    with pytest.raises(NotFound):
        intakes.refuse(
            intake_id=2**40, reason="没有", actor=make_actor(Role.COMMUNITY_STAFF, "520102"), at=now
        )

    assert Intake.objects.get().status == IntakeStatus.PLEDGED


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"offers": []}, errors.IntakeLinesWrong),
        ({"offers": [intakes.Offer(0, "大米")]}, errors.IntakeLinesWrong),
        ({"offers": [intakes.Offer(1, "")]}, errors.WordsInvalid),
        ({"offers": [intakes.Offer(1, "米" * 81)]}, errors.WordsInvalid),
        ({"offers": [intakes.Offer(1, "大米\x00")]}, errors.WordsInvalid),
        ({"offers": [intakes.Offer(1, "中华香烟")]}, errors.TobaccoRefused),
        ({"purpose": "推广Ｔobacco品牌"}, errors.TobaccoRefused),
        ({"purpose": "<script>"}, errors.WordsInvalid),
        ({"meant": Meant(beneficiary="王 奶奶")}, errors.BeneficiaryUndeclared),
        ({"meant": Meant(beneficiary="南明 便民超市", unrelated=True)}, errors.BeneficiaryIsDonor),
        (
            {"meant": Meant(beneficiary="别的名字", beneficiary_code=CODE, unrelated=True)},
            errors.BeneficiaryIsDonor,
        ),
    ],
)
def test_a_pledge_against_the_rules_of_giving_is_refused(now, fields, error):
    door = make_door(credit_code=CODE)

    with pytest.raises(error):
        promised(door, at=now, **fields)

    assert Intake.objects.count() == 0


def test_what_a_gift_is_meant_for_reaches_the_donation(door, now):
    meant = Meant(designation="东门店", beneficiary="王奶奶", unrelated=True)
    signed(door, at=now, purpose="助老", meant=meant)

    donation = Donation.objects.get()
    assert (donation.purpose, donation.designation, donation.beneficiary, donation.unrelated) == (
        "助老",
        "东门店",
        "王奶奶",
        True,
    )


def test_short_shelf_life_warns(door, now, settings):
    settings.GIVING_SHELF_DAYS = 30
    line = promised(door, at=now).lines.get()
    today = date(2026, 9, 15)

    said = [
        intake_queries.short_lived(type(line)(promised_expiry=day), today=today)
        for day in (None, date(2026, 10, 14), date(2026, 10, 15))
    ]

    assert said == [False, True, False]


def test_a_receipt_is_revoked_by_a_second_person_once(door, now):
    signed(door, at=now)
    number = Receipt.objects.get().number
    second = clerk_of(door.store)

    with pytest.raises(errors.ReceiptRevokerIsIssuer):
        receipts.revoke_receipt(number=number, reason="数量写错", actor=door.clerk, at=now)
    with pytest.raises(errors.WordsInvalid):
        receipts.revoke_receipt(number=number, reason=" ", actor=second, at=now)
    assert receipts.check_receipt(number).valid
    receipts.revoke_receipt(number=number, reason="数量写错", actor=second, at=now)

    assert not receipts.check_receipt(number).valid
    with pytest.raises(errors.ReceiptAlreadyRevoked):
        receipts.revoke_receipt(number=number, reason="数量写错", actor=second, at=now)
    with pytest.raises(NotFound):
        receipts.revoke_receipt(
            number=number, reason="数量写错", actor=clerk_of(StoreFactory.create()), at=now
        )


@pytest.mark.parametrize(
    ("consent", "called"),
    [
        ("hidden", "按捐赠人意愿不公开"),
        ("masked", "南*市"),
        ("anonymous", "爱心人士"),
        ("named", "南明便民超市"),
    ],
)
def test_checking_a_receipt_names_the_donor_no_further_than_they_agree(now, consent, called):
    door = make_door(consent=consent)
    signed(door, at=now)

    found = receipts.check_receipt(Receipt.objects.get().number)

    assert (found.donor, found.amount_fen, found.shows_quantities) == (called, None, False)
