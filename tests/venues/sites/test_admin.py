"""Sites in the back office."""

import pytest
from django.test import Client

from backend.accounts.models import User
from tests.factories.venues import SiteFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    client = Client()
    client.force_login(User.objects.create_superuser(username="root", password="x" * 20))
    return client


@pytest.mark.parametrize("path", ["", "add/", "?q=市"])
def test_the_pages_open(office, path):
    SiteFactory()

    assert office.get(f"/admin/venues/site/{path}").status_code == 200


@pytest.mark.parametrize(
    ("hours", "saved"), [('{"mon": [["08:30", "17:30"]]}', True), ('{"mon": "all"}', False)]
)
def test_opening_hours_are_checked_before_they_are_saved(office, hours, saved):
    site = SiteFactory()
    facts = {
        "name": site.name,
        "host_type": "hospital",
        "organization": site.organization_id,
        "region": site.region_id,
        "address": site.address,
        "latitude": site.latitude,
        "longitude": site.longitude,
        "radius_m": 200,
        "status": "active",
        "opening_hours": hours,
    }

    answer = office.post(f"/admin/venues/site/{site.pk}/change/", facts)

    site.refresh_from_db()
    assert (answer.status_code, bool(site.opening_hours)) == ((302, True) if saved else (200, False))


def test_a_site_can_be_looked_at_but_not_deleted(office):
    site = SiteFactory()

    assert office.get(f"/admin/venues/site/{site.pk}/change/").status_code == 200
    assert office.get(f"/admin/venues/site/{site.pk}/delete/").status_code == 403
