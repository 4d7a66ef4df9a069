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


def test_a_site_can_be_looked_at_but_not_deleted(office):
    site = SiteFactory()

    assert office.get(f"/admin/venues/site/{site.pk}/change/").status_code == 200
    assert office.get(f"/admin/venues/site/{site.pk}/delete/").status_code == 403
