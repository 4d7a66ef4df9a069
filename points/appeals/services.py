"""Appeals are opened, needs and gifts written down, reports published, and in the end closed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from backend.accounts.models import Organization
from backend.accounts.scopes import Actor
from backend.core import audit
from backend.core.errors import Forbidden, NotFound
from backend.core.words import is_plain, spelled
from backend.regions.models import Region
from points.appeals import queries
from points.appeals.choices import AppealStatus
from points.appeals.errors import (
    AppealClosed,
    AppealFinished,
    AppealStillOpen,
    AppealTextInvalid,
    CommandOrderRequired,
    CorrectionUnexplained,
    FinalReportUntold,
    GiftAlreadyLinked,
    GiftQuantityInvalid,
    NeedListedTwice,
    NeedQuantityInvalid,
    NeedsMissing,
)
from points.appeals.models import Appeal, AppealGift, AppealLine, AppealReport
from points.giving.queries import donations_visible_to
from points.market.rules import MOST_OF_A_BATCH, read_code

MOST_LINES = 30


@dataclass(frozen=True, slots=True)
class NeedInput:
    """So much of one thing is needed."""

    item: str
    unit: str
    needed: int


def open_appeal(
    *,
    region: Region,
    organization: Organization,
    title: str,
    command_order: str,
    bring_to: str,
    needs: Sequence[NeedInput],
    actor: Actor,
    at: datetime,
    reason: str = "",
) -> Appeal:
    """Ask for goods in an emergency; the first report is due within five days (慈善法 Art 72).

    :raises Forbidden, NotFound: the actor works neither for the organisation nor for the region.
    :raises CommandOrderRequired: no command order is named (条例 Art 24).
    :raises AppealTextInvalid: a text is empty or no plain text. :raises NeedsMissing: none, or too many.
    :raises NeedListedTwice, NeedQuantityInvalid: needs not in order.
    """
    if not queries.works_for(actor, organization_id=organization.pk, region_id=region.pk):
        _refuse_reach(actor)
    if not command_order.strip():
        raise CommandOrderRequired(field="command_order")
    checked = _checked_needs(needs)
    with transaction.atomic():
        appeal = Appeal.objects.create(
            region=region,
            organization=organization,
            title=_plain(title, field="title"),
            reason=_plain(reason, field="reason", needed=False),
            command_order=_plain(command_order, field="command_order"),
            bring_to=_plain(bring_to, field="bring_to"),
            opened_by_id=actor.user_id,
            opened_at=at,
        )
        for need in checked:
            AppealLine.objects.create(appeal=appeal, item=need.item, unit=need.unit, needed=need.needed)
        audit.record(actor=actor, action="appeal.open", target=appeal, at=at)
    return appeal


def set_need(*, appeal_id: int, need: NeedInput, actor: Actor, at: datetime) -> AppealLine:
    """Change how much of something is needed, or add something; reports keep what they said.

    :raises Forbidden, NotFound: the actor does not keep this appeal. :raises AppealClosed: it is over.
    :raises AppealTextInvalid, NeedQuantityInvalid: the need is not in order. :raises NeedsMissing: too many.
    """
    _require_keeper(actor)
    (checked,) = _checked_needs([need])
    with transaction.atomic():
        appeal = _locked(actor, appeal_id)
        _require_open(appeal)
        line = AppealLine.objects.filter(appeal=appeal, item=checked.item).first()
        if line is None:
            if AppealLine.objects.filter(appeal=appeal).count() >= MOST_LINES:
                raise NeedsMissing(field="item", most=MOST_LINES)
            line = AppealLine.objects.create(
                appeal=appeal, item=checked.item, unit=checked.unit, needed=checked.needed
            )
        else:
            line.needed = checked.needed
            line.save(update_fields=["needed"])
        detail = {"line": line.pk, "needed": checked.needed}
        audit.record(actor=actor, action="appeal.need", target=appeal, at=at, detail=detail)
    return line


def link_gift(
    *, line_id: int, number: str, quantity: int, actor: Actor, at: datetime, reason: str = ""
) -> AppealGift:
    """Count so much of a donation for a need; below zero takes a mistake back, with its reason.

    The same goods are never counted twice, for this or another appeal.

    :raises Forbidden, NotFound: the appeal or the donation is outside the actor's reach.
    :raises AppealClosed: nothing is added after the end. :raises GiftAlreadyLinked: it is on this line.
    :raises GiftQuantityInvalid: nothing, or more than is left. :raises CorrectionUnexplained: no reason.
    """
    _require_keeper(actor)
    why = _plain(reason, field="reason", needed=False)
    if quantity < 0 and not why:
        raise CorrectionUnexplained(field="reason")
    appeal_id = AppealLine.objects.filter(pk=line_id).values_list("appeal_id", flat=True).first()
    if appeal_id is None:
        raise NotFound(field="line")
    with transaction.atomic():
        appeal = _locked(actor, appeal_id)
        if quantity > 0:
            _require_open(appeal)
        # Locked after the appeal: another appeal may be counting the same goods, under a lock of its own.
        seen = donations_visible_to(actor).select_for_update(no_key=True, of=("self",))
        donation = seen.filter(number=read_code(number)).first()
        if donation is None:
            raise NotFound(field="donation")
        here = AppealGift.objects.filter(line_id=line_id, donation=donation)
        if quantity > 0 and here.filter(quantity__gt=0).exists():
            raise GiftAlreadyLinked(field="donation")
        left = queries.left_of(donation.pk)
        on_line = sum(here.values_list("quantity", flat=True))
        if quantity == 0 or quantity > left or on_line + quantity < 0:
            raise GiftQuantityInvalid(field="quantity", left=left)
        gift = AppealGift.objects.create(
            line_id=line_id,
            donation=donation,
            quantity=quantity,
            reason=why,
            linked_by_id=actor.user_id,
            linked_at=at,
        )
        audit.record(actor=actor, action="appeal.gift", target=gift, at=at, detail={"quantity": quantity})
    return gift


def publish(
    *, appeal_id: int, actor: Actor, at: datetime, note: str = "", final: bool = False
) -> AppealReport:
    """Publish what is needed, what came and what is missing, frozen as of now, under the actor's name.

    :raises Forbidden, NotFound: the actor does not keep this appeal.
    :raises AppealFinished: the final one is published. :raises AppealStillOpen: a final one before the end.
    :raises FinalReportUntold: a final one without a word on how the goods were used.
    """
    _require_keeper(actor)
    told = _plain(note, field="note", needed=False)
    if final and not told:
        raise FinalReportUntold(field="note")
    with transaction.atomic():
        appeal = _locked(actor, appeal_id)
        (standing,) = queries.standings([appeal])
        last = standing.last_report
        if last is not None and last.final:
            raise AppealFinished
        if final and appeal.status != AppealStatus.CLOSED:
            raise AppealStillOpen
        report = AppealReport.objects.create(
            appeal=appeal,
            number=last.number + 1 if last else 1,
            final=final,
            figures=queries.figures(standing.needs),
            note=told,
            published_by_id=actor.user_id,
            published_at=at,
        )
        audit.record(actor=actor, action="appeal.publish", target=report, at=at)
    return report


def end_rescue(*, appeal_id: int, actor: Actor, at: datetime) -> Appeal:
    """Note that the rescue is over: from now on a report every three months. Again changes nothing.

    :raises Forbidden, NotFound: the actor does not keep this appeal. :raises AppealClosed: it is over.
    """
    _require_keeper(actor)
    with transaction.atomic():
        appeal = _locked(actor, appeal_id)
        if appeal.rescue_ended_at is not None:
            return appeal
        _require_open(appeal)
        appeal.rescue_ended_at = at
        appeal.save(update_fields=["rescue_ended_at"])
        audit.record(actor=actor, action="appeal.rescue_ended", target=appeal, at=at)
    return appeal


def close(*, appeal_id: int, actor: Actor, at: datetime) -> Appeal:
    """End an appeal; the final report is due within three months (慈善法 Art 79). Again changes nothing.

    :raises Forbidden, NotFound: the actor does not keep this appeal.
    """
    _require_keeper(actor)
    with transaction.atomic():
        appeal = _locked(actor, appeal_id)
        if appeal.status == AppealStatus.CLOSED:
            return appeal
        appeal.status = AppealStatus.CLOSED
        appeal.closed_at = at
        appeal.closed_by_id = actor.user_id
        appeal.save(update_fields=["status", "closed_at", "closed_by"])
        audit.record(actor=actor, action="appeal.close", target=appeal, at=at)
    return appeal


def _locked(actor: Actor, appeal_id: int) -> Appeal:
    kept = queries.appeals_kept_by(actor).select_for_update(no_key=True, of=("self",))
    appeal = kept.filter(pk=appeal_id).first()
    if appeal is None:
        raise NotFound
    return appeal


def _require_keeper(actor: Actor) -> None:
    if not actor.has(*queries.KEEPERS):
        raise Forbidden


def _require_open(appeal: Appeal) -> None:
    if appeal.status != AppealStatus.OPEN:
        raise AppealClosed


def _refuse_reach(actor: Actor) -> None:
    """Refuse somebody out of reach: 404 for the right role elsewhere, 403 for the wrong role."""
    _require_keeper(actor)
    raise NotFound(field="organization")


def _checked_needs(needs: Sequence[NeedInput]) -> list[NeedInput]:
    if not 1 <= len(needs) <= MOST_LINES:
        raise NeedsMissing(field="needs", most=MOST_LINES)
    checked = [
        NeedInput(_plain(need.item, field="item"), _plain(need.unit, field="unit"), need.needed)
        for need in needs
    ]
    if len({need.item for need in checked}) < len(checked):
        raise NeedListedTwice(field="needs")
    if any(not 1 <= need.needed <= MOST_OF_A_BATCH for need in checked):
        raise NeedQuantityInvalid(field="needed", most=MOST_OF_A_BATCH)
    return checked


def _plain(text: str, *, field: str, needed: bool = True) -> str:
    plain = spelled(text)
    if (needed and not plain) or not is_plain(plain, lines=True):
        raise AppealTextInvalid(field=field)
    return plain
