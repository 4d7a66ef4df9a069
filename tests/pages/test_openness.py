"""What is owed to the public, on one page: gifts of those who agreed, and the way to everything else."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from points.giving.donor_files import set_donor_consent
from points.giving.models import Donation
from tests.pages.scenes import make_donation, make_shop

pytestmark = pytest.mark.django_db
OPEN = reverse("pages:openness")


def told(donation: Donation, **consent: object) -> str:
    """The page of everybody's, once the donor has agreed to so much."""
    set_donor_consent(donor=donation.donor, actor=None, at=timezone.now(), **consent)
    return Client().get(OPEN).content.decode()


@pytest.mark.parametrize(
    ("consent", "name"), [("named", "陈大明"), ("masked", "陈*明"), ("anonymous", "爱心人士")]
)
def test_a_gift_is_told_the_way_its_donor_agreed(consent: str, name: str) -> None:
    donation = make_donation(make_shop(), name="陈大明")

    html = told(donation, consent=consent)

    assert reverse("pages:donation", args=[donation.number]) in html
    assert f">{name}<" in html
    assert ("陈大明" in html) == (consent == "named")


@pytest.mark.parametrize("consent", [{"consent": "hidden"}, {"show_amount": False}])
def test_who_does_not_agree_to_name_and_amount_any_more_is_gone_with_the_next_look(
    consent: dict[str, object],
) -> None:
    donation = make_donation(make_shop())
    assert donation.number in Client().get(OPEN).content.decode()

    html = told(donation, **consent)

    assert donation.number not in html
    assert 'data-testid="empty"' in html


def test_the_page_leads_to_every_stores_books() -> None:
    shop = make_shop()

    assert reverse("pages:statements", args=[shop.store.pk]) in Client().get(OPEN).content.decode()
