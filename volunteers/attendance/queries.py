"""Reading attendances: one's own, those to decide, and who is here now."""

from datetime import timedelta

from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from backend.accounts.scopes import Actor, Role, region_q
from venues.sites.models import Site
from volunteers.attendance.choices import AttendanceStatus
from volunteers.attendance.models import Attendance, Scan
from volunteers.people.models import Volunteer

_SAME_DAY = timedelta(hours=16)  # how far apart scans of one phone still belong together
DECIDERS = (Role.SITE_MANAGER, Role.ORGANIZATION_MANAGER, Role.COMMUNITY_STAFF, Role.PLATFORM_ADMIN)


def open_attendance(volunteer: Volunteer) -> Attendance | None:
    """Return the attendance the volunteer is in now, with shift, activity and site (one query)."""
    current = Attendance.objects.filter(volunteer=volunteer, status=AttendanceStatus.OPEN)
    return current.select_related("shift__activity", "site").first()


def own(volunteer: Volunteer) -> QuerySet[Attendance]:
    """Return a volunteer's attendances with what their own pages show."""
    return Attendance.objects.filter(volunteer=volunteer).select_related("shift__activity", "site")


def awaiting(volunteer: Volunteer) -> QuerySet[Attendance]:
    """Return the attendances that wait for a word of the volunteer: no end and none said, or a question."""
    untold = Q(checked_out_at__isnull=True, proposed_out_at__isnull=True)
    asked = ~Q(question="") & Q(answer="")
    return own(volunteer).filter(untold | asked, status=AttendanceStatus.PENDING).order_by("-pk")


def decidable_by(actor: Actor) -> QuerySet[Attendance]:
    """Return the attendances this actor may decide about, their own included: those the service refuses.

    Site managers at their sites, organization managers for their programmes, community staff in their
    regions, platform administrators everywhere. Supervisors only read.
    """
    return Attendance.objects.filter(_decider_q(actor))


def visible_to(actor: Actor) -> QuerySet[Attendance]:
    """Return the attendances this actor may read: their own, those to decide, and a supervisor's regions."""
    supervised = region_q(actor.regions(Role.SUPERVISOR), "site__region")
    return Attendance.objects.filter(_decider_q(actor) | supervised | Q(volunteer__user_id=actor.user_id))


def pending_for(actor: Actor) -> QuerySet[Attendance]:
    """Return what waits for this actor's decision, oldest first, with everything a row shows.

    Their own attendances are left out: somebody else decides those. Each row carries `same_phone`.
    """
    waiting = decidable_by(actor).filter(status=AttendanceStatus.PENDING)
    return with_details(waiting.exclude(volunteer__user_id=actor.user_id)).order_by("id")


def with_details(attendances: QuerySet[Attendance]) -> QuerySet[Attendance]:
    """Load what a row shows, and `same_phone`: how many other volunteers scanned here with this phone.

    One phone for many people is a sign of proxy check-in (rules.md E), unless it is a member of staff's.
    """
    by_themselves = Scan.objects.filter(scanned_by__isnull=True)
    own_phones = by_themselves.filter(attendance=OuterRef(OuterRef("pk"))).exclude(device="")
    others = (
        by_themselves.filter(
            device__in=own_phones.values("device"),
            site_id=OuterRef("site_id"),
            attendance__isnull=False,
            received_at__gte=OuterRef("checked_in_at") - _SAME_DAY,
            received_at__lte=OuterRef("checked_in_at") + _SAME_DAY,
        )
        .exclude(volunteer_id=OuterRef("volunteer_id"))
        .order_by()
        .values("site_id")
        .annotate(people=Count("volunteer_id", distinct=True))
        .values("people")
    )
    return attendances.select_related("volunteer", "shift__activity", "site").annotate(
        same_phone=Coalesce(Subquery(others, output_field=IntegerField()), 0)
    )


def live_at(site: Site) -> int:
    """Return how many people are in service at a site now."""
    return Attendance.objects.filter(site=site, status=AttendanceStatus.OPEN).count()


def _decider_q(actor: Actor) -> Q:
    return (
        Q(site_id__in=actor.sites(Role.SITE_MANAGER))
        | Q(shift__activity__programme__organization_id__in=actor.organizations(Role.ORGANIZATION_MANAGER))
        | region_q(actor.regions(Role.COMMUNITY_STAFF, Role.PLATFORM_ADMIN), "site__region")
    )
