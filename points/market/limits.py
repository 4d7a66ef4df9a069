"""Who may have how much of what: shares of a person and of a household, age, residence, how often, how rich.

Everything here is practice, not law, and off by default (rules.md D4). The shares are read twice: for the
shelf, so that a volunteer knows before choosing, and inside the reservation's transaction, where the locks on
the household and on the points account make the answer final.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, Sum
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from points.ledger.queries import balance
from points.market.choices import LimitPeriod
from points.market.errors import (
    BalanceBelowMinimum,
    HouseholdLimitReached,
    PersonLimitReached,
    ResidentsOnly,
    TooManyRedemptions,
    TooYoungForProduct,
)
from points.market.models import Product
from points.market.redemption_models import Redemption, RedemptionLine
from points.market.rules import Discount, period_began
from points.market.states import COUNTS_AGAINST_LIMIT
from volunteers.people import queries as people
from volunteers.people.models import Volunteer
from volunteers.people.rules import age_on

_PERSON_LEFT = {
    LimitPeriod.WEEK: _("本周还可换 %(left)s %(unit)s（共 %(limit)s）"),
    LimitPeriod.MONTH: _("本月还可换 %(left)s %(unit)s（共 %(limit)s）"),
    LimitPeriod.QUARTER: _("本季度还可换 %(left)s %(unit)s（共 %(limit)s）"),
    LimitPeriod.YEAR: _("今年还可换 %(left)s %(unit)s（共 %(limit)s）"),
    LimitPeriod.EVER: _("还可换 %(left)s %(unit)s（共 %(limit)s）"),
}
_HOUSEHOLD_LEFT = {
    LimitPeriod.WEEK: _("本周您家还可换 %(left)s %(unit)s（共 %(limit)s）"),
    LimitPeriod.MONTH: _("本月您家还可换 %(left)s %(unit)s（共 %(limit)s）"),
    LimitPeriod.QUARTER: _("本季度您家还可换 %(left)s %(unit)s（共 %(limit)s）"),
    LimitPeriod.YEAR: _("今年您家还可换 %(left)s %(unit)s（共 %(limit)s）"),
    LimitPeriod.EVER: _("您家还可换 %(left)s %(unit)s（共 %(limit)s）"),
}
_RESIDENTS = {
    2: _("仅限本省居民"),
    4: _("仅限本市居民"),
    6: _("仅限本区县居民"),
    9: _("仅限本街道居民"),
    12: _("仅限本社区居民"),
}


@dataclass(frozen=True, slots=True)
class Terms:
    """Who may have how much of a product."""

    product_id: int
    name: str
    unit: str
    person_limit: int | None
    household_limit: int | None
    period: str
    minimum_age: int | None
    residents_only: str

    @property
    def limited(self) -> bool:
        """Whether anybody has a share."""
        return self.person_limit is not None or self.household_limit is not None

    @property
    def residents_sentence(self) -> str:
        """“仅限本社区居民”."""
        return str(_RESIDENTS[len(self.residents_only)]) if self.residents_only else ""


@dataclass(frozen=True, slots=True)
class StorePolicy:
    """What a store asks of everybody who redeems there."""

    name: str
    is_open: bool
    minimum_balance: int
    most_redemptions: int | None
    redemptions_period: str
    discount: Discount | None


@dataclass(frozen=True, slots=True)
class Taken:
    """How many of a product somebody has had in its period, and those they live with."""

    person: int = 0
    household: int = 0


@dataclass(frozen=True, slots=True)
class Left:
    """How many somebody may still have; None where there is no limit, or no household to share it."""

    person: int | None = None
    household: int | None = None
    person_sentence: str = ""
    household_sentence: str = ""

    @property
    def sentence(self) -> str:
        """Both, or nothing."""
        return "；".join(filter(None, (self.person_sentence, self.household_sentence)))


def terms_of(product: Product) -> Terms:
    """Return the terms of a product."""
    return Terms(
        product_id=product.pk,
        name=product.name,
        unit=product.unit,
        person_limit=product.person_limit,
        household_limit=product.household_limit,
        period=product.limit_period,
        minimum_age=product.minimum_age,
        residents_only=product.residents_only,
    )


def home_of(volunteer: Volunteer) -> int | None:
    """Return the key of the household the volunteer lives in, if we know of one (one query)."""
    lives = people.home_of(volunteer)
    return None if lives is None else lives.household_id


def taken(
    terms: Collection[Terms],
    *,
    volunteer_id: int,
    household_id: int | None,
    at: datetime,
    besides: int | None = None,
) -> Mapping[int, Taken]:
    """Return what was reserved or collected of the limited products in their periods (at most one query).

    What a household got for need, without points, is beside its share.
    """
    limited = [each for each in terms if each.limited]
    if not limited:
        return {}
    asked = Q()
    for period in {each.period for each in limited}:
        since = period_began(period, at)
        in_time = Q() if since is None else Q(redemption__created_at__gte=since)
        asked |= Q(product_id__in=[each.product_id for each in limited if each.period == period]) & in_time
    own = Q(redemption__volunteer_id=volunteer_id)
    home = Q(redemption__household_id=household_id) if household_id is not None else None
    lines = RedemptionLine.objects.filter(
        asked,
        own if home is None else own | home,
        redemption__status__in=COUNTS_AGAINST_LIMIT,
        redemption__volunteer__isnull=False,
    )
    if besides is not None:
        lines = lines.exclude(redemption_id=besides)
    rows = (
        lines.values_list("product_id")
        .annotate(
            person=Sum("quantity", filter=own, default=0),
            household=Sum("quantity", filter=own if home is None else home, default=0),
        )
        .order_by()
    )
    return {pk: Taken(person, household) for pk, person, household in rows}


def left_of(terms: Terms, had: Taken, *, household_id: int | None) -> Left:
    """Return how many are left for somebody who has had so many; without a household it has no share."""
    person = None if terms.person_limit is None else max(0, terms.person_limit - had.person)
    household = (
        None
        if terms.household_limit is None or household_id is None
        else max(0, terms.household_limit - had.household)
    )
    period = LimitPeriod(terms.period)
    return Left(
        person=person,
        household=household,
        person_sentence=_said(_PERSON_LEFT[period], person, terms.person_limit, terms.unit),
        household_sentence=_said(_HOUSEHOLD_LEFT[period], household, terms.household_limit, terms.unit),
    )


def _said(sentence: object, left: int | None, limit: int | None, unit: str) -> str:
    return "" if left is None else str(sentence) % {"left": left, "limit": limit, "unit": unit}


def require_allowed(terms: Collection[Terms], volunteer: Volunteer, *, at: datetime) -> None:
    """Let pass who is old enough and lives near enough for all of these products.

    :raises TooYoungForProduct, ResidentsOnly: for one of them they are not.
    """
    for each in terms:
        if too_young(each, volunteer, at=at):
            raise TooYoungForProduct(field="lines", product=each.name, age=each.minimum_age)
        if lives_elsewhere(each, volunteer):
            raise ResidentsOnly(field="lines", product=each.name, rule=each.residents_sentence)


def too_young(terms: Terms, volunteer: Volunteer, *, at: datetime) -> bool:
    """Whether the product is for older people."""
    return terms.minimum_age is not None and age_on(volunteer.birth_date, localdate(at)) < terms.minimum_age


def lives_elsewhere(terms: Terms, volunteer: Volunteer) -> bool:
    """Whether the product is for the people of another place."""
    return not volunteer.region_id.startswith(terms.residents_only)


def require_within_shares(
    terms: Collection[Terms],
    wanted: Mapping[int, int],
    *,
    volunteer_id: int,
    household_id: int | None,
    at: datetime,
    besides: int | None = None,
) -> None:
    """Refuse more than the share of the person or of those they live with; says what is left.

    :raises PersonLimitReached, HouseholdLimitReached: somebody has had their share.
    """
    had = taken(terms, volunteer_id=volunteer_id, household_id=household_id, at=at, besides=besides)
    for each in terms:
        left = left_of(each, had.get(each.product_id, Taken()), household_id=household_id)
        if left.person is not None and wanted[each.product_id] > left.person:
            raise PersonLimitReached(field="lines", product=each.name, sentence=left.person_sentence)
        if left.household is not None and wanted[each.product_id] > left.household:
            raise HouseholdLimitReached(field="lines", product=each.name, sentence=left.household_sentence)


def require_policy(
    policy: StorePolicy,
    *,
    volunteer: Volunteer,
    store_id: int,
    at: datetime,
    spent: int = 0,
    besides: int | None = None,
) -> None:
    """Refuse whom the store's policy does not serve now. `spent` is what this very redemption holds already.

    :raises TooManyRedemptions: as many times as the store allows in its period.
    :raises BalanceBelowMinimum: fewer points than the store asks for.
    """
    if policy.most_redemptions is not None:
        mine = Redemption.objects.filter(
            volunteer=volunteer, store_id=store_id, status__in=COUNTS_AGAINST_LIMIT
        )
        if besides is not None:
            mine = mine.exclude(pk=besides)
        since = period_began(policy.redemptions_period, at)
        times = (mine if since is None else mine.filter(created_at__gte=since)).count()
        if times >= policy.most_redemptions:
            raise TooManyRedemptions(
                store=policy.name,
                every=LimitPeriod(policy.redemptions_period).label,
                most=policy.most_redemptions,
            )
    if policy.minimum_balance:
        missing = policy.minimum_balance - balance(volunteer, at=at).available - spent
        if missing > 0:
            raise BalanceBelowMinimum(store=policy.name, minimum=policy.minimum_balance, missing=missing)
