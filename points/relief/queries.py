"""Reading the list for those who keep it, and the totals everybody may know."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, F, IntegerField, OuterRef, Prefetch, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, Substr

from backend.accounts.scopes import Actor, Role, region_q
from backend.regions.codes import ancestors_of
from backend.regions.models import Region
from points.market.choices import Channel, LimitPeriod, MoveKind, ProductKind, RedemptionStatus
from points.market.models import Product, StockMove
from points.market.queries import stores_kept_by
from points.market.redemption_models import Redemption, RedemptionLine
from points.market.rules import end_of_day, period_began
from points.market.states import COUNTS_AGAINST_LIMIT
from points.relief.choices import CaseStatus
from points.relief.models import ReliefCase, ReliefIssue, ReliefKeeper, ReliefPolicy, ReliefReview
from points.relief.rules import Policy, months_told, told

NAMERS = (Role.COMMUNITY_STAFF, Role.PLATFORM_ADMIN)
_COUNTY = 6


@dataclass(frozen=True, slots=True)
class Total:
    """What one county's public is told; None stands for “少于 3”."""

    region: str
    region_name: str
    households: int | None
    handovers: int | None
    items: int | None


def terms_of(actor: Actor) -> QuerySet[ReliefKeeper]:
    """Return what the actor is named to keep, as far as they still are community staff there."""
    terms = ReliefKeeper.objects.filter(user_id=actor.user_id, ended_at__isnull=True)
    return terms.filter(region_q(actor.regions(Role.COMMUNITY_STAFF)))


def keepers_under(actor: Actor) -> QuerySet[ReliefKeeper]:
    """Return the keepers of the regions in which the actor names them, newest first."""
    return ReliefKeeper.objects.filter(region_q(actor.regions(*NAMERS))).select_related("user", "region")


def cases_of(terms: Sequence[ReliefKeeper]) -> QuerySet[ReliefCase]:
    """Return the cases of the regions of these terms: what is due first, what has ended last."""
    reach = region_q([term.prefix for term in terms], "household__region_id")
    cases = ReliefCase.objects.filter(reach).select_related("household", "kept_by__user")
    return cases.order_by(F("ended_at").desc(nulls_first=True), "review_on", "pk")


def with_recalls(cases: QuerySet[ReliefCase]) -> QuerySet[ReliefCase]:
    """Mark as `recalled` the cases that have goods at home which were called back since the last review.

    Their keepers call them: the list of who has recalled goods, which managers read, names no family.
    """
    told = ReliefReview.objects.filter(case=OuterRef("redemption__relief_issue__case"))
    at_home = _at_home().exclude(Exists(told.filter(at__gte=OuterRef("batch__recalled_at"))))
    return cases.annotate(recalled=Exists(at_home.filter(redemption__relief_issue__case=OuterRef("pk"))))


def _at_home() -> QuerySet[StockMove]:
    """Return what was handed out and not brought back of goods that are called back."""
    return StockMove.objects.filter(
        kind=MoveKind.ISSUE,
        batch__recalled_at__isnull=False,
        redemption__status=RedemptionStatus.COLLECTED,
    ).order_by()


def with_history(cases: QuerySet[ReliefCase]) -> QuerySet[ReliefCase]:
    """Load what one case is shown with: its reviews, and what was set aside for it."""
    lines = Prefetch("redemption__lines", RedemptionLine.objects.select_related("product").order_by("pk"))
    recalled = Exists(_at_home().filter(redemption=OuterRef("redemption")))
    issues = ReliefIssue.objects.select_related("redemption__store").prefetch_related(lines)
    issues = issues.annotate(recalled=recalled)
    reviews = ReliefReview.objects.select_related("keeper__user")
    return cases.prefetch_related(Prefetch("issues", issues), Prefetch("reviews", reviews))


def policy_for(region_code: str) -> Policy:
    """Return how a region helps: the nearest policy above it, else the defaults (one query)."""
    found = (
        ReliefPolicy.objects.filter(region_id__in=ancestors_of(region_code)).order_by("-region_id").first()
    )
    if found is None:
        return Policy()
    return Policy(found.grace_days, found.monthly_items, found.hold_hours)


def had_this_month(household_id: int, *, at: datetime) -> int:
    """Return how many units a household was given, or has waiting, in the business month of `at`."""
    lines = RedemptionLine.objects.filter(
        redemption__household_id=household_id,
        redemption__channel=Channel.RELIEF,
        redemption__status__in=COUNTS_AGAINST_LIMIT,
        redemption__created_at__gte=period_began(LimitPeriod.MONTH, at),
    )
    return int(lines.aggregate(total=Sum("quantity"))["total"] or 0)


def shares(actor: Actor) -> QuerySet[Product]:
    """Return the goods of the stores the actor keeps, newest first."""
    goods = Product.objects.filter(store__in=stores_kept_by(actor), kind=ProductKind.GOODS)
    return goods.select_related("store").order_by("-pk")


def overdue(*, on: date) -> QuerySet[ReliefCase]:
    """Return the cases whose review date has passed."""
    return ReliefCase.objects.exclude(status=CaseStatus.ENDED).filter(review_on__lt=on)


def totals(*, at: datetime) -> list[Total]:
    """Return what was handed over to families in the last twelve whole months, per county.

    A county with fewer than three families is told as “少于 3” in every figure. There is no sum over the
    counties, from which the hidden one could be reckoned.
    """
    first, last = months_told(at)
    given = Redemption.objects.filter(
        channel=Channel.RELIEF,
        status=RedemptionStatus.COLLECTED,
        collected_at__gte=end_of_day(first - timedelta(days=1)),
        collected_at__lt=end_of_day(last),
    )
    items = (
        RedemptionLine.objects.filter(redemption=OuterRef("pk"))
        .order_by()
        .values("redemption")
        .annotate(total=Sum("quantity"))
        .values("total")
    )
    rows = (
        given.annotate(county=Substr("household__region_id", 1, _COUNTY))
        .annotate(units=Coalesce(Subquery(items, output_field=IntegerField()), 0))
        .order_by()
        .values("county")
        .annotate(households=Count("household", distinct=True), handovers=Count("pk"), items=Sum("units"))
        .order_by("county")
    )
    found = list(rows)
    names = _county_names([row["county"] for row in found])
    return [_total(row, names) for row in found]


def _total(row: Mapping[str, Any], names: Mapping[str, str]) -> Total:
    county = str(row["county"])
    households = told(row["households"])
    hidden = households is None
    return Total(
        region=county.ljust(12, "0"),
        region_name=names.get(county, ""),
        households=households,
        handovers=None if hidden else row["handovers"],
        items=None if hidden else row["items"],
    )


def _county_names(counties: Sequence[str]) -> Mapping[str, str]:
    codes = [county.ljust(12, "0") for county in counties]
    return {region.code[:_COUNTY]: region.name for region in Region.objects.filter(code__in=codes)}
