"""Trying rules and recomputing under them, from pages."""

import csv
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from backend.accounts.scopes import Role
from points.revision.models import RevisionRun
from points.revision.services import advance
from tests.factories.accounts import make_staff
from tests.factories.ledger import default_rules, serve
from tests.factories.points import RevisionRunFactory
from tests.factories.volunteers import VolunteerFactory
from tests.pages.scenes import browser
from tests.points.revision.runs import SEPTEMBER, SIX, TWELVE, award, newer_rules

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()
PERIOD = {"region": "520100000000", "first_day": "2026-01-01", "last_day": "2026-12-31", "compare_with": ""}


@pytest.fixture
def rules(now):
    default_rules()
    up, down = (VolunteerFactory(number=number) for number in ("118273640551", "118273640662"))
    long, short = serve(150, volunteer=up), serve(45, volunteer=down)
    award(long, short, at=now)
    return newer_rules(base=TWELVE | {"step_minutes": 60})


@pytest.fixture
def staff():
    return browser(make_staff(Role.COMMUNITY_STAFF, "5201"))


@pytest.fixture
def supervisor():
    return browser(make_staff(Role.SUPERVISOR, "5201"))


def page(client, name, *args):
    return client.get(reverse(f"pages:{name}", args=args)).content.decode()


def tried(staff, rules):
    staff.post(reverse("pages:rule-dry-run", args=[rules.pk]), PERIOD)
    while advance(at=timezone.now()):
        pass
    return RevisionRun.objects.latest("pk")


def test_rules_are_tried_and_the_result_is_a_chart_and_a_table(staff, rules):
    answer = staff.post(reverse("pages:rule-dry-run", args=[rules.pk]), PERIOD)
    run = RevisionRun.objects.get()
    assert answer.headers["Location"] == reverse("pages:revision", args=[run.pk])

    waiting = page(staff, "revision", run.pk)
    assert 'hx-trigger="every 2s"' in waiting
    assert 'data-testid="cancel"' in waiting

    while advance(at=timezone.now()):
        pass
    found = page(staff, "revision", run.pk)

    assert "hx-trigger" not in found
    assert 'data-testid="before">30<' in found
    assert 'data-testid="after">24<' in found
    assert 'data-testid="difference">−6<' in found
    assert 'class="bars__after" x="0" y="5" width="80"' in found
    assert "1182****0551" in found
    assert "118273640551" not in found


def test_the_form_offers_my_regions_and_the_other_rules(staff, rules):
    html = page(staff, "rule-dry-run", rules.pk)

    assert '<option value="520100000000">' in html
    assert "已经发出的积分" in html
    assert "规则 5201.1" in html
    assert f'value="{TODAY - timedelta(days=90):%Y-%m-%d}"' in html


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"last_day": "2025-01-01"}, "last_day"),
        ({"first_day": "x"}, "first_day"),
        ({"region": "510100000000"}, "region"),
        ({"compare_with": "9" * 40}, "compare_with"),
        ({"first_day": "0001-01-01", "last_day": "9999-12-31"}, "last_day"),
    ],
)
def test_what_makes_no_sense_is_said_at_its_field(staff, rules, changes, field):
    answer = staff.post(reverse("pages:rule-dry-run", args=[rules.pk]), PERIOD | changes)

    assert answer.status_code == 400
    assert f'data-testid="error-{field}"' in answer.content.decode()
    assert RevisionRun.objects.count() == 0


def test_the_result_comes_as_csv(staff, rules):
    run = tried(staff, rules)

    answer = staff.get(reverse("pages:revision-csv", args=[run.pk]))

    text = answer.content.decode("utf-8-sig")
    rows = list(csv.reader(text.splitlines()))
    assert answer.headers["Content-Disposition"] == f'attachment; filename="dry-run-{run.pk}.csv"'
    assert rows[1] == ["合计", "", "30", "24", "-6", "2", "2"]
    assert ["人数", "减少", "", "", "2", "", ""] in rows
    assert ["变化最大", "1182****0662", "5", "0", "-5", "", ""] in rows


def test_a_recomputation_waits_for_a_dry_run_and_is_watched(staff, rules):
    assert 'data-testid="needs-dry-run"' in page(staff, "rule-recompute", rules.pk)
    refused = staff.post(reverse("pages:rule-recompute", args=[rules.pk]))
    assert (refused.status_code, RevisionRun.objects.count()) == (409, 0)

    run = tried(staff, rules)
    assert 'data-testid="to-recompute"' in page(staff, "revision", run.pk)
    assert 'data-testid="recompute"' in page(staff, "rule-recompute", rules.pk)
    staff.post(reverse("pages:rule-recompute", args=[rules.pk]))
    while advance(at=timezone.now()):
        pass

    run = RevisionRun.objects.latest("pk")
    assert (run.kind, run.state, run.records_changed) == ("recompute", "done", 2)
    assert "2 条的积分有变化" in page(staff, "revision", run.pk)


def test_a_run_is_stopped_and_goes_on(staff, rules):
    run = RevisionRunFactory(to_rule_set=rules)

    staff.post(reverse("pages:revision-cancel", args=[run.pk]))
    stopped = page(staff, "revision", run.pk)
    assert 'data-testid="resume"' in stopped
    assert "hx-trigger" not in stopped

    staff.post(reverse("pages:revision-resume", args=[run.pk]))
    run.refresh_from_db()
    assert run.state == "queued"


def test_one_that_failed_says_so_and_what_to_do(staff, rules):
    run = RevisionRunFactory(to_rule_set=rules, state="failed", failure="ValueError")

    html = page(staff, "revision", run.pk)

    assert "计算停在中途（ValueError）" in html
    assert 'data-testid="resume"' in html


def test_a_supervisor_reads_and_starts_nothing(staff, supervisor, rules):
    run = tried(staff, rules)

    assert 'data-testid="only-reading"' in page(supervisor, "rule-dry-run", rules.pk)
    assert 'data-testid="only-reading"' in page(supervisor, "rule-recompute", rules.pk)
    assert 'data-testid="categories"' in page(supervisor, "revision", run.pk)
    for name, key in (("rule-dry-run", rules.pk), ("rule-recompute", rules.pk), ("revision-cancel", run.pk)):
        assert supervisor.post(reverse(f"pages:{name}", args=[key]), PERIOD).status_code == 403


def test_rules_that_are_a_draft_are_only_tried(staff, rules):
    draft = newer_rules(3, status="draft", base=SIX, effective_from=SEPTEMBER + timedelta(days=30))

    assert 'data-testid="not-active"' in page(staff, "rule-recompute", draft.pk)
    assert 'data-testid="to-recompute"' not in page(staff, "rule-dry-run", draft.pk)


def test_people_elsewhere_see_nothing(rules):
    elsewhere = browser(make_staff(Role.COMMUNITY_STAFF, "5101"))
    run = RevisionRunFactory(to_rule_set=rules)

    for name, key in (
        ("rule-dry-run", rules.pk),
        ("rule-recompute", rules.pk),
        ("revision", run.pk),
        ("revision-csv", run.pk),
    ):
        assert elsewhere.get(reverse(f"pages:{name}", args=[key])).status_code == 404


def test_when_nothing_changes_it_says_so(staff, now):
    default_rules()
    award(serve(), at=now)
    run = tried(staff, newer_rules())

    assert 'data-testid="nothing"' in page(staff, "revision", run.pk)
