"""Activities in the back office."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from backend.accounts.models import User
from tests.factories.volunteers import SignUpFactory
from volunteers.activities.models import Shift

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    client = Client()
    client.force_login(User.objects.create_superuser(username="root", password="x" * 20))
    return client


@pytest.mark.parametrize("page", ["", "add/", "?q=1", "{pk}/change/"])
@pytest.mark.parametrize("model", ["programme", "activity", "shift"])
def test_the_pages_open(office, model, page):
    sign_up = SignUpFactory()
    shift = sign_up.shift
    row = {"programme": shift.activity.programme, "activity": shift.activity, "shift": shift}[model]

    assert office.get(f"/admin/volunteers/{model}/" + page.format(pk=row.pk)).status_code == 200


def test_a_shift_that_exists_is_not_moved_or_resized_there(office):
    shift = SignUpFactory().shift

    office.post(f"/admin/volunteers/shift/{shift.pk}/change/", {"capacity": 99, "status": "cancelled"})

    kept = Shift.objects.get()
    assert (kept.capacity, kept.status) == (10, "open")


def test_shifts_are_called_off_with_their_places_unless_it_is_too_late(office):
    coming = SignUpFactory(shift__starts_at=timezone.now() + timedelta(days=1))
    over = SignUpFactory(shift__starts_at=timezone.now() - timedelta(days=1))

    answer = office.post(
        "/admin/volunteers/shift/",
        {"action": "call_off", "_selected_action": [coming.shift_id, over.shift_id]},
        follow=True,
    )

    coming.refresh_from_db()
    over.refresh_from_db()
    text = answer.content.decode()
    assert (coming.status, over.status) == ("cancelled", "confirmed")
    assert (f"已取消班次 {coming.shift_id}。" in text, "班次已经开始" in text) == (True, True)


def test_sign_ups_are_looked_at_only(office):
    made = SignUpFactory()
    path = "/admin/volunteers/signup/"

    pages = ["", f"{made.pk}/change/", "add/", f"{made.pk}/delete/"]
    assert [office.get(path + page).status_code for page in pages] == [200, 200, 403, 403]
