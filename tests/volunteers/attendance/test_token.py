"""The code that was scanned: whether it is one, whose, from when, and when it reached us."""

from datetime import timedelta

import pytest

from tests.factories.attendance import code_of
from venues.sites import qr
from venues.sites.models import Site
from volunteers.attendance.choices import Flag, Grade, ScanResult
from volunteers.attendance.models import Attendance, Scan

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def why(answer):
    return [reason["code"] for reason in answer.reasons]


# --- the token ---


@pytest.mark.parametrize("token", ["", "x", "积善", "a" * 2000, "A" * 40])
def test_an_unreadable_code_is_refused_and_kept_without_a_site(scan, starts, token):
    answer = scan("in", starts, token=token)

    kept = Scan.objects.get()
    assert (answer.result, why(answer)) == ("refused", ["token_unreadable"])
    assert (kept.result, kept.reasons, kept.site) == (ScanResult.REFUSED, ["token_unreadable"], None)


def test_a_code_signed_with_another_key_is_forged(scan, site, starts):
    token = qr.mint(site_id=site.pk, key_version=1, key=b"guessed", at=starts)

    answer = scan("in", starts, token=token)

    assert (why(answer), Scan.objects.get().site) == (["token_forged"], site)


def test_a_code_of_a_site_that_does_not_exist_is_forged(scan, site, starts):
    nowhere = Site(pk=site.pk + 1000)

    answer = scan("in", starts, token=code_of(nowhere, starts))

    assert (why(answer), Scan.objects.get().site) == (["token_forged"], None)


@pytest.mark.parametrize(("age", "result"), [(59 * SECOND, "accepted"), (60 * SECOND, "refused")])
def test_the_code_before_still_counts_and_the_one_before_that_does_not(scan, site, starts, age, result):
    answer = scan("in", starts + age, token=code_of(site, starts))

    assert answer.result == result


def test_an_expired_code_says_what_to_do(scan, site, starts):
    answer = scan("in", starts + HOUR, token=code_of(site, starts))

    assert answer.reasons == [{"code": "token_expired", "message": "这个码已过期，请扫屏幕上的新码。"}]


@pytest.mark.parametrize(("age", "result"), [(10 * MINUTE, "accepted"), (11 * MINUTE, "refused")])
def test_after_a_new_key_the_old_one_counts_for_ten_minutes(scan, site, starts, age, result):
    Site.objects.filter(pk=site.pk).update(key_version=2, key_rotated_at=starts - age)

    answer = scan("in", starts, token=code_of(site, starts, version=1))

    assert answer.result == result


# --- offline ---


def test_a_scan_kept_on_the_phone_counts_from_when_it_was_made(scan, starts, here):
    answer = scan("in", starts + 23 * HOUR, captured_at=starts, location=here)

    attendance, kept = Attendance.objects.get(), Scan.objects.get()
    assert (answer.result, attendance.checked_in_at, attendance.grade, attendance.flags) == (
        ScanResult.PROVISIONAL,
        starts,
        Grade.C,
        [Flag.OFFLINE],
    )
    assert (kept.captured_at, kept.received_at) == (starts, starts + 23 * HOUR)


def test_after_a_day_it_is_too_old(scan, starts):
    assert why(scan("in", starts + 72 * HOUR + SECOND, captured_at=starts)) == ["offline_too_old"]


def test_the_code_must_have_been_on_the_screen_at_that_time(scan, site, starts):
    answer = scan("in", starts + HOUR, captured_at=starts, token=code_of(site, starts - 5 * MINUTE))

    assert why(answer) == ["token_expired"]


def test_a_code_that_is_valid_now_counts_now_whatever_the_phone_says(scan, site, starts):
    answer = scan("in", starts, captured_at=starts - 50 * HOUR, token=code_of(site, starts))

    assert (answer.result, answer.attendance.checked_in_at, answer.attendance.flags) == (
        ScanResult.ACCEPTED,
        starts,
        [],
    )


def test_a_phone_slightly_ahead_is_forgiven(scan, site, starts):
    answer = scan("in", starts, captured_at=starts + 120 * SECOND, token=code_of(site, starts))

    assert (answer.result, answer.attendance.checked_in_at) == (ScanResult.ACCEPTED, starts)
    assert Scan.objects.get().captured_at == starts + 120 * SECOND


def test_a_phone_in_tomorrow_is_not(scan, site, starts):
    answer = scan("in", starts, captured_at=starts + 121 * SECOND, token=code_of(site, starts))

    assert (answer.result, why(answer)) == (ScanResult.REFUSED, ["captured_in_future"])
    assert Scan.objects.get().result == ScanResult.REFUSED


@pytest.mark.parametrize("wrong", [-3 * HOUR, 5 * MINUTE, 400 * 24 * HOUR])
def test_a_wrong_clock_does_no_harm_when_the_phone_says_what_it_shows(scan, site, starts, wrong):
    answer = scan(
        "in",
        starts + HOUR,
        captured_at=starts + wrong,
        sent_at=starts + HOUR + wrong,
        token=code_of(site, starts),
    )

    kept = Scan.objects.get()
    assert (answer.result, answer.attendance.checked_in_at) == (ScanResult.PROVISIONAL, starts)
    assert (kept.captured_at, kept.received_at, kept.clock_offset_s) == (
        starts + wrong,
        starts + HOUR,
        -round(wrong.total_seconds()),
    )


def test_a_scan_later_than_its_own_sending_is_of_the_future(scan, site, starts):
    answer = scan("in", starts, captured_at=starts + HOUR, sent_at=starts - HOUR, token=code_of(site, starts))

    assert why(answer) == ["captured_in_future"]


def test_an_old_key_still_proves_a_scan_made_while_it_was_in_use(scan, site, starts):
    Site.objects.filter(pk=site.pk).update(key_version=2, key_rotated_at=starts + HOUR)

    answer = scan("in", starts + 2 * HOUR, captured_at=starts, token=code_of(site, starts, version=1))

    assert answer.result == ScanResult.PROVISIONAL
