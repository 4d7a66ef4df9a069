"""Recording gifts of goods and money; donors are entered and asked in donor_files.py."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.timezone import localdate

from backend.accounts.models import Organization
from backend.accounts.scopes import Actor
from backend.core import audit
from backend.core.errors import NotFound
from points.giving import queries, rules
from points.giving.choices import DonationKind, PayMethod
from points.giving.donor_files import add_donor, board_changed, new_number, refuse_reach, set_donor_consent
from points.giving.errors import (
    AmountInvalid,
    DonatedProductUnknown,
    DonationEmpty,
    MoneyLooksRecorded,
    PaymentMethodMissing,
    ReceivedInFuture,
    TicketAlreadyRecorded,
)
from points.giving.models import Donation, DonationLine, Donor
from points.giving.receipts import issue_receipt
from points.market import stock
from points.market.models import Product, Store

__all__ = [
    "MOST_FEN",
    "MOST_LINES",
    "GoodsLine",
    "Meant",
    "add_donor",
    "checked_meaning",
    "checked_ticket",
    "new_number",
    "receive_goods",
    "record_money",
    "refuse_used_ticket",
    "set_donor_consent",
]

MOST_LINES = 50
MOST_FEN = 1_000_000_000_000
MOST_PURPOSE = 200
MOST_DESIGNATION = 120


@dataclass(frozen=True, slots=True)
class GoodsLine:
    """So many of one product with one expiry: it becomes one batch."""

    product_id: int
    quantity: int
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class Meant:
    """What a gift is for: a store or programme by name, and whom it shall help, who is nobody close."""

    designation: str = ""
    beneficiary: str = ""
    beneficiary_code: str | None = None
    unrelated: bool = False


NOTHING_SAID = Meant()


def receive_goods(
    *,
    donor: Donor,
    store: Store,
    lines: Sequence[GoodsLine],
    received_on: date,
    purpose: str,
    actor: Actor,
    at: datetime,
    valuation_fen: int | None = None,
    official_ticket: str = "",
    ticket_code: str = "",
    meant: Meant = NOTHING_SAID,
    waived: bool = False,
) -> Donation:
    """Record donated goods and put them on the store's shelf, in one transaction (慈善法 Arts 36, 38).

    A receipt is issued with it; `waived` logs that the donor wants none.

    :raises Forbidden, NotFound: the donor or the store is outside the actor's reach.
    :raises DonationEmpty, DonatedProductUnknown, StockQuantityInvalid, GoodsExpired: lines not in order.
    :raises ReceivedInFuture: dated after today. :raises AmountInvalid: a valuation below one fen.
    :raises BeneficiaryIsDonor, BeneficiaryUndeclared, TobaccoRefused: against 慈善法 Art 40.
    :raises WordsInvalid, TicketCodeInvalid, TicketAlreadyRecorded: about the fiscal ticket.
    """
    stock.require_keeper(actor, store)
    _require_donor(actor, donor)
    return book_goods(
        donor=donor,
        store=store,
        lines=lines,
        received_on=received_on,
        purpose=purpose,
        actor=actor,
        at=at,
        valuation_fen=valuation_fen,
        official_ticket=official_ticket,
        ticket_code=ticket_code,
        meant=meant,
        waived=waived,
    )


def book_goods(
    *,
    donor: Donor,
    store: Store,
    lines: Sequence[GoodsLine],
    received_on: date,
    purpose: str,
    actor: Actor,
    at: datetime,
    valuation_fen: int | None,
    official_ticket: str,
    ticket_code: str,
    meant: Meant,
    waived: bool,
) -> Donation:
    """Do what `receive_goods` promises for a donor who is not in the handler's reach by region.

    They came to this store by themselves, and both sides have signed (signing.py); the store is still kept by
    the handler, as every batch asks.

    :raises: what `receive_goods` raises, except for the donor's file.
    """
    _require_received(received_on, at=at)
    if valuation_fen is not None:
        _require_amount(valuation_fen, field="valuation_fen")
    products = _donated_products(store, lines)
    for product in products.values():
        rules.refuse_tobacco((product.name,), words=settings.GIVING_TOBACCO_WORDS, field="lines")
    said = checked_meaning(donor, purpose=purpose, meant=meant)
    ticket = checked_ticket(code=ticket_code, number=official_ticket)
    with transaction.atomic():
        donation = Donation.objects.create(
            number=new_number(),
            donor=donor,
            kind=DonationKind.GOODS,
            organization_id=store.organization_id,
            region_id=store.region_id,
            store=store,
            valuation_fen=valuation_fen,
            received_on=received_on,
            **said,
            **ticket,
            handled_by_id=actor.user_id,
            recorded_at=at,
        )
        for line in lines:
            _put_on_shelf(donation, products[line.product_id], line, actor=actor, at=at)
        issue_receipt(donation=donation, actor=actor, at=at, waived=waived)
        board_changed(donation.region_id, at=at)
    return donation


def record_money(
    *,
    donor: Donor,
    amount_fen: int,
    organization: Organization,
    received_on: date,
    purpose: str,
    actor: Actor,
    at: datetime,
    method: PayMethod | str = PayMethod.OTHER,
    official_ticket: str = "",
    ticket_code: str = "",
    meant: Meant = NOTHING_SAID,
    waived: bool = False,
    again: bool = False,
) -> Donation:
    """Record money an organisation has received outside this platform; nothing is paid here (慈善法 Art 27).

    The same gift sent by two windows or clerks is written down once; `again` says that it is another one.

    :raises Forbidden, NotFound: the donor or the organisation is outside the actor's reach.
    :raises AmountInvalid, ReceivedInFuture, PaymentMethodMissing, WordsInvalid: a field is not in order.
    :raises BeneficiaryIsDonor, BeneficiaryUndeclared, TobaccoRefused: against 慈善法 Art 40.
    :raises TicketCodeInvalid, TicketAlreadyRecorded: about the fiscal ticket.
    :raises MoneyLooksRecorded: a gift like it stands, its receipt not revoked, and nobody said `again`.
    """
    _require_books(actor, organization, donor)
    _require_received(received_on, at=at)
    _require_amount(amount_fen, field="amount_fen")
    said = checked_meaning(donor, purpose=purpose, meant=meant)
    said |= checked_ticket(code=ticket_code, number=official_ticket)
    given = {"donor": donor, "organization": organization, "received_on": received_on}
    money = {"kind": DonationKind.MONEY, "amount_fen": amount_fen, "method": _known_method(method)}
    with transaction.atomic():
        _require_first_writing(donor, given | money, again=again)
        donation = Donation.objects.create(
            **given | money | said,
            number=new_number(),
            region_id=donor.region_id,
            handled_by_id=actor.user_id,
            recorded_at=at,
        )
        issue_receipt(donation=donation, actor=actor, at=at, waived=waived)
        audit.record(actor=actor, action="donation.money", target=donation, at=at)
        board_changed(donation.region_id, at=at)
    return donation


def checked_meaning(donor: Donor, *, purpose: str, meant: Meant) -> dict[str, Any]:
    """Return purpose, designation and beneficiary of a gift, as its row keeps them (慈善法 Art 40).

    :raises WordsInvalid: not plain text. :raises TobaccoRefused: tobacco is advertised.
    :raises BeneficiaryIsDonor, BeneficiaryUndeclared, CreditCodeInvalid: about whom it shall help.
    """
    words = {
        "purpose": rules.plain_words(purpose, field="purpose", most=MOST_PURPOSE),
        "designation": rules.plain_words(meant.designation, field="designation", most=MOST_DESIGNATION),
    }
    rules.refuse_tobacco(words.values(), words=settings.GIVING_TOBACCO_WORDS, field="purpose")
    beneficiary, code = rules.checked_beneficiary(
        beneficiary=meant.beneficiary,
        code=meant.beneficiary_code,
        unrelated=meant.unrelated,
        donor_name=donor.name,
        donor_code=donor.credit_code,
    )
    return {
        **words,
        "beneficiary": beneficiary,
        "beneficiary_code": code,
        "unrelated": bool(beneficiary) and meant.unrelated,
    }


def checked_ticket(*, code: str, number: str) -> dict[str, str]:
    """Return a fiscal ticket as its columns keep it; by number alone nothing is unique about it.

    :raises WordsInvalid, TicketCodeInvalid: not a ticket.
    :raises TicketAlreadyRecorded: it stands for another gift whose receipt holds.
    """
    ticket = rules.checked_ticket(code=code, number=number)
    refuse_used_ticket(ticket)
    return ticket


def refuse_used_ticket(ticket: Mapping[str, str]) -> None:
    """Let a ticket stand for one gift only.

    :raises TicketAlreadyRecorded: code and number stand for a gift whose receipt holds.
    """
    if ticket["ticket_code"] and queries.standing_donations().filter(**ticket).exists():
        raise TicketAlreadyRecorded(field="ticket_code")


def _require_first_writing(donor: Donor, gift: Mapping[str, Any], *, again: bool) -> None:
    """Let one writer of this donor's money pass at a time, who reads what the one before them wrote."""
    Donor.objects.select_for_update(no_key=True).get(pk=donor.pk)
    if again:
        return
    before = queries.standing_donations().filter(**gift).order_by("pk").first()
    if before is not None:
        raise MoneyLooksRecorded(field="again", number=before.number)


def _donated_products(store: Store, lines: Sequence[GoodsLine]) -> Mapping[int, Product]:
    """Return the products of a sound list by id."""
    if not 1 <= len(lines) <= MOST_LINES:
        raise DonationEmpty(field="lines", most=MOST_LINES)
    asked = {line.product_id for line in lines}
    found = Product.objects.select_related("store").filter(pk__in=asked, store=store)
    products = {product.pk: product for product in found}
    for position, line in enumerate(lines):
        if line.product_id not in products:
            raise DonatedProductUnknown(field=f"/lines/{position}/product")
    return products


def _put_on_shelf(
    donation: Donation, product: Product, line: GoodsLine, *, actor: Actor, at: datetime
) -> None:
    batch = stock.receive_batch(
        product=product,
        quantity=line.quantity,
        expires_on=line.expires_on,
        actor=actor,
        at=at,
        note=donation.number,
    )
    DonationLine.objects.create(
        donation=donation,
        product=product,
        quantity=line.quantity,
        expires_on=line.expires_on,
        batch=batch,
    )


def _known_method(method: str) -> str:
    if method not in PayMethod.values:
        raise PaymentMethodMissing(field="method")
    return method


def _require_books(actor: Actor, organization: Organization, donor: Donor) -> None:
    if not queries.keeps_books(actor, organization):
        refuse_reach(actor)
    _require_donor(actor, donor)


def _require_donor(actor: Actor, donor: Donor) -> None:
    if not queries.donors_kept_by(actor).filter(pk=donor.pk).exists():
        raise NotFound(field="donor")


def _require_received(received_on: date, *, at: datetime) -> None:
    if received_on > localdate(at):
        raise ReceivedInFuture(field="received_on")


def _require_amount(fen: int, *, field: str) -> None:
    if not 1 <= fen <= MOST_FEN:
        raise AmountInvalid(field=field)
