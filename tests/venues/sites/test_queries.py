"""Which sites somebody sees, and which they run."""

import pytest

from backend.accounts.scopes import Role
from tests.factories.accounts import make_actor
from tests.factories.regions import CHENGDU_JINJIANG, RegionFactory
from tests.factories.venues import SiteFactory
from venues.sites.models import Site, SiteStatus
from venues.sites.queries import managed_by, nearest, visible_sites

pytestmark = pytest.mark.django_db


@pytest.fixture
def guiyang():
    return SiteFactory(status=SiteStatus.CLOSED)


@pytest.fixture
def chengdu():
    return SiteFactory(region=RegionFactory(code=CHENGDU_JINJIANG), latitude=30.65, longitude=104.08)


def test_strangers_see_the_active_sites(guiyang, chengdu):
    assert set(visible_sites(None)) == {chengdu}


@pytest.mark.parametrize("role", [Role.COMMUNITY_STAFF, Role.SUPERVISOR])
def test_staff_and_supervisors_also_see_the_closed_sites_of_their_region(role, guiyang, chengdu):
    assert set(visible_sites(make_actor(role, "5201"))) == {guiyang, chengdu}
    assert set(visible_sites(make_actor(role, "51"))) == {chengdu}


def test_each_role_runs_the_sites_of_its_scope(guiyang, chengdu):
    assert set(managed_by(make_actor(Role.SITE_MANAGER, guiyang.pk))) == {guiyang}
    assert set(managed_by(make_actor(Role.ORGANIZATION_MANAGER, chengdu.organization_id))) == {chengdu}
    assert set(managed_by(make_actor(Role.COMMUNITY_STAFF, "52"))) == {guiyang}
    assert set(managed_by(make_actor(Role.PLATFORM_ADMIN))) == {guiyang, chengdu}


def test_supervisors_and_clerks_run_no_site(guiyang, chengdu):
    assert not managed_by(make_actor(Role.SUPERVISOR, "52")).exists()
    assert not managed_by(make_actor(Role.STORE_CLERK, guiyang.pk)).exists()


def test_the_nearest_site_comes_first_with_its_distance_in_metres():
    here = SiteFactory(latitude=26.5783, longitude=106.7135)
    there = SiteFactory(latitude=26.5883, longitude=106.7135)
    SiteFactory(latitude=30.65, longitude=104.08)  # Chengdu, beyond 50 km

    found = nearest(Site.objects.all(), latitude=26.5783, longitude=106.7135)

    assert list(found) == [here, there]
    assert [round(site.distance_m) for site in found] == [0, 1112]


@pytest.mark.parametrize(("latitude", "longitude"), [(90, 180), (-90, -180), (0, 0)])
def test_far_corners_of_the_globe_are_near_to_nothing(latitude, longitude):
    SiteFactory()

    assert list(nearest(Site.objects.all(), latitude=latitude, longitude=longitude)) == []
