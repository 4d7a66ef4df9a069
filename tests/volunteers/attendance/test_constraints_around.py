"""Around the Python: annulments, paper sheets and policies are history that nobody rewrites."""

from datetime import timedelta

import pytest

from tests.factories.attendance import CheckInPolicyFactory, PaperSheetFactory, ScanAnnulmentFactory
from tests.factories.database import guards_of, refused_by
from tests.factories.volunteers import SHIFT_STARTS
from volunteers.attendance.models import ScanAnnulment
from volunteers.attendance.paper_models import PaperSheet
from volunteers.attendance.policy_models import CheckInPolicy

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)

# --- annulled scans ---


def test_an_annulment_says_why():
    with refused_by("annulment_explained"):
        ScanAnnulmentFactory(reason="")


def test_a_scan_is_annulled_once():
    annulment = ScanAnnulmentFactory()

    with refused_by("volunteers_scanannulment_scan_id_key"):
        ScanAnnulmentFactory(scan=annulment.scan)


def test_an_annulment_never_changes():
    annulment = ScanAnnulmentFactory()

    with refused_by("annulment_append_only"):
        ScanAnnulment.objects.filter(pk=annulment.pk).update(reason="别的")
    with refused_by("annulment_append_only"):
        ScanAnnulment.objects.filter(pk=annulment.pk)._raw_delete("default")


# --- paper sheets ---


def test_one_photograph_is_used_once():
    sheet = PaperSheetFactory()

    with refused_by("sheet_picture_once"):
        PaperSheetFactory(digest=sheet.digest)


@pytest.mark.parametrize("digest", ["", "A" * 64, "0" * 63])
def test_a_photograph_has_a_fingerprint(digest):
    with refused_by("sheet_digest_form"):
        PaperSheetFactory(digest=digest)


def test_a_sheet_never_changes():
    sheet = PaperSheetFactory()

    with refused_by("sheet_append_only"):
        PaperSheet.objects.filter(pk=sheet.pk).update(note="别的")
    with refused_by("sheet_append_only"):
        PaperSheet.objects.filter(pk=sheet.pk)._raw_delete("default")


# --- policies ---


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("check_in_policy_scope_known", {"scope": "planet", "scope_id": "3"}),
        ("check_in_policy_scope_named", {"scope": "region", "scope_id": ""}),
        ("check_in_policy_scope_named", {"scope": "platform", "scope_id": "3"}),
        ("check_in_policy_announced", {"set_at": SHIFT_STARTS, "effective_from": SHIFT_STARTS + MINUTE / 2}),
        ("check_in_policy_explained", {"reason": ""}),
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(name, given):
    with refused_by(name):
        CheckInPolicyFactory(**given)


def test_one_scope_has_one_policy_from_a_time_on():
    CheckInPolicyFactory()

    with refused_by("check_in_policy_once"):
        CheckInPolicyFactory()


def test_a_policy_never_changes():
    policy = CheckInPolicyFactory()

    with refused_by("check_in_policy_append_only"):
        CheckInPolicy.objects.filter(pk=policy.pk).update(figures={"late_minutes": 5})
    with refused_by("check_in_policy_append_only"):
        CheckInPolicy.objects.filter(pk=policy.pk)._raw_delete("default")


def test_every_guard_of_the_tables_around_them_has_its_case():
    assert guards_of(ScanAnnulment, PaperSheet, CheckInPolicy) == {
        "annulment_explained",
        "annulment_append_only",
        "sheet_picture_once",
        "sheet_digest_form",
        "sheet_append_only",
        "check_in_policy_once",
        "check_in_policy_scope_known",
        "check_in_policy_scope_named",
        "check_in_policy_announced",
        "check_in_policy_explained",
        "check_in_policy_append_only",
    }
