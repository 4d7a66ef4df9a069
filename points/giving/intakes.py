"""Donated goods at the store's door: promised, received, inspected, refused, withdrawn; then signing.py."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.utils.timezone import localdate

from backend.accounts.scopes import Actor
from backend.core import audit
from backend.core.errors import Forbidden, NotFound
from points.giving import queries, rules
from points.giving.choices import IntakeStatus
from points.giving.errors import (
    AcceptedTooMany,
    GoodsUnsafe,
    IntakeInspectorSame,
    IntakeLinesWrong,
    IntakeMoved,
    IntakeProductMissing,
    RefusalUnexplained,
)
from points.giving.intake_models import Intake, IntakeLine
from points.giving.models import Donor
from points.giving.services import MOST_LINES, NOTHING_SAID, Meant, checked_meaning
from points.giving.states import may_move
from points.market import stock
from points.market.choices import StoreStatus
from points.market.models import Product, Store
from points.market.queries import keeps_stock
from points.market.rules import MOST_OF_A_BATCH

_MOST_OFFERED = 80
_MOST_REASON = 200


@dataclass(frozen=True, slots=True)
class Offer:
    """One kind of goods somebody promises, in their words or as a product of the store."""

    quantity: int
    offered: str = ""
    product_id: int | None = None
    promised_expiry: date | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What an inspection found of one line; what is not accepted is refused (慈善法 Art 36)."""

    accepted: int
    packaging_intact: bool
    labelled: bool
    within_shelf_life: bool
    hygienic: bool
    product_id: int | None = None
    expires_on: date | None = None
    reason: str = ""

    @property
    def safe(self) -> bool:
        """Whether all four questions were answered with yes."""
        return self.packaging_intact and self.labelled and self.within_shelf_life and self.hygienic


def pledge(
    *,
    donor: Donor,
    store: Store,
    offers: Sequence[Offer],
    actor: Actor,
    at: datetime,
    purpose: str = "",
    meant: Meant = NOTHING_SAID,
    planned_on: date | None = None,
) -> Intake:
    """Write down what a donor promises to bring; by the donor, or by a keeper of the store; no stock moves.

    :raises Forbidden, NotFound: neither the donor's own file nor one in reach, or no such store.
    :raises IntakeLinesWrong, WordsInvalid: lines not in order. :raises TobaccoRefused: tobacco.
    :raises BeneficiaryIsDonor, BeneficiaryUndeclared: against 慈善法 Art 40.
    """
    if donor.user_id is not None and donor.user_id == actor.user_id:
        if store.status != StoreStatus.OPEN:
            raise NotFound(field="store")
    else:
        stock.require_keeper(actor, store)
        if not queries.donors_kept_by(actor).filter(pk=donor.pk).exists():
            raise NotFound(field="donor")
    said = checked_meaning(donor, purpose=purpose, meant=meant)
    lines = _offered_lines(store, offers)
    with transaction.atomic():
        intake = Intake.objects.create(
            donor=donor,
            store=store,
            **said,
            planned_on=planned_on,
            pledged_by_id=actor.user_id,
            pledged_at=at,
        )
        for line in lines:
            line.intake = intake
        IntakeLine.objects.bulk_create(lines)
        audit.record(actor=actor, action="intake.pledge", target=intake, at=at)
    return intake


def receive(*, intake_id: int, counted: Mapping[int, int], actor: Actor, at: datetime) -> Intake:
    """Count what has come, line by line; nothing is in stock yet.

    :raises NotFound, Forbidden: outside the actor's reach. :raises IntakeMoved: at another step by now.
    :raises IntakeLinesWrong: a line is missing, or a count is absurd.
    """
    with transaction.atomic():
        intake = locked(intake_id, actor)
        require_move(intake, IntakeStatus.RECEIVED)
        lines = _each_line(intake, counted)
        for line in lines:
            line.counted = counted[line.pk]
            if not 0 <= line.counted <= MOST_OF_A_BATCH:
                raise IntakeLinesWrong(field="lines", most=MOST_LINES)
        IntakeLine.objects.bulk_update(lines, ["counted"])
        intake.status = IntakeStatus.RECEIVED
        intake.received_by_id = actor.user_id
        intake.received_at = at
        intake.save(update_fields=["status", "received_by", "received_at"])
        audit.record(actor=actor, action="intake.receive", target=intake, at=at)
    return intake


def inspect(*, intake_id: int, findings: Mapping[int, Finding], actor: Actor, at: datetime) -> Intake:
    """Look at expiry, packaging, label and hygiene of each line, accept what is sound and refuse the rest.

    :raises NotFound, Forbidden: outside the actor's reach. :raises IntakeMoved: at another step by now.
    :raises IntakeLinesWrong: a line is missing. :raises AcceptedTooMany, IntakeProductMissing: a line is odd.
    :raises GoodsUnsafe: something is accepted that is not usable. :raises RefusalUnexplained: no reason.
    :raises IntakeInspectorSame: the policy wants another person than who received.
    """
    with transaction.atomic():
        intake = locked(intake_id, actor)
        require_move(intake, IntakeStatus.INSPECTED)
        if settings.GIVING_OTHER_INSPECTOR and intake.received_by_id == actor.user_id:
            raise IntakeInspectorSame
        lines = _each_line(intake, findings)
        asked = {finding.product_id for finding in findings.values() if finding.product_id is not None}
        products = Product.objects.filter(store_id=intake.store_id).in_bulk(asked)
        for line in lines:
            _write_finding(line, findings[line.pk], products, today=localdate(at))
        IntakeLine.objects.bulk_update(lines, _FOUND)
        intake.status = IntakeStatus.INSPECTED
        intake.inspected_by_id = actor.user_id
        intake.inspected_at = at
        intake.save(update_fields=["status", "inspected_by", "inspected_at"])
        audit.record(actor=actor, action="intake.inspect", target=intake, at=at)
    return intake


def refuse(*, intake_id: int, reason: str, actor: Actor, at: datetime) -> Intake:
    """Decline the goods with a reason the donor reads; they go back.

    :raises NotFound, Forbidden: outside the actor's reach. :raises IntakeMoved: signed or closed by now.
    :raises RefusalUnexplained: no reason.
    """
    return _close(intake_id, IntakeStatus.REFUSED, reason=reason, actor=actor, at=at, own=False)


def withdraw(*, intake_id: int, reason: str, actor: Actor, at: datetime) -> Intake:
    """Take a promise back, while nothing is signed; by the donor, or by the store at their word.

    :raises NotFound, Forbidden: outside the actor's reach. :raises IntakeMoved: signed or closed by now.
    :raises RefusalUnexplained: no reason.
    """
    return _close(intake_id, IntakeStatus.WITHDRAWN, reason=reason, actor=actor, at=at, own=True)


def locked(intake_id: int, actor: Actor, *, own: bool = False) -> Intake:
    """Lock an intake for who may work on it: a keeper of the store and, where `own`, the donor.

    :raises NotFound, Forbidden: outside the actor's reach.
    """
    intake = (
        Intake.objects.select_for_update(of=("self",), no_key=True)
        .select_related("store", "donor", "donation__receipt")
        .filter(pk=intake_id)
        .first()
    )
    if intake is not None:
        mine = intake.donor.user_id is not None and intake.donor.user_id == actor.user_id
        if (own and mine) or keeps_stock(actor, intake.store):
            return intake
    if own or actor.has(*queries.KEEPERS):
        raise NotFound
    raise Forbidden


def require_move(intake: Intake, status: IntakeStatus) -> None:
    """Let pass what the table of states allows.

    :raises IntakeMoved: the intake is at another step.
    """
    if not may_move(intake.status, status):
        raise IntakeMoved(status=intake.get_status_display())


_FOUND = [
    "product",
    "expires_on",
    "packaging_intact",
    "labelled",
    "within_shelf_life",
    "hygienic",
    "accepted",
    "refused",
    "reason",
]


def _offered_lines(store: Store, offers: Sequence[Offer]) -> list[IntakeLine]:
    """Return the lines of a sound offer, unsaved."""
    if not 1 <= len(offers) <= MOST_LINES:
        raise IntakeLinesWrong(field="lines", most=MOST_LINES)
    asked = {offer.product_id for offer in offers if offer.product_id is not None}
    products = Product.objects.filter(store=store).in_bulk(asked)
    lines = []
    for position, offer in enumerate(offers):
        product = products.get(offer.product_id) if offer.product_id is not None else None
        if offer.product_id is not None and product is None:
            raise NotFound(field=f"/lines/{position}/product")
        if not 1 <= offer.quantity <= MOST_OF_A_BATCH:
            raise IntakeLinesWrong(field=f"/lines/{position}/quantity", most=MOST_LINES)
        offered = rules.plain_words(
            offer.offered or (product.name if product else ""),
            field=f"/lines/{position}/offered",
            most=_MOST_OFFERED,
            needed=True,
        )
        texts = (offered, product.name if product else "")
        rules.refuse_tobacco(texts, words=settings.GIVING_TOBACCO_WORDS, field=f"/lines/{position}/offered")
        lines.append(
            IntakeLine(
                offered=offered,
                product=product,
                quantity=offer.quantity,
                promised_expiry=offer.promised_expiry,
            )
        )
    return lines


def _each_line(intake: Intake, said: Mapping[int, object]) -> list[IntakeLine]:
    """Return the lines of an intake, about each of which something is said, and about no other."""
    lines = list(intake.lines.select_related("product").order_by("pk"))
    if {line.pk for line in lines} != set(said):
        raise IntakeLinesWrong(field="lines", most=MOST_LINES)
    return lines


def _write_finding(line: IntakeLine, found: Finding, products: Mapping[int, Product], *, today: date) -> None:
    counted = line.counted or 0
    at = f"/lines/{line.pk}"
    if not 0 <= found.accepted <= counted:
        raise AcceptedTooMany(field=f"{at}/accepted", counted=counted)
    if found.product_id is not None:
        if found.product_id not in products:
            raise NotFound(field=f"{at}/product")
        line.product = products[found.product_id]
    if found.accepted:
        if line.product is None:
            raise IntakeProductMissing(field=f"{at}/product")
        if not found.safe or (found.expires_on is not None and found.expires_on < today):
            raise GoodsUnsafe(field=f"{at}/accepted")
        rules.refuse_tobacco((line.product.name,), words=settings.GIVING_TOBACCO_WORDS, field=f"{at}/product")
    reason = rules.plain_words(found.reason, field=f"{at}/reason", most=_MOST_REASON)
    if found.accepted < counted and not reason:
        raise RefusalUnexplained(field=f"{at}/reason")
    for fact in ("expires_on", "packaging_intact", "labelled", "within_shelf_life", "hygienic", "accepted"):
        setattr(line, fact, getattr(found, fact))
    line.refused = counted - found.accepted
    line.reason = reason


def _close(
    intake_id: int, status: IntakeStatus, *, reason: str, actor: Actor, at: datetime, own: bool
) -> Intake:
    reason = rules.plain_words(reason, field="reason", most=_MOST_REASON)
    if not reason:
        raise RefusalUnexplained(field="reason")
    with transaction.atomic():
        intake = locked(intake_id, actor, own=own)
        require_move(intake, status)
        intake.status = status
        intake.closed_by_id = actor.user_id
        intake.closed_at = at
        intake.close_reason = reason
        intake.save(update_fields=["status", "closed_by", "closed_at", "close_reason"])
        audit.record(actor=actor, action=f"intake.{status}", target=intake, at=at)
    return intake
