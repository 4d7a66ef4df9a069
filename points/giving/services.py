"""Entering donors, changing what they agreed to, and recording gifts of goods and money."""

import secrets
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate
from stdnum.cn import uscc
from stdnum.exceptions import ValidationError

from backend.accounts.errors import CreditCodeInvalid
from backend.accounts.models import Organization
from backend.accounts.scopes import Actor, Role
from backend.core import audit, outbox, publicity
from backend.core.errors import Forbidden, NotFound
from backend.regions.models import Region
from points.giving import queries
from points.giving.choices import DonationKind, DonorKind, Publicity
from points.giving.errors import (
    AmountInvalid,
    DonatedProductUnknown,
    DonationEmpty,
    DonorNameInvalid,
    ReceivedInFuture,
)
from points.giving.models import Donation, DonationLine, Donor
from points.market import stock
from points.market.models import Product, Store
from points.market.queries import KEEPERS_BY_REGION
from points.market.rules import CODE_ALPHABET

MOST_LINES = 50
MOST_FEN = 1_000_000_000_000
NUMBER_LENGTH = 12
_NAME_LENGTH = 100


@dataclass(frozen=True, slots=True)
class GoodsLine:
    """So many of one product with one expiry: it becomes one batch."""

    product_id: int
    quantity: int
    expires_on: date | None = None


def add_donor(
    *,
    name: str,
    kind: DonorKind | str,
    region: Region,
    actor: Actor | None,
    at: datetime,
    credit_code: str | None = None,
    contact: str | None = None,
    consent: Publicity | str = Publicity.HIDDEN,
    show_amount: bool = False,
) -> Donor:
    """Enter a donor, hidden unless they were asked (捐赠法 Art 8). `actor` None is the platform itself.

    :raises Forbidden, NotFound: the actor does not work in this region.
    :raises DonorNameInvalid: not plain text of 1 to 100 characters.
    :raises CreditCodeInvalid: fails GB 32100-2015. :raises DonorAlreadyKnown: entered before in this region.
    """
    if actor is not None and not queries.works_in(actor, region.pk):
        _refuse_reach(actor)
    name = _plain_name(name)
    with transaction.atomic():
        donor = Donor.objects.create(
            name=name,
            kind=kind,
            region=region,
            credit_code=_checked_credit_code(credit_code),
            contact=contact or None,
            consent=consent,
            show_amount=show_amount,
            added_by_id=actor.user_id if actor else None,
            added_at=at,
        )
        detail = {"consent": str(consent), "show_amount": show_amount}
        audit.record(actor=actor, action="donor.add", target=donor, at=at, detail=detail)
    return donor


def set_donor_consent(
    *,
    donor: Donor,
    consent: Publicity | str,
    actor: Actor | None,
    at: datetime,
    show_amount: bool | None = None,
) -> Donor:
    """Change how a donor appears in public; it takes effect with the next page anybody loads.

    :raises Forbidden, NotFound: the donor is outside the actor's reach.
    """
    if actor is not None and not queries.donors_kept_by(actor).filter(pk=donor.pk).exists():
        _refuse_reach(actor)
    with transaction.atomic():
        held = Donor.objects.select_for_update(no_key=True).get(pk=donor.pk)
        held.consent = Publicity(consent)
        if show_amount is not None:
            held.show_amount = show_amount
        held.save(update_fields=["consent", "show_amount"])
        detail = {"consent": held.consent, "show_amount": held.show_amount}
        audit.record(actor=actor, action="donor.consent", target=held, at=at, detail=detail)
        _board_changed(held.region_id, at=at)
    return held


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
) -> Donation:
    """Record donated goods and put them on the store's shelf, in one transaction (慈善法 Arts 36, 38).

    :raises Forbidden, NotFound: the donor or the store is outside the actor's reach.
    :raises DonationEmpty, DonatedProductUnknown, StockQuantityInvalid, GoodsExpired: lines not in order.
    :raises ReceivedInFuture: dated after today. :raises AmountInvalid: a valuation below one fen.
    """
    stock.require_keeper(actor, store)
    _require_donor(actor, donor)
    _require_received(received_on, at=at)
    if valuation_fen is not None:
        _require_amount(valuation_fen, field="valuation_fen")
    products = _donated_products(store, lines)
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
            purpose=purpose,
            official_ticket=official_ticket,
            handled_by_id=actor.user_id,
            recorded_at=at,
        )
        for line in lines:
            _put_on_shelf(donation, products[line.product_id], line, actor=actor, at=at)
        _board_changed(donation.region_id, at=at)
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
    official_ticket: str = "",
) -> Donation:
    """Record money an organisation has received outside this platform; nothing is paid here (慈善法 Art 27).

    :raises Forbidden, NotFound: the donor or the organisation is outside the actor's reach.
    :raises AmountInvalid: less than one fen or absurd. :raises ReceivedInFuture: dated after today.
    """
    keeps = organization.pk in actor.organizations(Role.ORGANIZATION_MANAGER) or any(
        organization.region_id.startswith(prefix) for prefix in actor.regions(*KEEPERS_BY_REGION)
    )
    if not keeps:
        _refuse_reach(actor)
    _require_donor(actor, donor)
    _require_received(received_on, at=at)
    _require_amount(amount_fen, field="amount_fen")
    with transaction.atomic():
        donation = Donation.objects.create(
            number=new_number(),
            donor=donor,
            kind=DonationKind.MONEY,
            organization=organization,
            region_id=donor.region_id,
            amount_fen=amount_fen,
            received_on=received_on,
            purpose=purpose,
            official_ticket=official_ticket,
            handled_by_id=actor.user_id,
            recorded_at=at,
        )
        audit.record(actor=actor, action="donation.money", target=donation, at=at)
        _board_changed(donation.region_id, at=at)
    return donation


def new_number() -> str:
    """Draw a receipt number: it opens the public trace, so it cannot be guessed."""
    return "".join(secrets.choice(CODE_ALPHABET) for _position in range(NUMBER_LENGTH))


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


def _board_changed(region_id: str, *, at: datetime) -> None:
    """Make the donor board tell the new truth: when this commits, and once more through the outbox."""
    outbox.emit(
        topic="board.changed",
        key=f"board:{publicity.DONORS}",
        payload={"board": publicity.DONORS, "region": region_id},
        at=at,
    )
    publicity.renew_on_commit(publicity.DONORS)


def _plain_name(name: str) -> str:
    name = unicodedata.normalize("NFC", name).strip()
    if not 1 <= len(name) <= _NAME_LENGTH or any(_is_odd(character) for character in name):
        raise DonorNameInvalid(field="name")
    return name


def _is_odd(character: str) -> bool:
    """Markup, control and invisible formatting characters: no name has them."""
    return character in "<>" or unicodedata.category(character) in {"Cc", "Cf", "Co", "Cs", "Cn"}


def _checked_credit_code(credit_code: str | None) -> str | None:
    if not credit_code:
        return None
    try:
        return str(uscc.validate(credit_code))
    except ValidationError as error:
        raise CreditCodeInvalid(field="credit_code") from error


def _require_donor(actor: Actor, donor: Donor) -> None:
    if not queries.donors_kept_by(actor).filter(pk=donor.pk).exists():
        raise NotFound(field="donor")


def _require_received(received_on: date, *, at: datetime) -> None:
    if received_on > localdate(at):
        raise ReceivedInFuture(field="received_on")


def _require_amount(fen: int, *, field: str) -> None:
    if not 1 <= fen <= MOST_FEN:
        raise AmountInvalid(field=field)


def _refuse_reach(actor: Actor) -> None:
    """Refuse somebody out of reach: 404 for the right role elsewhere, 403 for the wrong role."""
    if actor.has(*queries.KEEPERS):
        raise NotFound
    raise Forbidden
