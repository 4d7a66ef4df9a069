"""Reading appeals: what is needed, what came, what is missing, and whose report is late."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.db.models import Case, Exists, IntegerField, Max, OuterRef, Q, QuerySet, Sum, When
from django.db.models.functions import Coalesce
from django.utils.timezone import localdate

from backend.accounts.scopes import Actor, Role, region_q
from points.appeals.choices import AppealStage, AppealStatus
from points.appeals.models import Appeal, AppealGift, AppealLine, AppealReport
from points.appeals.rules import Course, due_on, still_missing, warn_on
from points.giving.models import DonationLine
from points.market.queries import KEEPERS_BY_REGION, READERS_BY_REGION

KEEPERS = (Role.ORGANIZATION_MANAGER, *KEEPERS_BY_REGION)
READERS = (*KEEPERS, Role.SUPERVISOR)


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that is needed, with what came of it."""

    line_id: int
    item: str
    unit: str
    needed: int
    received: int

    @property
    def missing(self) -> int:
        """How much is still asked for."""
        return still_missing(self.needed, self.received)

    @property
    def met(self) -> int:
        """What came, as far as it was asked for: how full the bar is."""
        return min(self.needed, self.received)


@dataclass(frozen=True, slots=True)
class Standing:
    """An appeal as it stands today: its needs, its reports, and when the next report is due."""

    appeal: Appeal
    needs: tuple[Need, ...]
    last_report: AppealReport | None
    reported_on: date | None
    due_on: date | None
    warn_on: date | None

    def late(self, today: date) -> bool:
        """Whether the last day for the next report is over."""
        return self.due_on is not None and today > self.due_on

    def stage(self, today: date) -> AppealStage | None:
        """How late the next report is, if somebody has to be told."""
        if self.late(today):
            return AppealStage.ESCALATED
        if self.warn_on is not None and today >= self.warn_on:
            return AppealStage.WARNED
        return None


def appeals() -> QuerySet[Appeal]:
    """Return all appeals, those that are open first, newest first."""
    return Appeal.objects.select_related("organization", "region").order_by("-status", "-pk")


def open_appeals() -> QuerySet[Appeal]:
    """Return the appeals that still ask for goods, newest first."""
    return appeals().filter(status=AppealStatus.OPEN)


def appeals_visible_to(actor: Actor) -> QuerySet[Appeal]:
    """Return the appeals of the organisations and regions the actor works for."""
    return appeals().filter(_in_reach(actor, READERS_BY_REGION))


def appeals_kept_by(actor: Actor) -> QuerySet[Appeal]:
    """Return the appeals the actor may change and report on; supervisors only read."""
    return Appeal.objects.filter(_in_reach(actor, KEEPERS_BY_REGION))


def late_first(found: QuerySet[Appeal], today: date) -> QuerySet[Appeal]:
    """Put the appeals whose report is late before all others, on whatever page of a list they would be."""
    owing = standings(found.filter(pk__in=unfinished().order_by().values("pk")))
    late = [standing.appeal.pk for standing in owing if standing.late(today)]
    last = Case(When(pk__in=late, then=0), default=1, output_field=IntegerField())
    return found.order_by(last, "-pk")


def unfinished() -> QuerySet[Appeal]:
    """Return the appeals that still owe a report: the final one is not published."""
    return appeals().filter(~Exists(AppealReport.objects.filter(appeal=OuterRef("pk"), final=True)))


def standings(found: Iterable[Appeal]) -> list[Standing]:
    """Return how these appeals stand (two queries however many)."""
    rows = list(found)
    keys = [appeal.pk for appeal in rows]
    lines = (
        AppealLine.objects.filter(appeal_id__in=keys)
        .annotate(received=Coalesce(Sum("gifts__quantity"), 0))
        .order_by("pk")
    )
    needs: dict[int, list[Need]] = {key: [] for key in keys}
    for line in lines:
        needs[line.appeal_id].append(Need(line.pk, line.item, line.unit, line.needed, line.received))
    newest = AppealReport.objects.filter(appeal_id__in=keys).values("appeal_id").annotate(last=Max("pk"))
    reports = AppealReport.objects.select_related("published_by").filter(pk__in=newest.values("last"))
    last = {report.appeal_id: report for report in reports}
    return [_standing(appeal, tuple(needs[appeal.pk]), last.get(appeal.pk)) for appeal in rows]


def overdue(today: date) -> list[Standing]:
    """Return the appeals whose report is late."""
    return [standing for standing in standings(unfinished()) if standing.late(today)]


def figures(needs: Iterable[Need]) -> list[dict[str, Any]]:
    """Return what a report freezes."""
    return [{**asdict(need), "missing": need.missing} for need in needs]


def left_of(donation_id: int) -> int:
    """Return how many pieces of a donation are not counted for any appeal yet."""
    given = DonationLine.objects.filter(donation_id=donation_id).aggregate(n=Coalesce(Sum("quantity"), 0))
    counted = AppealGift.objects.filter(donation_id=donation_id).aggregate(n=Coalesce(Sum("quantity"), 0))
    return int(given["n"] - counted["n"])


def works_for(actor: Actor, *, organization_id: int, region_id: str) -> bool:
    """Whether the actor may open an appeal of this organisation in this region."""
    return organization_id in actor.organizations(Role.ORGANIZATION_MANAGER) or any(
        region_id.startswith(prefix) for prefix in actor.regions(*KEEPERS_BY_REGION)
    )


def _in_reach(actor: Actor, by_region: tuple[Role, ...]) -> Q:
    return Q(organization_id__in=actor.organizations(Role.ORGANIZATION_MANAGER)) | region_q(
        actor.regions(*by_region)
    )


def _standing(appeal: Appeal, needs: tuple[Need, ...], last: AppealReport | None) -> Standing:
    reported_on = localdate(last.published_at) if last else None
    course = Course(
        opened_on=localdate(appeal.opened_at),
        rescue_ended_on=localdate(appeal.rescue_ended_at) if appeal.rescue_ended_at else None,
        closed_on=localdate(appeal.closed_at) if appeal.closed_at else None,
        reported_on=reported_on,
        finished=last is not None and last.final,
    )
    return Standing(appeal, needs, last, reported_on, due_on(course), warn_on(course))
