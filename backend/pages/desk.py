"""What lies on the counter: who stands there, what is in the basket, what waits to be agreed to.

The page keeps it in its form, so it works without a script and on any web process. Nothing of it is trusted:
the person comes as a signed ticket, prices and limits are looked up again, and the services decide.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.http import QueryDict

from backend.accounts.scopes import Actor
from backend.core import codes
from backend.core.errors import Refusal
from backend.pages.errors import NotRecognised
from backend.pages.numbers import whole_number
from points.ledger.queries import balance
from points.market import counter, counter_queries, queries, services
from points.market.choices import Channel
from points.market.models import Product, Store
from points.market.redemption_models import Redemption
from points.market.rules import CODE_LENGTH, MOST_LINES, MOST_OF_ONE, read_code

_SUGGESTED = 8
_BARCODE_DIGITS = range(8, 15)
_LONGEST = 400


@dataclass(frozen=True)
class Line:
    """One kind of goods in a basket that is still open."""

    product: Product
    quantity: int
    limit: str

    @property
    def points(self) -> int:
        """What so many cost."""
        return self.product.points * self.quantity


@dataclass(frozen=True)
class Desk:
    """Everything on the counter."""

    store: Store
    met: counter.Met | None = None
    lines: Mapping[int, int] = field(default_factory=dict)
    redemption: Redemption | None = None
    pickup: str = ""
    suggestions: Sequence[Product] = ()
    found: Sequence[Redemption] = ()
    code_sent: bool = False
    demo_code: str | None = None  # where nothing is sent

    @property
    def state(self) -> str:
        """What can be done next: `empty`, `basket`, `agree`, `ready` or `proof`."""
        found = self.redemption
        if found is None:
            return "basket" if self.lines else "empty"
        if found.channel == Channel.COUNTER:
            return "agree" if found.confirmed_at is None else "ready"
        by_pass = self.met and not self.met.by_card and self.met.volunteer.pk == found.volunteer_id
        return "ready" if by_pass or self.pickup else "proof"


def read(store: Store, posted: QueryDict, *, actor: Actor, at: datetime) -> Desk:
    """Rebuild the desk from the form; what is stale or altered is simply not there any more."""
    met = None
    ticket = posted.get("who", "")
    if ticket:
        try:
            met = counter.recall(ticket=ticket[:_LONGEST], store_id=store.pk, actor=actor, at=at)
        except Refusal:
            met = None
    number = whole_number(posted.get("redemption", ""))
    redemption = None if number is None else counter_queries.served(number, actor)
    if redemption is not None and redemption.store_id != store.pk:
        redemption = None
    return Desk(
        store=store,
        met=met,
        lines=_lines(posted),
        redemption=redemption,
        pickup=_pickup(posted.get("pickup", ""), redemption),
    )


def take_in(desk: Desk, text: str, *, actor: Actor, at: datetime) -> Desk:
    """Recognise what was scanned or typed, and lay it on the counter.

    :raises NotRecognised: it is nothing this store knows. :raises Refusal: as `counter.meet`.
    """
    said = text.replace("\x00", "").strip()[:_LONGEST]
    if len(said) == codes.CODE_LENGTH:
        return _stand(desk, counter.meet(token=said, store_id=desk.store.pk, actor=actor, at=at))
    if said.isascii() and said.isdecimal() and len(said) in _BARCODE_DIGITS:
        product = counter_queries.goods_by_barcode(desk.store.pk, said)
        if product is not None:
            return add(desk, product.pk)
    code = read_code(said)
    if len(code) == CODE_LENGTH and len(said) < 2 * CODE_LENGTH:
        found = queries.by_code(code, actor)
        services.require_reserved(found)
        return show(replace(desk, store=found.store, pickup=code), found)
    if not said:
        raise NotRecognised(field="code")
    return _choose(desk, said, at=at)


def add(desk: Desk, product_id: int, quantity: int = 1) -> Desk:
    """Put one more of these goods into the basket; a basket that was being handed over is put aside."""
    lines = dict(desk.lines)
    if product_id in lines or len(lines) < MOST_LINES:
        lines[product_id] = min(lines.get(product_id, 0) + quantity, MOST_OF_ONE)
    return replace(desk, lines=lines, redemption=None, pickup="", suggestions=(), found=())


def show(desk: Desk, redemption: Redemption) -> Desk:
    """Lay a redemption on the counter, as it stands now."""
    return replace(
        desk,
        redemption=redemption,
        pickup=_pickup(desk.pickup, redemption),
        met=_same_person(desk.met, redemption),
        lines={},
        suggestions=(),
        found=(),
    )


def lines_of(desk: Desk, *, at: datetime) -> list[Line]:
    """Return the open basket with prices and what is left of the person's month."""
    if not desk.lines:
        return []
    named = counter_queries.goods_named(desk.store.pk, desk.lines.keys(), at=at)
    volunteer = desk.met.volunteer if desk.met else None
    items = queries.as_shelf(list(named.values()), volunteer=volunteer, at=at)
    limits = {item.product.pk: item.limit_sentence for item in items}
    return [Line(named[pk], quantity, limits[pk]) for pk, quantity in desk.lines.items() if pk in named]


def total_of(desk: Desk, lines: Sequence[Line], *, at: datetime) -> int:
    """Return what the basket costs now, near expiry included, or the plain sum if something is amiss."""
    if desk.met is not None and lines:
        wanted = [services.LineInput(line.product.pk, line.quantity) for line in lines]
        with suppress(Refusal):  # whatever refuses is said when the basket is opened
            return services.quote(
                volunteer=desk.met.volunteer, store_id=desk.store.pk, lines=wanted, at=at
            ).points
    return sum(line.points for line in lines)


def limits_of(desk: Desk, *, at: datetime) -> list[str]:
    """Return what is left of the month of whose redemption lies there: “大米：本月还可换 1 袋”."""
    found = desk.redemption
    if found is None or found.volunteer is None:
        return []
    named = counter_queries.goods_named(
        found.store_id, [line.product_id for line in found.lines.all()], at=at
    )
    items = queries.as_shelf(list(named.values()), volunteer=found.volunteer, at=at)
    return [f"{item.product.name}：{item.limit_sentence}" for item in items if item.limit_sentence]


def points_of(desk: Desk, *, at: datetime) -> int | None:
    """Return what the person at the counter can spend."""
    return balance(desk.met.volunteer, at=at).available if desk.met else None


def _stand(desk: Desk, met: counter.Met) -> Desk:
    """Another person steps up: what lay there for somebody else is put away."""
    others = desk.met is not None and desk.met.volunteer.pk != met.volunteer.pk
    keeps = desk.redemption is not None and desk.redemption.volunteer_id == met.volunteer.pk
    return replace(
        desk,
        met=met,
        lines={} if others else desk.lines,
        redemption=desk.redemption if keeps else None,
        pickup=desk.pickup if keeps else "",
    )


def _choose(desk: Desk, said: str, *, at: datetime) -> Desk:
    """Take the one thing the words mean, or offer the few they could mean. :raises NotRecognised: none."""
    goods = list(counter_queries.goods_like(desk.store.pk, said, at=at)[:_SUGGESTED])
    waiting = list(counter_queries.waiting_at(desk.store.pk, text=said)[:_SUGGESTED])
    if len(goods) == 1 and not waiting:
        return add(desk, goods[0].pk)
    if len(waiting) == 1 and not goods:
        return show(desk, waiting[0])
    if not goods and not waiting:
        raise NotRecognised(field="code")
    return replace(desk, suggestions=goods, found=waiting)


def _same_person(met: counter.Met | None, redemption: Redemption) -> counter.Met | None:
    """Keep who stands there, if it is theirs. The ticket of another store is worth nothing here."""
    return met if met is not None and met.volunteer.pk == redemption.volunteer_id else None


def _pickup(text: str, redemption: Redemption | None) -> str:
    """Keep a code only while it is that redemption's: a wrong one is not carried along."""
    return text if redemption is not None and text == redemption.code else ""


def _lines(posted: QueryDict) -> dict[int, int]:
    lines: dict[int, int] = {}
    for name, value in posted.items():
        label, _dash, key = name.partition("-")
        product, quantity = whole_number(key), whole_number(value)
        if label == "line" and product and quantity and len(lines) < MOST_LINES:
            lines[product] = min(quantity, MOST_OF_ONE)
    return lines
