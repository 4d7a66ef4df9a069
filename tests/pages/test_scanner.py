"""The scanner of a site's staff, and what its script relies on."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.pages.scenes import browser, make_place, make_shift, make_volunteer, make_waiting, manager_of
from volunteers.activities.models import Shift
from volunteers.attendance.choices import Channel
from volunteers.attendance.models import Attendance, Scan
from volunteers.people.passes import passes

pytestmark = pytest.mark.django_db


@pytest.fixture
def shift() -> Shift:
    """A shift that has just begun."""
    return make_shift()


def signed_in(shift: Shift) -> Client:
    """Open a manager's browser that checks CSRF as a real one is checked."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(manager_of(shift.activity.site), backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_page_holds_what_the_script_needs_and_no_names(shift: Shift) -> None:
    site = shift.activity.site
    manager = manager_of(site)

    response = browser(manager).get(reverse("pages:scanner", args=[site.pk]))

    html = response.content.decode()
    assert f'data-site="{site.pk}" data-owner="{manager.pk}"' in html
    assert 'data-batch="/api/v1/scans/batch/"' in html
    assert "csrftoken" in response.cookies
    assert 'name="way" value="in"' in html
    assert "checked" not in html  # nobody is checked in because nobody chose


def test_a_page_that_was_kept_sends_with_the_cookie_of_the_session(shift: Shift) -> None:
    volunteer = make_volunteer()
    make_place(volunteer, shift)
    client = signed_in(shift)
    client.get(reverse("pages:scanner", args=[shift.activity.site_id]))
    (code,) = passes(volunteer, at=timezone.now())
    row = {
        "token": code.token,
        "intent": "in",
        "nonce": "n1",
        "site": shift.activity.site_id,
        "captured_at": timezone.now().isoformat(),
        "sent_at": timezone.now().isoformat(),
    }

    answer = client.post(
        reverse("scan-batch"),
        json.dumps({"scans": [row, {**row, "token": "x" * 40, "nonce": "n2"}]}),
        content_type="application/json",
        headers={"X-CSRFToken": client.cookies["csrftoken"].value},
    )

    good, bad = answer.json()["results"]
    assert (good["status"], good["answer"]["result"]) == (201, "accepted")
    assert (bad["status"], bad["answer"]) == (400, None)
    assert Scan.objects.get().channel == Channel.PASS
    assert Attendance.objects.get().volunteer == volunteer


def test_without_the_cookie_nothing_is_taken_down(shift: Shift) -> None:
    client = signed_in(shift)

    answer = client.post(reverse("scan-batch"), json.dumps({"scans": [{}]}), content_type="application/json")

    assert answer.status_code == 403
    assert not Scan.objects.exists()


def test_the_names_behind_the_answers_are_masked_and_of_this_site_only(shift: Shift) -> None:
    own = make_waiting(activity=shift.activity, volunteer=make_volunteer(name="张晓明"))
    foreign = make_waiting()
    address = reverse("pages:scanner-names", args=[shift.activity.site_id])

    told = browser(manager_of(shift.activity.site)).get(address, {"ids": f"{own.pk},{foreign.pk},x,-1"})

    assert told.json() == {str(own.pk): f"张*明 {own.volunteer.number[-4:]}"}


def test_the_worker_keeps_the_scanner_for_no_network(shift: Shift) -> None:
    script = browser().get(reverse("pages:service-worker")).content.decode()

    assert r"/^\/manage\/sites\/\d+\/scanner\/$/" in script


def test_another_sites_scanner_is_not_found(shift: Shift) -> None:
    client = browser(manager_of(make_shift(starts_in=timedelta(days=1)).activity.site))

    shown = client.get(reverse("pages:scanner", args=[shift.activity.site_id]))
    told = client.get(reverse("pages:scanner-names", args=[shift.activity.site_id]), {"ids": "1"})

    assert (shown.status_code, told.status_code) == (404, 404)
