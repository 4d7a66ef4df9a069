"""Every guard of pledges, signatures and receipts, reached around the Python."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError

from points.giving.choices import IntakeStatus, Party
from points.giving.donor_files import new_number
from points.giving.intake_models import Intake, IntakeLine, IntakeSignature, Receipt, ReceiptRevocation
from points.giving.models import Donation
from points.giving.states import FIRST, MOVES, may_move
from points.giving.triggers import INTAKE
from tests.factories.accounts import StaffFactory
from tests.factories.database import guards_of, refused_by
from tests.factories.giving import STROKES, arrived, inspected, make_door, make_owner, promised, signed
from tests.factories.market import DonorFactory, ProductFactory

pytestmark = pytest.mark.django_db

INDEX = "a" * 64


@pytest.fixture
def door():
    return make_door()


def a_donation(door, now, **fields: Any) -> Donation:
    """Money nobody has acknowledged yet."""
    values: dict[str, Any] = {
        "number": new_number(),
        "donor": door.donor,
        "kind": "money",
        "amount_fen": 100,
        "organization": door.store.organization,
        "region": door.store.region,
        "received_on": date(2026, 9, 15),
        "handled_by_id": door.clerk.user_id,
        "recorded_at": now,
    }
    return Donation.objects.create(**(values | fields))


# --- the table of states and its trigger ------------------------------------------------------------------


def test_the_trigger_holds_the_table_of_states():
    (guard,) = [trigger for trigger in INTAKE if trigger.name == "intake_moves"]

    written = {
        (before, after)
        for before in IntakeStatus
        for after in IntakeStatus
        if f"'{before.value}>{after.value}'" in guard.func
    }

    assert written == {(before, after) for before in IntakeStatus for after in MOVES[before]}
    assert FIRST == IntakeStatus.PLEDGED


def test_the_database_makes_no_move_the_table_does_not_know(door, now):
    """Every pair of states, tried on rows of that state; what a move needs besides has its own guard."""
    makers = {"pledged": promised, "received": arrived, "inspected": inspected, "signed": signed}
    moved = set()
    for before, make in makers.items():
        for after in IntakeStatus:
            if before == after:
                continue
            intake = make(door, at=now)
            try:
                with transaction.atomic():
                    Intake.objects.filter(pk=intake.pk).update(status=after)
            except IntegrityError as error:
                name = error.__cause__.diag.constraint_name
                if name != "intake_moves":
                    moved.add((before, after))

    assert moved == {
        (before, after) for before in makers for after in IntakeStatus if may_move(before, after)
    }


@pytest.mark.parametrize("status", ["received", "signed", "refused"])
def test_intake_begins_pledged(door, now, status):
    with refused_by("intake_begins_pledged"):
        Intake.objects.create(
            donor=door.donor,
            store=door.store,
            status=status,
            pledged_by_id=door.clerk.user_id,
            pledged_at=now,
        )


def test_an_intake_is_never_removed(door, now):
    intake = promised(door, at=now)

    with refused_by("intake_moves"):
        Intake.objects.filter(pk=intake.pk)._raw_delete("default")


def test_what_was_pledged_received_and_inspected_stays(door, now):
    intake = inspected(door, at=now)
    other = StaffFactory.create()

    for fields in ({"donor": DonorFactory.create()}, {"purpose": "别的"}, {"received_by": other}):
        with refused_by("intake_facts_stay"):
            Intake.objects.filter(pk=intake.pk).update(**fields)


@pytest.mark.parametrize(
    ("constraint", "make", "fields"),
    [
        ("intake_status_known", None, {"status": "eaten"}),
        ("intake_words_plain", None, {"purpose": "<b>"}),
        ("intake_beneficiary_declared", None, {"beneficiary": "王奶奶"}),
        ("intake_received_by_someone", promised, {"status": "received"}),
        ("intake_inspected_by_someone", arrived, {"status": "inspected"}),
        ("intake_closed_explained", promised, {"status": "refused"}),
        ("intake_valuation_positive", promised, {"valuation_fen": 0}),
        ("intake_ticket_code_form", promised, {"ticket_code": "5201"}),
        ("intake_ticket_code_form", promised, {"ticket_code": "x", "official_ticket": "1"}),
        ("intake_signed_by_both", inspected, {"status": "signed"}),
    ],
)
def test_an_intake_is_sound(door, now, constraint, make, fields):
    if make is None:  # a new row: what an old one may not change meets its history first
        with refused_by(constraint if constraint != "intake_status_known" else "intake_begins_pledged"):
            Intake.objects.create(
                donor=door.donor,
                store=door.store,
                pledged_by_id=door.clerk.user_id,
                pledged_at=now,
                **fields,
            )
        return
    intake = make(door, at=now)

    with refused_by(constraint):
        Intake.objects.filter(pk=intake.pk).update(**fields)


def test_intake_signed_is_donation(door, now):
    donation = signed(door, at=now).donation
    waiting = promised(door, at=now)

    with refused_by("intake_signed_is_donation"):
        Intake.objects.filter(pk=waiting.pk).update(donation=donation)


def test_a_donation_belongs_to_one_intake(door, now):
    first = signed(door, at=now)
    second = inspected(door, at=now)
    for party, user in ((Party.HANDLER, door.clerk.user_id), (Party.DONOR, None)):
        hand = {} if user else {"name": "陈", "drawing": STROKES, "digest": INDEX}
        IntakeSignature.objects.create(intake=second, party=party, user_id=user, at=now, **hand)

    with refused_by("points_intake_donation_id_key"):
        Intake.objects.filter(pk=second.pk).update(status="signed", signed_at=now, donation=first.donation)


def test_intake_beneficiary_is_another(door, now):
    with refused_by("intake_beneficiary_is_another"):
        Intake.objects.create(
            donor=door.donor,
            store=door.store,
            pledged_by_id=door.clerk.user_id,
            pledged_at=now,
            beneficiary=f" {door.donor.name} ",
            unrelated=True,
        )


# --- lines --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("constraint", "make", "fields"),
    [
        ("intake_line_adds_up", arrived, {"accepted": 5, "refused": 5, "reason": "坏"}),
        ("intake_line_inspected_whole", arrived, {"accepted": 0, "refused": 9, "reason": "坏"}),
        ("intake_line_history_stays", promised, {"offered": "面"}),
        ("intake_line_history_stays", promised, {"quantity": 99}),
        ("intake_line_history_stays", arrived, {"counted": 8}),
        ("intake_line_history_stays", inspected, {"accepted": 9}),
        ("intake_line_history_stays", signed, {"reason": "别的"}),
    ],
)
def test_a_line_is_sound(door, now, constraint, make, fields):
    make(door, at=now)

    with refused_by(constraint):
        IntakeLine.objects.update(**fields)


CHECKS = {"packaging_intact": True, "labelled": True, "within_shelf_life": True, "hygienic": True}


@pytest.mark.parametrize("question", [*CHECKS, "product"])
def test_intake_line_accepted_is_safe(door, now, question):
    arrived(door, at=now)
    fields: dict[str, Any] = CHECKS | {"accepted": 9, "refused": 0}
    fields[question] = None if question == "product" else False

    with refused_by("intake_line_accepted_is_safe"):
        IntakeLine.objects.update(**fields)


def test_intake_line_refusal_explained(door, now):
    arrived(door, at=now)

    with refused_by("intake_line_refusal_explained"):
        IntakeLine.objects.update(**CHECKS, accepted=8, refused=1)


def test_a_line_is_pledged_plain_whole_and_never_removed(door, now):
    intake = promised(door, at=now)
    for constraint, fields in (
        ("intake_line_plain", {"offered": "<米>"}),
        ("intake_line_positive", {"quantity": 0}),
        ("intake_line_history_stays", {"counted": 3}),
        ("intake_line_of_that_store", {"product": ProductFactory.create()}),
    ):
        with refused_by(constraint):
            IntakeLine.objects.create(**({"intake": intake, "offered": "米", "quantity": 1} | fields))
    with refused_by("intake_line_never_removed"):
        IntakeLine.objects.all()._raw_delete("default")


# --- signatures ---------------------------------------------------------------------------------------------


def test_each_side_signs_once_for_itself(door, now):
    owner = make_owner(door.donor)
    intake = inspected(door, at=now)
    clerk = door.clerk.user_id

    def sign(**fields: Any) -> None:
        IntakeSignature.objects.create(**({"intake": intake, "at": now} | fields))

    with refused_by("intake_signature_of_its_side"):
        sign(party=Party.HANDLER, user=owner)
    with refused_by("intake_signature_of_its_side"):
        sign(party=Party.DONOR, user_id=clerk)
    with refused_by("intake_signature_of_its_side"):
        sign(party=Party.DONOR, anonymous=True)
    sign(party=Party.HANDLER, user_id=clerk)
    with refused_by("intake_signature_once"):
        sign(party=Party.HANDLER, user=StaffFactory.create())
    sign(party=Party.DONOR, user=owner)
    with refused_by("intake_signature_stays"):
        IntakeSignature.objects.update(user=StaffFactory.create())
    with refused_by("intake_signature_stays"):
        IntakeSignature.objects.all()._raw_delete("default")


def test_nothing_is_signed_before_it_is_inspected(door, now):
    intake = arrived(door, at=now)

    with refused_by("intake_signature_of_its_side"):
        IntakeSignature.objects.create(intake=intake, party=Party.HANDLER, user_id=door.clerk.user_id, at=now)


@pytest.mark.parametrize(
    "fields",
    [
        {"party": "handler"},
        {"party": "donor"},
        {"party": "donor", "name": "陈"},
        {"party": "donor", "name": "<陈>", "drawing": STROKES, "digest": INDEX},
        {"party": "donor", "name": "陈", "drawing": STROKES, "digest": "short"},
        {"party": "witness", "name": "陈", "drawing": STROKES, "digest": INDEX},
    ],
)
def test_intake_signature_by_account_or_hand(door, now, fields):
    intake = inspected(door, at=now)

    with refused_by("intake_signature_by_account_or_hand"):
        IntakeSignature.objects.create(intake=intake, at=now, **fields)


def test_a_drawing_can_be_sealed_anew_but_not_taken_away(door, now):
    signed(door, at=now)
    drawn = IntakeSignature.objects.filter(party=Party.DONOR)

    drawn.update(drawing=STROKES)  # as rotating the keys does
    with refused_by("intake_signature_stays"):
        drawn.update(drawing=None)

    assert drawn.get().drawing.open() == STROKES


# --- receipts -----------------------------------------------------------------------------------------------


def test_a_receipt_is_once_and_for_ever(door, now):
    receipt = Receipt.objects.get(donation=signed(door, at=now).donation)
    other = signed(door, at=now).donation

    with refused_by("receipt_append_only"):
        Receipt.objects.update(donor_name="别人")
    with refused_by("receipt_append_only"):
        Receipt.objects.all()._raw_delete("default")
    fields: dict[str, Any] = {
        "donation": other,
        "form": "named",
        "number": new_number(),
        "donor_name": "甲",
        "issued_by_id": door.clerk.user_id,
        "issued_at": now,
    }
    with refused_by("points_receipt_donation_id_key"):
        Receipt.objects.create(**fields)
    for constraint, wrong in (
        ("receipt_number_form", {"number": "1"}),
        ("receipt_form_known", {"form": "verbal"}),
    ):
        with refused_by(constraint):
            Receipt.objects.create(**(fields | wrong))
    with refused_by("receipt_number_once"):
        Receipt.objects.create(**(fields | {"number": receipt.number, "donation": a_donation(door, now)}))


def test_a_receipt_is_revoked_once_by_another_for_a_reason(door, now):
    receipt = Receipt.objects.get(donation=signed(door, at=now).donation)
    fields: dict[str, Any] = {
        "receipt": receipt,
        "reason": "写错",
        "revoked_by": StaffFactory.create(),
        "revoked_at": now,
    }

    with refused_by("receipt_revoked_by_another"):
        ReceiptRevocation.objects.create(**(fields | {"revoked_by": receipt.issued_by}))
    with refused_by("receipt_revocation_explained"):
        ReceiptRevocation.objects.create(**(fields | {"reason": ""}))
    with refused_by("receipt_revocation_marks_gift"):
        ReceiptRevocation.objects.create(**fields)
        connection.check_constraints()
    ReceiptRevocation.objects.create(**fields)
    with refused_by("donation_append_only"):
        Donation.objects.update(revoked_at=now + timedelta(days=1))
    Donation.objects.filter(receipt=receipt).update(revoked_at=now)
    connection.check_constraints()
    with refused_by("points_receiptrevocation_receipt_id_key"):
        ReceiptRevocation.objects.create(**fields)
    with refused_by("receipt_revocation_append_only"):
        ReceiptRevocation.objects.update(reason="没有")


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("donation_is_donated_income", {"income": "earned"}),
        ("donation_method_of_money", {"method": "shells"}),
        ("donation_beneficiary_declared", {"beneficiary": "王奶奶"}),
        ("donation_beneficiary_is_another", {"beneficiary": "南明 便民超市", "unrelated": True}),
    ],
)
def test_a_donation_keeps_the_rules_of_giving(door, now, constraint, fields):
    with refused_by(constraint):
        a_donation(door, now, **fields)


def test_every_guard_of_the_intake_is_tested():
    text = Path(__file__).read_text(encoding="utf-8")
    kinds = (Intake, IntakeLine, IntakeSignature, Receipt, ReceiptRevocation)

    assert {name for name in guards_of(*kinds) if name not in text} == set()
