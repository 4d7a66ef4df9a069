"""Money sent to the API a second time."""

import pytest

from backend.accounts.scopes import Role
from points.giving.models import Donation
from tests.factories.accounts import OrganizationFactory, make_staff
from tests.factories.market import DonorFactory
from tests.points.giving.test_api import DONATIONS, money_body

pytestmark = pytest.mark.django_db


def test_the_same_money_is_refused_until_somebody_says_that_it_is_another(api):
    organization, donor = OrganizationFactory.create(), DonorFactory.create()
    client = api(make_staff(Role.ORGANIZATION_MANAGER, organization.pk))
    body = money_body(organization, donor, ticket_code="52010125", official_ticket="0001")
    first = client.post(DONATIONS, body).json()

    refused = client.post(DONATIONS, body | {"ticket_code": ""})
    odd = client.post(DONATIONS, body | {"again": "perhaps"})
    same_ticket = client.post(DONATIONS, body | {"again": True})
    other = client.post(DONATIONS, body | {"again": True, "official_ticket": "0002"})

    assert (refused.status_code, refused.json()["code"]) == (409, "money_looks_recorded")
    assert first["number"] in refused.json()["detail"]
    assert (odd.status_code, odd.json()["errors"][0]["pointer"]) == (400, "/again")
    assert (same_ticket.status_code, same_ticket.json()["code"]) == (409, "ticket_already_recorded")
    assert (other.status_code, other.json()["ticket_code"]) == (201, "52010125")
    assert Donation.objects.count() == 2
