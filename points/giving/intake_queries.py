"""Reading intakes and receipts inside the caller's reach; donors reach their own."""

from datetime import date, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet

from backend.accounts.models import User
from backend.accounts.scopes import Actor, Role, region_q
from points.giving import queries
from points.giving.choices import IntakeStatus
from points.giving.intake_models import Intake, IntakeLine, Receipt
from points.giving.models import Donation
from points.market.queries import READERS_BY_REGION


def intakes_visible_to(actor: Actor) -> QuerySet[Intake]:
    """Return the intakes of stores in reach, and those of the caller's own donor files, newest first."""
    return _whole(Intake.objects.filter(_at_stores_of(actor) | Q(donor__user_id=actor.user_id)))


def intakes_at_stores_of(actor: Actor) -> QuerySet[Intake]:
    """Return the intakes of the stores in reach, newest first."""
    return _whole(Intake.objects.filter(_at_stores_of(actor)))


def intakes_of(user: User) -> QuerySet[Intake]:
    """Return the intakes of the donor files somebody claimed, newest first."""
    return _whole(Intake.objects.filter(donor__user=user))


def donations_of(user: User) -> QuerySet[Donation]:
    """Return the donations of the donor files somebody claimed, newest first, with their receipts."""
    return (
        Donation.objects.filter(donor__user=user)
        .select_related("organization", "store", "receipt", "receipt__revocation")
        .prefetch_related("lines__product")
        .order_by("-pk")
    )


def receipts_visible_to(actor: Actor) -> QuerySet[Receipt]:
    """Return the receipts the actor may see whole: those of donations in reach, and the donor's own."""
    return Receipt.objects.filter(
        Q(donation__in=queries.donations_visible_to(actor).order_by())
        | Q(donation__donor__user_id=actor.user_id)
    ).select_related(
        "donation__donor",
        "donation__organization",
        "donation__store",
        "donation__handled_by",
        "revocation",
    )


def short_lived(line: IntakeLine, *, today: date) -> bool:
    """Whether so little shelf life is left that somebody should think twice; a setting says how little."""
    expiry = line.expires_on or line.promised_expiry
    return expiry is not None and expiry < today + timedelta(days=settings.GIVING_SHELF_DAYS)


def next_step(intake: Intake) -> str:
    """Name the one thing to do next: receive, inspect, sign, or nothing."""
    return {
        IntakeStatus.PLEDGED: "receive",
        IntakeStatus.RECEIVED: "inspect",
        IntakeStatus.INSPECTED: "sign",
    }.get(IntakeStatus(intake.status), "")


def _at_stores_of(actor: Actor) -> Q:
    return (
        Q(store_id__in=actor.stores(Role.STORE_CLERK))
        | Q(store__organization_id__in=actor.organizations(Role.ORGANIZATION_MANAGER))
        | region_q(actor.regions(*READERS_BY_REGION), "store__region")
    )


def _whole(intakes: QuerySet[Intake]) -> QuerySet[Intake]:
    return (
        intakes.select_related("donor", "store__organization", "donation__receipt")
        .prefetch_related("lines__product", "signatures__user")
        .order_by("-pk")
    )
