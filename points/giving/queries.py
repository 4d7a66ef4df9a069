"""Reading donors and donations inside the caller's reach; what became of one is in tracing.py."""

from django.db.models import Q, QuerySet

from backend.accounts.models import Organization, User
from backend.accounts.scopes import Actor, Role, region_q
from points.giving.contact_models import ContactRequest
from points.giving.models import Donation, Donor
from points.market.queries import KEEPERS_BY_REGION, READERS_BY_REGION, stores_kept_by

KEEPERS = (Role.STORE_CLERK, Role.ORGANIZATION_MANAGER, *KEEPERS_BY_REGION)
READERS = (*KEEPERS, Role.SUPERVISOR)
RECORDERS = (Role.ORGANIZATION_MANAGER, *KEEPERS_BY_REGION)  # of money; a clerk keeps goods


def donors_visible_to(actor: Actor) -> QuerySet[Donor]:
    """Return the donors whose file the actor may read."""
    return Donor.objects.filter(_donors_in(actor, READERS_BY_REGION)).order_by("-pk")


def donors_kept_by(actor: Actor) -> QuerySet[Donor]:
    """Return the donors the actor may change and record gifts of; supervisors only read."""
    return Donor.objects.filter(_donors_in(actor, KEEPERS_BY_REGION))


def open_contact_requests() -> QuerySet[ContactRequest]:
    """Return the requests for another contact that nobody has decided; a file has one at most."""
    return ContactRequest.objects.filter(outcome__isnull=True).select_related("asked_by")


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


def standing_donations() -> QuerySet[Donation]:
    """Return the donations whose receipt has not been revoked."""
    return Donation.objects.filter(revoked_at__isnull=True)


def organizations_kept_by(actor: Actor) -> QuerySet[Organization]:
    """Return the active organisations whose money and appeals the actor may write down, by name."""
    mine = region_q(actor.regions(*KEEPERS_BY_REGION)) | Q(
        pk__in=actor.organizations(Role.ORGANIZATION_MANAGER)
    )
    return Organization.objects.filter(mine, is_active=True).order_by("name", "pk")


def keeps_books(actor: Actor, organization: Organization) -> bool:
    """Whether the actor may write down money of this organisation, active or not."""
    return organization.pk in actor.organizations(Role.ORGANIZATION_MANAGER) or any(
        organization.region_id.startswith(prefix) for prefix in actor.regions(*KEEPERS_BY_REGION)
    )


def works_in(actor: Actor, region_id: str) -> bool:
    """Whether the actor may enter donors of this region: staff of it, or keeper of a store or body in it."""
    by_region = any(region_id.startswith(prefix) for prefix in actor.regions(*KEEPERS_BY_REGION))
    return by_region or region_id in _home_regions(actor)


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
