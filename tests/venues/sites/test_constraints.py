"""Around the Python: PostgreSQL keeps the sites in order by itself."""

import pytest

from tests.factories.database import guards_of, refused_by
from tests.factories.venues import SiteFactory
from venues.sites.models import Site

pytestmark = pytest.mark.django_db

CHANGES = {
    "site_location_on_earth": {"latitude": 90.5},
    "site_radius_sane": {"radius_m": 19},
    "site_key_version_in_range": {"key_version": 65536},
    "site_poster_version_in_range": {"poster_version": 65536},
    "site_rotation_dated": {"key_version": 2},
    "site_status_known": {"status": "asleep"},
    "site_host_type_known": {"host_type": "moon"},
    "site_opening_hours_object": {"opening_hours": [["08:30", "17:30"]]},
    "site_key_version_forward": {"key_version": 0},
    "site_poster_version_forward": {"poster_version": 0},
}


@pytest.mark.parametrize("name", sorted(CHANGES))
def test_a_change_that_breaks_the_rules_is_refused(name):
    site = SiteFactory()

    with refused_by(name):
        Site.objects.filter(pk=site.pk).update(**CHANGES[name])


def test_not_a_number_is_nowhere_on_earth():
    with refused_by("site_location_on_earth"):
        SiteFactory(latitude=float("nan"))


def test_one_organization_has_one_site_of_a_name():
    site = SiteFactory()

    with refused_by("site_name_once"):
        SiteFactory(organization=site.organization, name=site.name)


def test_every_guard_of_the_table_has_its_case():
    assert guards_of(Site) == {*CHANGES, "site_name_once"}
