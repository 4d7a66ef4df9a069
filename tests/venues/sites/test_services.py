"""Setting up sites, their codes and their keys."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.conf import settings

from backend.accounts.scopes import Role
from backend.core.codes import TokenExpired
from backend.core.errors import Forbidden, NotFound
from backend.core.models import AuditEntry
from backend.regions.errors import RegionUnknown
from tests.factories.accounts import OrganizationFactory, make_actor
from tests.factories.regions import CHENGDU_JINJIANG, COMMUNITY, RegionFactory
from tests.factories.venues import SiteFactory
from venues.sites import qr, services
from venues.sites.errors import (
    OpeningHoursInvalid,
    SiteClosed,
    SiteLocationInvalid,
    SiteNameTaken,
    SiteRadiusInvalid,
)
from venues.sites.models import Site, SiteStatus
from venues.sites.queries import accepted_keys

pytestmark = pytest.mark.django_db


@pytest.fixture
def organization():
    return OrganizationFactory()


@pytest.fixture
def create(organization, now):
    def create_with(**changes: object):
        facts = {
            "name": "市二医门诊大厅",
            "host_type": "hospital",
            "organization": organization,
            "region_code": COMMUNITY,
            "address": "新华路 1 号",
            "latitude": 26.5783,
            "longitude": 106.7135,
            "actor": None,
            "at": now,
        }
        return services.create_site(**facts | changes)

    return create_with


def test_a_site_is_set_up_with_everything_said_about_it(create, organization):
    site = create(radius_m=300, opening_hours={"mon": [["08:30", "17:30"]]})

    site.refresh_from_db()
    assert (site.name, site.organization, site.region_id) == ("市二医门诊大厅", organization, COMMUNITY)
    assert (site.radius_m, site.opening_hours) == (300, {"mon": [["08:30", "17:30"]]})
    assert (site.status, site.key_version, site.key_rotated_at) == (SiteStatus.ACTIVE, 1, None)


def test_setting_up_a_site_is_audited(create, organization):
    actor = make_actor(Role.ORGANIZATION_MANAGER, organization.pk)

    site = create(actor=actor)

    entry = AuditEntry.objects.get()
    assert (entry.actor_id, entry.action, entry.target_id) == (actor.user_id, "site.created", str(site.pk))


@pytest.mark.parametrize("prefix", ["52", "520102001001"])
def test_staff_of_the_region_may_set_up_a_site(create, prefix):
    assert create(actor=make_actor(Role.COMMUNITY_STAFF, prefix)).pk


@pytest.mark.parametrize(
    ("role", "scope", "refusal"),
    [
        (Role.COMMUNITY_STAFF, "51", NotFound),
        (Role.ORGANIZATION_MANAGER, 999_999, NotFound),
        (Role.SUPERVISOR, "52", Forbidden),
        (Role.STORE_CLERK, 1, Forbidden),
        (Role.SITE_MANAGER, 1, Forbidden),
    ],
)
def test_nobody_else_may_set_up_a_site(create, role, scope, refusal):
    with pytest.raises(refusal):
        create(actor=make_actor(role, scope))

    assert not Site.objects.exists()


def test_two_sites_of_one_organization_have_two_names(create):
    create()

    with pytest.raises(SiteNameTaken):
        create()

    assert Site.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"latitude": 90.01}, SiteLocationInvalid),
        ({"longitude": -180.01}, SiteLocationInvalid),
        ({"latitude": float("nan")}, SiteLocationInvalid),
        ({"radius_m": 19}, SiteRadiusInvalid),
        ({"radius_m": 5001}, SiteRadiusInvalid),
        ({"opening_hours": {"mon": [["17:30", "08:30"]]}}, OpeningHoursInvalid),
        ({"region_code": "999999999999"}, RegionUnknown),
    ],
)
def test_facts_that_cannot_be_are_refused(create, changes, refusal):
    with pytest.raises(refusal):
        create(**changes)

    assert not Site.objects.exists()


def test_the_fault_in_the_opening_hours_is_pointed_at(create):
    with pytest.raises(OpeningHoursInvalid) as refusal:
        create(opening_hours={"mon": [["08:30", "09:30"], ["08:30", "09:30"]]})

    assert refusal.value.field == "opening_hours.mon.1"


def test_the_screen_shows_an_address_that_ends_in_a_token_of_the_site(now):
    site = SiteFactory()

    code = services.current_qr(site=site, at=now)

    assert code.url == f"{settings.PUBLIC_BASE_URL}/s/{code.token}"
    assert urlsplit(code.url).path.removeprefix("/s/") == code.token
    assert qr.verify(code.token, keys=accepted_keys(site, at=now), at=now).site_id == site.pk
    assert now < code.expires_at <= now + timedelta(seconds=30)


def test_a_closed_site_shows_no_code(now):
    with pytest.raises(SiteClosed):
        services.current_qr(site=SiteFactory(status=SiteStatus.CLOSED), at=now)


def test_after_a_rotation_the_old_code_lives_until_screens_have_new_ones(now):
    site = SiteFactory()
    old = services.current_qr(site=site, at=now).token

    rotated = services.rotate_key(site=site, actor=make_actor(Role.SITE_MANAGER, site.pk), at=now)

    soon, later = now + timedelta(seconds=30), now + qr.ROTATION_GRACE
    assert (rotated.key_version, rotated.key_rotated_at) == (2, now)
    assert qr.verify(old, keys=accepted_keys(rotated, at=soon), at=soon).key_version == 1
    with pytest.raises(TokenExpired):
        qr.verify(old, keys=accepted_keys(rotated, at=later), at=now)


def test_after_a_rotation_the_new_code_is_signed_by_the_new_key(now):
    site = SiteFactory()

    rotated = services.rotate_key(site=site, actor=make_actor(Role.PLATFORM_ADMIN), at=now)

    token = services.current_qr(site=rotated, at=now).token
    assert qr.verify(token, keys=accepted_keys(rotated, at=now), at=now).key_version == 2


@pytest.mark.parametrize(
    ("role", "scope", "refusal"),
    [
        (Role.SITE_MANAGER, 999_999, NotFound),
        (Role.COMMUNITY_STAFF, "51", NotFound),
        (Role.SUPERVISOR, "52", Forbidden),
        (Role.STORE_CLERK, 1, Forbidden),
    ],
)
def test_nobody_else_may_rotate_a_key(role, scope, refusal, now):
    site = SiteFactory()

    with pytest.raises(refusal):
        services.rotate_key(site=site, actor=make_actor(role, scope), at=now)

    site.refresh_from_db()
    assert site.key_version == 1


@pytest.fixture(autouse=True)
def regions():
    return [RegionFactory(), RegionFactory(code=CHENGDU_JINJIANG)]
