"""Reading about people."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Prefetch, Q, QuerySet

from backend.accounts.models import User
from backend.accounts.scopes import Actor, Role, region_q
from backend.regions.codes import ancestors_of
from volunteers.people.choices import ConsentKind
from volunteers.people.household_models import Household, HouseholdMember, HouseholdRequest
from volunteers.people.models import Consent, RegistrationPolicy, Volunteer

REVIEWERS = (Role.COMMUNITY_STAFF, Role.PLATFORM_ADMIN)
READERS = (*REVIEWERS, Role.SUPERVISOR)


def volunteer_of(user: User | AnonymousUser) -> Volunteer | None:
    """Return the volunteer this account registered as, or None before registration (one query)."""
    if user.pk is None:
        return None
    try:
        return Volunteer.objects.get(user_id=user.pk)
    except Volunteer.DoesNotExist:
        return None


def profile_of(user: User | AnonymousUser) -> Volunteer | None:
    """Return the volunteer of this account with region, guardian and live consents loaded (two queries)."""
    return with_details(Volunteer.objects.filter(user_id=user.pk)).first() if user.pk else None


def with_details(volunteers: QuerySet[Volunteer]) -> QuerySet[Volunteer]:
    """Load what a profile shows: region, account, guardian, and the consents that are not withdrawn."""
    live = Prefetch("consents", Consent.objects.filter(withdrawn_at__isnull=True), to_attr="live_consents")
    related = volunteers.select_related("region", "user", "guardian")
    return related.prefetch_related(live)  # type: ignore[no-redef]  # declared on the model for its readers


def visible_to(actor: Actor) -> QuerySet[Volunteer]:
    """Return the volunteers whose files this actor may read: staff and supervisors, inside their regions."""
    return Volunteer.objects.filter(region_q(actor.regions(*READERS)))


def reviewable_by(actor: Actor) -> QuerySet[Volunteer]:
    """Return the volunteers this actor may decide about: staff in their regions. Supervisors only read."""
    return Volunteer.objects.filter(region_q(actor.regions(*REVIEWERS)))


def consents_of(volunteer: Volunteer) -> frozenset[ConsentKind]:
    """Return the consents that hold now (one query)."""
    live = Consent.objects.filter(volunteer=volunteer, withdrawn_at__isnull=True)
    return frozenset(ConsentKind(kind) for kind in live.values_list("kind", flat=True))


def policy_for(region_code: str) -> RegistrationPolicy:
    """Return the registration policy of a region: the nearest above it, else the defaults (one query).

    Codes are padded with zeros, so among a region and its ancestors the largest code is the nearest.
    """
    policies = RegistrationPolicy.objects.filter(region_id__in=ancestors_of(region_code))
    return policies.order_by("-region_id").first() or RegistrationPolicy()


def households_kept_by(actor: Actor) -> QuerySet[Household]:
    """Return the households of the staff's regions."""
    return Household.objects.filter(region_q(actor.regions(*REVIEWERS))).select_related("region")


def with_members(households: QuerySet[Household]) -> QuerySet[Household]:
    """Load what a household is shown with: how many volunteers live there, and their numbers."""
    living = HouseholdMember.objects.filter(left_at__isnull=True).select_related("volunteer").order_by("pk")
    counted = households.annotate(people=Count("members", filter=Q(members__left_at__isnull=True)))
    return counted.prefetch_related(Prefetch("members", living, to_attr="living"))


def home_of(volunteer: Volunteer) -> HouseholdMember | None:
    """Return where the volunteer is counted, or None (one query)."""
    lives = HouseholdMember.objects.filter(volunteer=volunteer, left_at__isnull=True)
    return lives.select_related("household").first()


def last_request(volunteer: Volunteer) -> HouseholdRequest | None:
    """Return what a volunteer said last about where they were counted, also when they have left since."""
    return HouseholdRequest.objects.filter(member__volunteer=volunteer).order_by("-pk").first()


def household_requests(actor: Actor) -> QuerySet[HouseholdRequest]:
    """Return what volunteers say about their households, of the staff's regions, newest first."""
    mine = HouseholdRequest.objects.filter(
        region_q(actor.regions(*REVIEWERS), "member__household__region_id")
    )
    return mine.select_related("member__household", "member__volunteer").order_by("-pk")
