"""Reading donors and donations inside the caller's reach, and the public trace of one donation."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import gettext

from backend.accounts.models import Organization, User
from backend.accounts.scopes import Actor, Role, region_q
from backend.core.errors import NotFound
from points.giving.choices import DonationKind
from points.giving.models import Donation, Donor
from points.market.choices import MoveKind
from points.market.models import StockMove
from points.market.queries import KEEPERS_BY_REGION, READERS_BY_REGION, stores_kept_by
from points.market.rules import read_code

KEEPERS = (Role.STORE_CLERK, Role.ORGANIZATION_MANAGER, *KEEPERS_BY_REGION)
READERS = (*KEEPERS, Role.SUPERVISOR)


@dataclass(frozen=True, slots=True)
class TraceLine:
    """What became of one kind of goods: received = in stock + handed out + written off."""

    product: str
    unit: str
    received: int
    in_stock: int
    handed_out: int
    written_off: int


@dataclass(frozen=True, slots=True)
class Trace:
    """What anybody may know of a donation who has its number: where it is, never who gave or who took."""

    number: str
    kind: str
    organization: str
    store: str | None
    received_on: date
    purpose: str
    amount_fen: int | None
    lines: tuple[TraceLine, ...]
    received: int
    in_stock: int
    handed_out: int
    written_off: int
    people: int

    @property
    def sentence(self) -> str:
        """Say it in one line: “捐赠的 50 件物资，38 位志愿者领走 42 件，在库 8 件。”."""
        if self.kind == DonationKind.MONEY:
            return gettext("这笔捐赠已由%(organization)s登记。") % {"organization": self.organization}
        return gettext(
            "捐赠的 %(received)s 件物资，%(people)s 位志愿者领走 %(handed_out)s 件，在库 %(in_stock)s 件。"
        ) % {
            "received": self.received,
            "people": self.people,
            "handed_out": self.handed_out,
            "in_stock": self.in_stock,
        }


def donors_visible_to(actor: Actor) -> QuerySet[Donor]:
    """Return the donors whose file the actor may read."""
    return Donor.objects.filter(_donors_in(actor, READERS_BY_REGION)).order_by("-pk")


def donors_kept_by(actor: Actor) -> QuerySet[Donor]:
    """Return the donors the actor may change and record gifts of; supervisors only read."""
    return Donor.objects.filter(_donors_in(actor, KEEPERS_BY_REGION))


def donors_of(user: User) -> QuerySet[Donor]:
    """Return the files somebody has claimed as their own."""
    return Donor.objects.filter(user=user).select_related("region", "picture").order_by("pk")


def claimable_by(user: User) -> QuerySet[Donor]:
    """Return the files entered with the phone this account has proven, which nobody has claimed."""
    if not user.phone_index:
        return Donor.objects.none()
    return Donor.objects.filter(contact_index=user.phone_index, user__isnull=True)


def donations_visible_to(actor: Actor) -> QuerySet[Donation]:
    """Return the donations of the stores, organisations and regions the actor works for."""
    return (
        Donation.objects.filter(
            Q(store_id__in=actor.stores(Role.STORE_CLERK))
            | Q(organization_id__in=actor.organizations(Role.ORGANIZATION_MANAGER))
            | region_q(actor.regions(*READERS_BY_REGION))
        )
        .select_related("donor", "organization", "store", "handled_by", "receipt")
        .prefetch_related("lines__product")
        .order_by("-pk")
    )


def donations_kept_by(actor: Actor) -> QuerySet[Donation]:
    """Return the donations whose receipts the actor may revoke; supervisors only read."""
    return Donation.objects.filter(
        Q(store_id__in=actor.stores(Role.STORE_CLERK))
        | Q(organization_id__in=actor.organizations(Role.ORGANIZATION_MANAGER))
        | region_q(actor.regions(*KEEPERS_BY_REGION))
    )


def works_in(actor: Actor, region_id: str) -> bool:
    """Whether the actor may enter donors of this region: staff of it, or keeper of a store or body in it."""
    by_region = any(region_id.startswith(prefix) for prefix in actor.regions(*KEEPERS_BY_REGION))
    return by_region or region_id in _home_regions(actor)


def trace(number: str) -> Trace:
    """Return where a donation is now: received, in stock, handed out, and to how many people (four queries).

    :raises NotFound: no donation has this number.
    """
    donation = (
        Donation.objects.select_related("organization", "store", "donor")
        .filter(number=read_code(number))
        .first()
    )
    if donation is None:
        raise NotFound(field="number")
    lines = _trace_lines(donation)
    people = (
        StockMove.objects.filter(kind=MoveKind.ISSUE, batch__donation_line__donation=donation).aggregate(
            people=Count("redemption__volunteer", distinct=True)
        )
        if lines
        else {"people": 0}
    )
    return Trace(
        number=donation.number,
        kind=donation.kind,
        organization=donation.organization.name,
        store=donation.store.name if donation.store else None,
        received_on=donation.received_on,
        purpose=donation.purpose,
        amount_fen=donation.amount_fen if donation.donor.show_amount else None,
        lines=lines,
        received=sum(line.received for line in lines),
        in_stock=sum(line.in_stock for line in lines),
        handed_out=sum(line.handed_out for line in lines),
        written_off=sum(line.written_off for line in lines),
        people=people["people"],
    )


def _trace_lines(donation: Donation) -> tuple[TraceLine, ...]:
    lines = (
        donation.lines.select_related("product", "batch")
        .annotate(
            handed_out=Sum("batch__moves__quantity", filter=Q(batch__moves__kind=MoveKind.ISSUE), default=0),
            written_off=Sum(
                "batch__moves__quantity", filter=Q(batch__moves__kind=MoveKind.WRITE_OFF), default=0
            ),
        )
        .order_by("pk")
    )
    return tuple(
        TraceLine(
            product=line.product.name,
            unit=line.product.unit,
            received=line.batch.received,
            in_stock=line.batch.on_hand,
            handed_out=line.handed_out,
            written_off=line.written_off,
        )
        for line in lines
    )


def _donors_in(actor: Actor, by_region: tuple[Role, ...]) -> Q:
    """Let region staff see the subtree, keepers their own place only, and everybody whom they entered.

    The region of an organisation may be a whole province, whose donors are not the organisation's.
    """
    return (
        region_q(actor.regions(*by_region))
        | Q(region_id__in=_home_regions(actor))
        | Q(added_by_id=actor.user_id)
    )


def _home_regions(actor: Actor) -> frozenset[str]:
    """The exact regions of the stores and organisations somebody keeps, without the subtrees of staff."""
    if not actor.has(Role.STORE_CLERK, Role.ORGANIZATION_MANAGER):
        return frozenset()
    own = Actor(
        user_id=actor.user_id,
        grants=frozenset(
            grant for grant in actor.grants if grant[0] in (Role.STORE_CLERK, Role.ORGANIZATION_MANAGER)
        ),
    )
    stores = stores_kept_by(own).values_list("region_id", flat=True)
    bodies = Organization.objects.filter(pk__in=own.organizations(Role.ORGANIZATION_MANAGER))
    return frozenset(stores) | frozenset(bodies.values_list("region_id", flat=True))
