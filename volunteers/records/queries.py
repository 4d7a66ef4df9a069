"""Reading service records: one's own, those in scope, and the sum that counts."""

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from backend.accounts.scopes import Actor, Role, region_q
from volunteers.people.models import Volunteer
from volunteers.records.choices import RecordKind
from volunteers.records.models import ServiceRecord


def records_of(volunteer: Volunteer) -> QuerySet[ServiceRecord]:
    """Return a volunteer's records, newest first, reversals included; each row carries `is_reversed`."""
    return with_details(ServiceRecord.objects.filter(volunteer=volunteer))


def totals_of(volunteer: Volunteer) -> int:
    """Return the minutes that count for a volunteer: records less what was taken back."""
    total = ServiceRecord.objects.filter(volunteer=volunteer).aggregate(minutes=Sum("minutes"))
    return total["minutes"] or 0


def live_record_of(attendance_id: int) -> ServiceRecord | None:
    """Return the record of an attendance that counts, if it has one."""
    records = ServiceRecord.objects.filter(attendance_id=attendance_id, kind=RecordKind.SERVICE)
    return with_details(records.filter(reversal__isnull=True)).first()


def visible_to(actor: Actor) -> QuerySet[ServiceRecord]:
    """Return the records this actor may read: their own, and those of their sites, organizations, regions."""
    return ServiceRecord.objects.filter(
        Q(volunteer__user_id=actor.user_id)
        | Q(attendance__site_id__in=actor.sites(Role.SITE_MANAGER))
        | Q(organization_id__in=actor.organizations(Role.ORGANIZATION_MANAGER))
        | region_q(actor.regions(Role.COMMUNITY_STAFF, Role.SUPERVISOR, Role.PLATFORM_ADMIN))
    )


def with_details(records: QuerySet[ServiceRecord]) -> QuerySet[ServiceRecord]:
    """Load what a row shows: the volunteer, and whether the record was taken back."""
    reversals = ServiceRecord.objects.filter(reverses=OuterRef("pk"))
    return records.select_related("volunteer").annotate(is_reversed=Exists(reversals))
