"""内部收讫确认（非财政票据）: issued with every donation, checked by anybody, revoked by a second person."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext

from backend.accounts.scopes import Actor
from backend.core import audit
from backend.core.errors import Forbidden, NotFound
from points.giving import names, queries, rules
from points.giving.choices import DonorKind, ReceiptForm
from points.giving.donor_files import new_number, refuse_reach
from points.giving.errors import ReceiptAlreadyRevoked, ReceiptRevokerIsIssuer
from points.giving.intake_models import Receipt, ReceiptRevocation
from points.giving.models import KIND_PERSON, Donation
from points.market.rules import read_code


@dataclass(frozen=True, slots=True)
class Checked:
    """What anybody may know who has the number of a receipt; the donor only as far as they agree now."""

    receipt: Receipt
    valid: bool
    donor: str
    amount_fen: int | None
    shows_quantities: bool


def issue_receipt(*, donation: Donation, actor: Actor, at: datetime, waived: bool = False) -> Receipt:
    """Acknowledge a donation with the fields of 慈善法 Art 38; anonymity or a waiver is logged in the form.

    Runs in the transaction that records the donation; a donation has one receipt.
    """
    if waived:
        form = ReceiptForm.WAIVED
    elif donation.donor.kind == DonorKind.ANONYMOUS:
        form = ReceiptForm.ANONYMOUS
    else:
        form = ReceiptForm.NAMED
    return Receipt.objects.create(
        number=new_number(),
        donation=donation,
        form=form,
        donor_name=KIND_PERSON if form == ReceiptForm.ANONYMOUS else donation.donor.name,
        issued_by_id=actor.user_id,
        issued_at=at,
    )


def revoke_receipt(*, number: str, reason: str, actor: Actor, at: datetime) -> ReceiptRevocation:
    """Take a receipt back for a reason; by another person than who issued it or handled the donation.

    The goods stay where they are: what is wrong in stock is put right there. The gift is marked, so that its
    fiscal ticket may stand for another.

    :raises NotFound, Forbidden: outside the actor's reach. :raises WordsInvalid: no reason.
    :raises ReceiptRevokerIsIssuer: their own work. :raises ReceiptAlreadyRevoked: revoked before.
    """
    if not actor.has(*queries.KEEPERS):
        raise Forbidden
    reason = rules.plain_words(reason, field="reason", most=200, needed=True)
    with transaction.atomic():
        receipt = (
            Receipt.objects.select_for_update(of=("self",), no_key=True)
            .select_related("donation")
            .filter(number=read_code(number), donation__in=queries.donations_kept_by(actor))
            .first()
        )
        if receipt is None:
            refuse_reach(actor)
            raise NotFound
        if actor.user_id in (receipt.issued_by_id, receipt.donation.handled_by_id):
            raise ReceiptRevokerIsIssuer
        if ReceiptRevocation.objects.filter(receipt=receipt).exists():
            raise ReceiptAlreadyRevoked
        revocation = ReceiptRevocation.objects.create(
            receipt=receipt, reason=reason, revoked_by_id=actor.user_id, revoked_at=at
        )
        Donation.objects.filter(pk=receipt.donation_id).update(revoked_at=at)
        audit.record(actor=actor, action="receipt.revoke", target=receipt, at=at)
    return revocation


def check_receipt(number: str) -> Checked:
    """Return whether a receipt holds, naming the donor no further than they agree today.

    :raises NotFound: no receipt has this number.
    """
    receipt = (
        Receipt.objects.select_related(
            "donation__donor", "donation__organization", "donation__store", "revocation"
        )
        .filter(number=read_code(number))
        .first()
    )
    if receipt is None:
        raise NotFound(field="number")
    donor = receipt.donation.donor
    called = names.of_donor(name=donor.name, consent=donor.consent)
    return Checked(
        receipt=receipt,
        valid=not hasattr(receipt, "revocation"),
        donor=called or gettext("按捐赠人意愿不公开"),
        amount_fen=receipt.donation.amount_fen if donor.show_amount else None,
        shows_quantities=donor.show_amount,
    )
