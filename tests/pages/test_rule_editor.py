"""The form of a draft: what it sends, what is wrong with it, and what it would change."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from points.scoring import services
from points.scoring.models import Award, RuleSet
from points.scoring.presets import DEFAULT_DOCUMENT, PRESETS
from tests.factories.ledger import serve, take_back
from tests.factories.regions import make_path
from tests.factories.volunteers import VolunteerFactory
from tests.pages.rule_desk import html, move, page_of, sent

pytestmark = pytest.mark.django_db


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
    stale = sent(draft, base_points="15", effective_from="2030-01-01")
    checker.post(page_of(draft), sent(draft, base_points="12"))

    answer = staff.post(page_of(draft), stale)

    page = html(answer)
    assert (answer.status_code, 'data-testid="stale"' in page) == (409, True)
    assert "<del>每小时 12 分</del>" in page
    assert "<ins>每小时 15 分</ins>" in page
    assert "<ins>2030-01-01</ins>" in page
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
    serve(150, region=make_path("510104001001"))

    assert 'data-testid="no-records"' in tried(staff, draft)


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
