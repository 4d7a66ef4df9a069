"""The rules of points: which hold, where a version begins, and how it comes into force and out of it."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from backend.accounts.scopes import Role
from points.scoring.models import RuleSet
from points.scoring.presets import PRESETS
from tests.factories.accounts import make_staff
from tests.factories.ledger import rules_in_force
from tests.factories.regions import COMMUNITY, GUIYANG, make_path
from tests.pages.rule_desk import html, move, page_of, sent
from tests.pages.scenes import browser

pytestmark = pytest.mark.django_db

RULES = "pages:rules"


# --- the list ---


def test_staff_see_what_holds_today_and_since_when(staff, running):
    page = html(staff.get(reverse(RULES)))

    assert f'href="{page_of(running)}"' in page
    assert "2021-02-01 起" in page
    assert "每小时 10 分" in page


def test_a_community_without_rules_sees_those_it_inherits(running):
    page = html(browser(make_staff(Role.COMMUNITY_STAFF, COMMUNITY)).get(reverse(RULES)))

    assert "这里没有自己的规则，沿用上级的。" in page
    assert 'data-testid="no-versions"' in page


def test_what_comes_next_and_where_below_other_rules_hold_is_said(staff, draft, checker, maker):
    rules_in_force(region_code=COMMUNITY)
    tomorrow = timezone.localdate() + timedelta(days=1)
    staff.post(page_of(draft), sent(draft, effective_from=tomorrow.isoformat()))
    draft.refresh_from_db()
    move(checker, draft, "review", edition=draft.edition)
    move(staff, draft, "activate")

    page = html(staff.get(reverse(RULES)))

    assert f"{tomorrow} 起改用" in page
    assert "待生效" in page
    assert f'href="?region={COMMUNITY}"' in page


def test_where_nothing_holds_the_page_says_what_that_means():
    make_path()

    page = html(browser(make_staff(Role.COMMUNITY_STAFF, "5201")).get(reverse(RULES)))

    assert 'data-testid="no-rules"' in page


def test_who_wrote_and_who_reviewed_is_shown_masked(staff, draft):
    page = html(staff.get(reverse(RULES))) + html(staff.get(page_of(draft)))

    assert "王*芳 拟定" in page
    assert "王小芳" not in page


def test_an_administrator_sees_every_region_with_rules(running):
    rules_in_force(region_code=COMMUNITY)

    page = html(browser(make_staff(Role.PLATFORM_ADMIN)).get(reverse(RULES)))

    assert re.findall(r'<option value="(\d{12})"', page) == [GUIYANG, COMMUNITY]


@pytest.mark.parametrize("region", ["510104000000", "52", "x", "９" * 12])
def test_another_region_is_not_found(staff, region):
    assert staff.get(reverse(RULES), {"region": region}).status_code == 404


@pytest.mark.parametrize("preset", PRESETS)
def test_a_version_begins_from_a_preset(staff, preset):
    day = timezone.localdate().isoformat()

    answer = staff.post(
        reverse(RULES), {"region": GUIYANG, "source": f"preset:{preset}", "effective_from": day}
    )

    made = RuleSet.objects.get(status="draft")
    assert (answer.status_code, answer["Location"]) == (302, page_of(made))
    assert (made.document, made.version) == (PRESETS[preset].document, 2)


def test_a_version_begins_from_the_one_that_holds(staff, running):
    page = html(staff.get(reverse(RULES)))
    assert f'<option value="rules:{running.pk}" selected>' in page

    body = {"region": GUIYANG, "source": f"rules:{running.pk}", "effective_from": "2030-01-01"}
    staff.post(reverse(RULES), body)

    assert RuleSet.objects.get(status="draft").document == running.document


def test_the_examples_say_that_they_are_examples(staff):
    page = html(staff.get(reverse(RULES)))

    for preset in PRESETS.values():
        assert str(preset.source) in page


@pytest.mark.parametrize(
    "change", [{"source": "preset:magic"}, {"source": "rules:999999"}, {"effective_from": "soon"}]
)
def test_a_version_does_not_begin_from_nothing(staff, change):
    body = {"region": GUIYANG, "source": "preset:default", "effective_from": "2030-01-01"}

    assert staff.post(reverse(RULES), body | change).status_code == 400
    assert not RuleSet.objects.filter(status="draft").exists()


# --- from draft to retirement ---


def test_a_draft_is_reviewed_by_another_and_put_into_force(staff, checker, draft):
    assert 'data-testid="ask-another"' in html(staff.get(page_of(draft)))
    assert 'data-testid="review"' in html(checker.get(page_of(draft)))

    reviewed = move(checker, draft, "review", edition=draft.edition)
    active = move(staff, draft, "activate")

    draft.refresh_from_db()
    assert (reviewed.status_code, active.status_code, draft.status) == (302, 302, "active")
    page = html(staff.get(page_of(draft)))
    assert re.findall(r'data-testid="act"><span class="strong">([^<]+)<', page) == [
        "写成草稿",
        "复核通过",
        "启用",
    ]


def test_the_maker_does_not_review(staff, draft):
    answer = move(staff, draft, "review", edition=draft.edition)

    assert (answer.status_code, RuleSet.objects.get(pk=draft.pk).status) == (403, "draft")


def test_a_reviewer_who_saw_something_else_is_told(staff, checker, draft):
    staff.post(page_of(draft), sent(draft, base_points="12"))

    answer = move(checker, draft, "review", edition=draft.edition)

    assert (answer.status_code, 'data-code="rule_set_stale"' in html(answer)) == (409, True)


def test_a_version_goes_back_with_a_reason_its_maker_reads(staff, checker, draft):
    move(checker, draft, "review", edition=draft.edition)

    assert move(checker, draft, "return", reason="  ").status_code == 400
    assert move(checker, draft, "return", reason="每日上限请再议").status_code == 302

    assert "每日上限请再议" in html(staff.get(page_of(draft)))


def test_a_version_is_retired_for_the_one_that_takes_over(staff, checker, draft, running):
    move(checker, draft, "review", edition=draft.edition)
    move(staff, draft, "activate")

    page = html(staff.get(page_of(draft)))
    answer = move(staff, draft, "retire", reason="换回原来的")

    assert f'<a href="{page_of(running)}">看看那一版</a>' in page
    draft.refresh_from_db()
    assert (answer.status_code, draft.status) == (302, "retired")


def test_the_last_rules_stay(staff, running):
    assert 'data-testid="needed"' in html(staff.get(page_of(running)))

    answer = move(staff, running, "retire", reason="不要了")

    assert (answer.status_code, 'data-code="rule_set_needed"' in html(answer)) == (409, True)


def test_a_date_gone_by_is_said_before_it_is_too_late(staff, checker, draft):
    yesterday = timezone.localdate() - timedelta(days=1)
    RuleSet.objects.filter(pk=draft.pk).update(effective_from=yesterday)
    draft.refresh_from_db()
    assert 'data-testid="past"' in html(staff.get(page_of(draft)))
    move(checker, draft, "review", edition=draft.edition)

    assert 'data-testid="too-late"' in html(staff.get(page_of(draft)))
    assert move(staff, draft, "activate").status_code == 409


def test_rules_in_force_are_read_in_words_and_compared(staff, checker, draft):
    staff.post(page_of(draft), sent(draft, base_points="12"))
    draft.refresh_from_db()
    move(checker, draft, "review", edition=draft.edition)

    page = html(staff.get(page_of(draft)))

    assert 'id="rule-form"' not in page
    assert "<ins>每小时 12 分</ins>" in page
    assert "&quot;per_minutes&quot;: 60" in page


# --- who ---


def test_a_supervisor_reads_and_writes_nothing(draft):
    supervisor = browser(make_staff(Role.SUPERVISOR, "5201"))

    page = html(supervisor.get(page_of(draft)))
    shown = html(supervisor.get(reverse(RULES)))

    assert "每小时 10 分" in page
    assert ('id="rule-form"' in page, 'data-testid="acts"' in page) == (False, False)
    assert 'data-testid="start-form"' not in shown
    assert 'data-testid="nav-rules"' in shown
    assert supervisor.post(page_of(draft), sent(draft)).status_code == 403
    assert move(supervisor, draft, "review", edition=draft.edition).status_code == 403


def test_staff_of_a_region_below_read_what_holds_and_change_nothing(draft, running):
    below = browser(make_staff(Role.COMMUNITY_STAFF, COMMUNITY))

    assert below.get(page_of(running)).status_code == 200
    assert below.get(page_of(draft)).status_code == 404
    assert below.post(page_of(draft), sent(draft)).status_code == 404
    assert move(below, running, "retire", reason="不要了").status_code == 404
    assert 'data-testid="acts"' not in html(below.get(page_of(running)))
