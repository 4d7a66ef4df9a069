"""The rules of points: written, tried, compared, reviewed and put into force from pages."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from backend.accounts.scopes import Role, actor_for
from backend.pages.rule_fields import form_fields
from points.scoring import services
from points.scoring.models import Award, RuleSet
from points.scoring.presets import DEFAULT_DOCUMENT, PRESETS
from tests.factories.accounts import make_staff
from tests.factories.ledger import default_rules, rules_in_force, serve, take_back
from tests.factories.regions import COMMUNITY, GUIYANG, make_path
from tests.factories.volunteers import VolunteerFactory
from tests.pages.scenes import browser

pytestmark = pytest.mark.django_db

RULES = "pages:rules"


@pytest.fixture
def running():
    make_path()
    return default_rules()


@pytest.fixture
def maker(running):
    user = make_staff(Role.COMMUNITY_STAFF, "5201")
    user.display_name = "王小芳"
    user.save()
    return user


@pytest.fixture
def staff(maker):
    return browser(maker)


@pytest.fixture
def checker(running):
    return browser(make_staff(Role.COMMUNITY_STAFF, "52"))


@pytest.fixture
def draft(maker):
    return services.draft_rule_set(
        region_code=GUIYANG,
        document=DEFAULT_DOCUMENT,
        effective_from=timezone.localdate(),
        actor=actor_for(maker),
        at=timezone.now(),
    )


def page_of(rule_set):
    return reverse("pages:rule", args=[rule_set.pk])


def html(answer):
    """A page's text, without the spaces between tags."""
    return re.sub(r"\s+", " ", answer.content.decode())


def sent(rule_set, **changes):
    fields = form_fields(rule_set.document)
    day = rule_set.effective_from.isoformat()
    fields |= {"edition": rule_set.edition, "effective_from": day, "minutes": "150"}
    return {name: value for name, value in (fields | changes).items() if value is not None}


def move(client, rule_set, name, **body):
    return client.post(reverse(f"pages:rule-{name}", args=[rule_set.pk]), body)


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


# --- the form ---


@pytest.mark.parametrize("preset", PRESETS)
def test_what_the_page_shows_is_what_it_sends_back(staff, draft, preset):
    """Read from the page itself, not from the form behind it."""
    RuleSet.objects.filter(pk=draft.pk).update(document=PRESETS[preset].document)
    body = fields_on(staff.get(page_of(draft)).content.decode())

    answer = staff.post(page_of(draft), body)

    assert re.findall(r'data-testid="error-([^"]+)".{80}', html(answer)) == []
    assert answer.status_code == 302
    assert RuleSet.objects.get(pk=draft.pk).document == PRESETS[preset].document
    assert RuleSet.objects.get(pk=draft.pk).created_by_id == draft.created_by_id


def fields_on(page):
    """What a browser would send of the form on a page."""
    form = page.split('data-testid="rule-form"')[1].split("</form>")[0]
    found: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        names = dict(re.findall(r'([a-z-]+)="([^"]*)"', tag))
        if names.get("type") == "checkbox" and " checked" not in tag:
            continue
        found.setdefault(names["name"], []).append(names.get("value", "on" if "checkbox" in tag else ""))
    for name, options in re.findall(r'<select name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.findall(r'<option value="([^"]*)" selected', options)
        found[name] = chosen or re.findall(r'<option value="([^"]*)"', options)[:1]
    return found


def test_a_change_is_saved(staff, draft):
    answer = staff.post(page_of(draft), sent(draft, base_points="12", do="save"))

    assert answer.status_code == 302
    assert RuleSet.objects.get(pk=draft.pk).document["base"]["points"] == 12
    assert "草稿已保存" in html(staff.get(page_of(draft)))


def test_faults_stand_at_their_fields_and_nothing_is_saved(staff, draft):
    answer = staff.post(page_of(draft), sent(draft, base_points="5000", minimum_attendance_percent="101"))

    page = html(answer)
    assert answer.status_code == 400
    assert re.findall(r'data-testid="error-([^"]+)"', page) == ["base_points", "minimum_attendance_percent"]
    assert 'value="5000"' in page
    assert RuleSet.objects.get(pk=draft.pk).document == DEFAULT_DOCUMENT


def test_what_is_no_number_is_said_at_its_field_too(staff, draft):
    answer = staff.post(page_of(draft), sent(draft, base_points="ten", effective_from="soon"))

    assert answer.status_code == 400
    assert re.findall(r'data-testid="error-([^"]+)"', html(answer)) == ["effective_from", "base_points"]


def test_rows_are_added_and_taken_away_without_script(staff, draft):
    more = staff.post(page_of(draft), sent(draft, do="add-rates", base_points="ten"))
    less = staff.post(page_of(draft), sent(draft, do="drop-multipliers-0"))

    assert 'data-testid="row-rates-0"' in html(more)
    assert 'value="ten"' in html(more)
    assert "field__error" not in html(more)
    assert re.findall(r'data-testid="row-(\w+-\d)"', html(less)) == ["multipliers-0"]
    assert "难度三级" in html(less)
    assert RuleSet.objects.get(pk=draft.pk).document == DEFAULT_DOCUMENT


def test_a_stale_form_keeps_what_was_typed_and_shows_what_changed(staff, checker, draft):
    stale = sent(draft, base_points="15")
    checker.post(page_of(draft), sent(draft, base_points="12"))

    answer = staff.post(page_of(draft), stale)

    page = html(answer)
    assert (answer.status_code, 'data-testid="stale"' in page) == (409, True)
    assert "<del>每小时 12 分</del>" in page
    assert "<ins>每小时 15 分</ins>" in page
    now = RuleSet.objects.get(pk=draft.pk)
    assert now.document["base"]["points"] == 12
    # Having seen it, one may say so again.
    assert f'name="edition" value="{now.edition}"' in page
    assert staff.post(page_of(draft), {**stale, "edition": now.edition}).status_code == 302


def test_what_is_no_draft_any_more_is_not_saved(staff, checker, draft):
    move(checker, draft, "review", edition=draft.edition)

    answer = staff.post(page_of(draft), sent(draft, base_points="15"))

    assert (answer.status_code, 'data-code="rule_set_not_draft"' in html(answer)) == (409, True)


# --- what it would change ---


def tried(client, rule_set, **changes):
    return html(client.post(reverse("pages:rule-preview", args=[rule_set.pk]), sent(rule_set, **changes)))


def test_the_preview_compares_in_words_and_on_real_records(staff, draft):
    record = serve(150, volunteer=VolunteerFactory(name="张晓明"))
    services.award_records(record_ids=[record.pk], at=timezone.now())
    serve(60)
    take_back(serve(90))

    page = tried(staff, draft, base_points="12")

    assert "<del>每小时 10 分</del>" in page
    assert "<ins>每小时 12 分</ins>" in page
    assert "合计 35 → 42 分" in page
    assert "2 条：2 条多得，0 条少得，0 条不变" in page
    assert "25 → 30（+5）" in page
    assert "图书整理 2 小时 30 分，每小时 12 分，计 30 积分。" in page
    assert ("张*明" in page, "张晓明" in page) == (True, False)
    assert page.count("这条还没有计分。") == 1


def test_the_caps_of_a_day_are_shared_among_its_records(staff, draft):
    volunteer = VolunteerFactory()
    for hour in (8, 14):
        serve(240, volunteer=volunteer, hour=hour)

    page = tried(staff, draft, caps_day_minutes="300")

    assert "合计 80 → 50 分" in page
    assert "40 → 10（−30）" in page


def test_what_was_earned_on_other_days_counts_towards_the_month(staff, draft):
    volunteer = VolunteerFactory()
    first = serve(120, volunteer=volunteer)
    services.award_records(record_ids=[first.pk], at=timezone.now())
    serve(120, volunteer=volunteer, day=first.service_date + timedelta(days=1))

    page = tried(staff, draft, caps_month_points="30")

    assert "合计 40 → 30 分" in page


def test_records_of_other_regions_do_not_show(staff, draft):
    serve(150, attendance__shift__activity__programme__region=make_path("510104001001"))

    assert 'data-testid="no-records"' in tried(staff, draft) or "510104" not in tried(staff, draft)


def test_a_made_up_service_is_tried_under_both(staff, draft):
    page = tried(staff, draft, base_points="20", minutes="90", difficulty="3")

    assert "22 → 45 分" in page
    assert 'data-testid="made-up-faults"' in tried(staff, draft, minutes="9999")


def test_a_preview_writes_nothing(staff, draft):
    serve(150)
    before = (RuleSet.objects.get(pk=draft.pk).edition, Award.objects.count())

    with CaptureQueriesContext(connection) as statements:
        tried(staff, draft, base_points="12")

    written = [
        one["sql"] for one in statements if re.match(r"\s*(INSERT|UPDATE|DELETE)", one["sql"], re.IGNORECASE)
    ]
    assert written == []
    assert (RuleSet.objects.get(pk=draft.pk).edition, Award.objects.count()) == before


def test_a_preview_of_what_cannot_be_says_how_much_is_wrong(staff, draft):
    assert "有 2 处要改" in tried(staff, draft, base_points="", base_step_minutes="0")
    assert "有 1 处要改" in tried(staff, draft, base_points="ten")


def test_the_preview_works_without_script_too(staff, draft):
    serve(150)

    page = html(staff.post(page_of(draft), sent(draft, base_points="12", do="preview")))

    assert "25 → 30（+5）" in page
    assert 'value="12"' in page


def test_a_preview_costs_as_much_for_many_records_as_for_one(staff, draft):
    def cost():
        with CaptureQueriesContext(connection) as statements:
            tried(staff, draft, caps_month_points="500")
        return len(statements)

    serve(150)
    one = cost()
    for hour in range(8, 12):
        serve(60, hour=hour)

    assert cost() == one


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
