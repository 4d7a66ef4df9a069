"""The back office looks at the book and never writes it."""

import pytest
from django.contrib import admin
from django.urls import reverse

from points.models import Account, Award, Lot, RuleSet, Transfer
from points.scoring.services import award_records
from tests.factories.accounts import StaffFactory
from tests.factories.ledger import default_rules, serve

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(client):
    client.force_login(StaffFactory(is_staff=True, is_superuser=True))
    return client


@pytest.mark.parametrize("model", [Account, Award, Lot, RuleSet, Transfer])
def test_rows_are_listed_and_shown_but_not_edited(office, now, model):
    default_rules()
    award_records(record_ids=[serve().pk], at=now)
    name = f"admin:points_{model._meta.model_name}"
    one = model.objects.first()

    assert office.get(reverse(f"{name}_changelist")).status_code == 200
    assert office.get(reverse(f"{name}_change", args=[one.pk])).status_code == 200
    assert office.get(reverse(f"{name}_add")).status_code == 403
    assert office.post(reverse(f"{name}_delete", args=[one.pk])).status_code == 403
    assert not admin.site._registry[model].has_change_permission(None)
