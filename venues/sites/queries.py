"""Reading about sites."""

from collections.abc import Sequence
from datetime import datetime
from math import cos, radians

from django.conf import settings
from django.db.models import F, FloatField, Q, QuerySet, Value
from django.db.models.functions import ASin, Cos, Power, Radians, Sin, Sqrt

from backend.accounts.scopes import Actor, Role, region_q
from venues.sites import qr
from venues.sites.models import Site, SiteStatus

NEAREST_LIMIT = 50

_EARTH_DIAMETER_M = 12_742_017.6
_METRES_PER_DEGREE = 111_195.0
_NEAR_METRES = 50_000.0
_LEAST_COSINE = 0.01  # near a pole a degree of longitude is next to nothing


def visible_sites(actor: Actor | None) -> QuerySet[Site]:
    """Return the sites anybody may see, which are the active ones, and those the actor looks after."""
    active = Q(status=SiteStatus.ACTIVE)
    if actor is None or not actor.grants:
        return Site.objects.filter(active)
    return Site.objects.filter(active | _in_charge(actor) | region_q(actor.regions(Role.SUPERVISOR)))


def managed_by(actor: Actor) -> QuerySet[Site]:
    """Return the sites this actor runs: own, the organization's, or the region's. Supervisors run none."""
    return Site.objects.filter(_in_charge(actor))


def nearest(sites: QuerySet[Site], *, latitude: float, longitude: float) -> Sequence[Site]:
    """Return up to 50 of the sites within 50 km, nearest first, each with `distance_m` (great circle).

    The box comes first so that the haversine formula is computed for few rows.
    """
    lat_span = _NEAR_METRES / _METRES_PER_DEGREE
    lng_span = lat_span / max(cos(radians(latitude)), _LEAST_COSINE)
    boxed = sites.filter(
        latitude__range=(latitude - lat_span, latitude + lat_span),
        longitude__range=(longitude - lng_span, longitude + lng_span),
    )
    here = Value(radians(latitude), output_field=FloatField())
    half = Value(2.0)
    chord = Power(Sin((Radians(F("latitude")) - here) / half), 2.0) + Cos(here) * Cos(
        Radians(F("latitude"))
    ) * Power(Sin((Radians(F("longitude")) - Value(radians(longitude))) / half), 2.0)
    measured = boxed.annotate(distance_m=Value(_EARTH_DIAMETER_M) * ASin(Sqrt(chord)))
    return list(measured.filter(distance_m__lte=_NEAR_METRES).order_by("distance_m", "id")[:NEAREST_LIMIT])


def accepted_keys(site: Site, *, at: datetime) -> dict[int, bytes]:
    """Return the keys whose tokens count at `at`, by version: what `qr.verify` asks for. No query."""
    versions = qr.accepted_versions(key_version=site.key_version, key_rotated_at=site.key_rotated_at, at=at)
    return {
        version: qr.derive_key(secret=settings.QR_SECRET, site_id=site.pk, key_version=version)
        for version in versions
    }


def accepted_poster_keys(site: Site) -> dict[int, bytes]:
    """Return the key whose posters count: that of the edition in force. No query."""
    edition = site.poster_version
    return {edition: qr.derive_poster_key(secret=settings.QR_SECRET, site_id=site.pk, poster_version=edition)}


def _in_charge(actor: Actor) -> Q:
    return (
        Q(pk__in=actor.sites(Role.SITE_MANAGER))
        | Q(organization_id__in=actor.organizations(Role.ORGANIZATION_MANAGER))
        | region_q(actor.regions(Role.COMMUNITY_STAFF, Role.PLATFORM_ADMIN))
    )
