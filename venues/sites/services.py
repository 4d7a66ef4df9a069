"""Setting up sites, showing their codes, changing their keys."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from backend.accounts.models import Organization
from backend.accounts.scopes import Actor, Role
from backend.core import audit
from backend.core.errors import Forbidden, NotFound
from backend.regions.queries import get_region
from venues.sites import hours, qr
from venues.sites.errors import (
    OpeningHoursInvalid,
    SiteClosed,
    SiteLocationInvalid,
    SiteNameTaken,
    SiteRadiusInvalid,
)
from venues.sites.models import Site, SiteStatus
from venues.sites.queries import managed_by

DEFAULT_RADIUS_M = 200
_SETTERS_UP = (Role.ORGANIZATION_MANAGER, Role.COMMUNITY_STAFF, Role.PLATFORM_ADMIN)
_KEEPERS = (Role.SITE_MANAGER, *_SETTERS_UP)
_LEAST_RADIUS_M, _LARGEST_RADIUS_M = 20, 5000


@dataclass(frozen=True)
class QrCode:
    """What the screen shows, until when."""

    token: str
    url: str
    expires_at: datetime


@dataclass(frozen=True)
class PosterCode:
    """What a site's posters show."""

    token: str
    url: str


def create_site(
    *,
    name: str,
    host_type: str,
    organization: Organization,
    region_code: str,
    address: str,
    latitude: float,
    longitude: float,
    radius_m: int = DEFAULT_RADIUS_M,
    opening_hours: Mapping[str, Sequence[Sequence[str]]] | None = None,
    actor: Actor | None,
    at: datetime,
) -> Site:
    """Set up a site. `latitude` and `longitude` are WGS-84 degrees. `actor` is None only for installation.

    :raises Forbidden: neither the organization's manager, nor staff, nor administrator.
    :raises NotFound: the organization and the region are outside the actor's scope.
    :raises RegionUnknown: no such region. :raises SiteNameTaken: the organization has a site of this name.
    :raises SiteLocationInvalid, SiteRadiusInvalid, OpeningHoursInvalid: not in order.
    """
    region = get_region(region_code)
    if actor is not None:
        _check_may_set_up(actor, organization=organization, region_code=region.code)
    _check_shape(latitude=latitude, longitude=longitude, radius_m=radius_m, opening_hours=opening_hours or {})
    if Site.objects.filter(organization=organization, name=name).exists():
        raise SiteNameTaken(field="name")
    with transaction.atomic():
        site = Site.objects.create(
            name=name,
            host_type=host_type,
            organization=organization,
            region=region,
            address=address,
            latitude=latitude,
            longitude=longitude,
            radius_m=radius_m,
            opening_hours=dict(opening_hours or {}),
        )
        audit.record(actor=actor, action="site.created", target=site, at=at)
    return site


def current_qr(*, site: Site, at: datetime) -> QrCode:
    """Return the code the site's screen shows at `at`, and when the next one follows (at most 30 s later).

    :raises SiteClosed: a closed site shows none.
    """
    if site.status != SiteStatus.ACTIVE:
        raise SiteClosed
    key = qr.derive_key(secret=settings.QR_SECRET, site_id=site.pk, key_version=site.key_version)
    token = qr.mint(site_id=site.pk, key_version=site.key_version, key=key, at=at)
    return QrCode(token=token, url=f"{settings.PUBLIC_BASE_URL}/s/{token}", expires_at=qr.read(token).ends_at)


def current_poster(*, site: Site) -> PosterCode:
    """Return the code printed on the site's posters. It lasts until `retire_posters`.

    :raises SiteClosed: a closed site has none.
    """
    if site.status != SiteStatus.ACTIVE:
        raise SiteClosed
    edition = site.poster_version
    key = qr.derive_poster_key(secret=settings.QR_SECRET, site_id=site.pk, poster_version=edition)
    token = qr.mint_poster(site_id=site.pk, poster_version=edition, key=key)
    return PosterCode(token=token, url=f"{settings.PUBLIC_BASE_URL}/s/{token}")


def retire_posters(*, site: Site, actor: Actor, at: datetime) -> Site:
    """Make every poster of the site worthless at once; new ones have to be printed.

    :raises Forbidden: a role that keeps no site. :raises NotFound: not one of the actor's sites.
    """
    _check_keeps(site, actor)
    with transaction.atomic():
        held = Site.objects.select_for_update(no_key=True).get(pk=site.pk)
        held.poster_version += 1
        held.save(update_fields=["poster_version"])
        audit.record(
            actor=actor,
            action="site.posters_retired",
            target=held,
            detail={"version": held.poster_version},
            at=at,
        )
    return held


def rotate_key(*, site: Site, actor: Actor, at: datetime) -> Site:
    """Replace the site's key, for instance after its screen was filmed; old codes die in ten minutes.

    :raises Forbidden: a role that keeps no site. :raises NotFound: not one of the actor's sites.
    """
    _check_keeps(site, actor)
    with transaction.atomic():
        held = Site.objects.select_for_update(no_key=True).get(pk=site.pk)
        held.key_version += 1
        held.key_rotated_at = at
        held.save(update_fields=["key_version", "key_rotated_at"])
        audit.record(
            actor=actor, action="site.key_rotated", target=held, detail={"version": held.key_version}, at=at
        )
    return held


def _check_keeps(site: Site, actor: Actor) -> None:
    if not actor.has(*_KEEPERS):
        raise Forbidden
    if not managed_by(actor).filter(pk=site.pk).exists():
        raise NotFound


def _check_may_set_up(actor: Actor, *, organization: Organization, region_code: str) -> None:
    if not actor.has(*_SETTERS_UP):
        raise Forbidden
    if organization.pk in actor.organizations(Role.ORGANIZATION_MANAGER):
        return
    prefixes = actor.regions(Role.COMMUNITY_STAFF, Role.PLATFORM_ADMIN)
    if not any(region_code.startswith(prefix) for prefix in prefixes):
        raise NotFound


def _check_shape(
    *,
    latitude: float,
    longitude: float,
    radius_m: int,
    opening_hours: Mapping[str, Sequence[Sequence[str]]],
) -> None:
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):  # noqa: PLR2004 – degrees of the globe
        raise SiteLocationInvalid(field="latitude")
    if not _LEAST_RADIUS_M <= radius_m <= _LARGEST_RADIUS_M:
        raise SiteRadiusInvalid(field="radius_m")
    fault = hours.first_fault(opening_hours)
    if fault is not None:
        raise OpeningHoursInvalid(field=f"opening_hours{fault.rstrip('/').replace('/', '.')}")
