"""The form of a rule document: nothing is lost between the two, and faults land where they belong."""

import copy
from datetime import date

import pytest
from django.http import QueryDict

from backend.pages.rule_fields import RuleForm, form_fields, with_rows
from points.scoring.documents import faults_of
from points.scoring.presets import DEFAULT_DOCUMENT, PRESETS

DAY = date(2026, 10, 1)
EVERYTHING = {
    "base": {"points": 5, "per_minutes": 90, "step_minutes": 15},
    "rates": [
        {
            "when": {"categories": ["legal", "health"], "recipients": ["elders"]},
            "label": {"zh": "义诊", "en": "clinic"},
            "points": 8,
            "per_minutes": 30,
        },
        {
            "when": {"activity_types": ["emergency"]},
            "label": {"zh": "应急", "en": "emergency"},
            "points": 30,
            "per_event": True,
        },
    ],
    "multiplier_mode": "product",
    "multipliers": [
        {
            "basis_points": 12_345,
            "label": {"zh": "夜间", "en": "night"},
            "when": {"days": ["weekend", "holiday"], "difficulty": [2, 3], "night": True},
        },
        {
            "basis_points": 20_000,
            "label": {"zh": "骨干", "en": "core"},
            "when": {"skilled": True, "organizer": True},
        },
    ],
    "night": {"from": "22:00", "until": "06:00"},
    "bonuses": {"first_service": 5, "months_in_a_row": [{"months": 3, "points": 10}]},
    "other_awards": {
        "lecture": {"points": 2, "monthly_limit": 6},
        "donated_goods": {"points": 1, "monthly_limit": 20},
    },
    "caps": {
        "record": {"minutes": 240, "points": 60},
        "day": {"minutes": 480, "points": 100},
        "month": {"points": 500},
        "year": {"points": 3000},
        "lifetime": {"points": 15_000},
    },
    "minimum_attendance_percent": 60,
    "exclusions": {"manual": False, "complaint_upheld": True},
    "expiry": {"policy": "months", "months": 18},
    "clawback": {"may_owe": False},
    "transfer": {"charity_pool": True, "relative": {"monthly_points": 50}},
}
DOCUMENTS = {**{key: preset.document for key, preset in PRESETS.items()}, "everything": EVERYTHING}


def sent(document, **changes):
    data = QueryDict(mutable=True)
    fields = form_fields(document) | {"effective_from": "2026-10-01"} | changes
    for name, value in fields.items():
        data.setlist(name, value if isinstance(value, list) else [value])
    return data


def form_of(document, kept=None, **changes):
    return RuleForm(sent(document, **changes), document=kept or document, begins=DAY)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_comes_back_from_its_form_as_it_was(name):
    form = form_of(DOCUMENTS[name])

    assert (form.read(), form.sound) == (DOCUMENTS[name], True)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_filled_in_over_another_says_the_same(name):
    read = form_of(DOCUMENTS[name], kept=PRESETS["nanjing"].document).read()

    assert faults_of(read) == []
    assert form_of(read, kept=DOCUMENTS[name]).read() == DOCUMENTS[name]


def test_only_what_was_changed_is_changed():
    read = form_of(DEFAULT_DOCUMENT, base_points="12", excludes_manual="").read()

    assert read == {
        **DEFAULT_DOCUMENT,
        "base": {**DEFAULT_DOCUMENT["base"], "points": 12},
        "exclusions": {"manual": False, "complaint_upheld": True},
    }


def test_a_row_left_blank_is_no_row_and_a_name_in_chinese_serves_in_english():
    factor = {"multipliers-1-zh": "周末", "multipliers-1-factor": "1.5", "multipliers-1-days": ["weekend"]}
    data = {"multipliers-count": "3", **factor}

    read = form_of(PRESETS["huangshi"].document, **data).read()

    assert read["multipliers"] == [
        {"basis_points": 15_000, "label": {"zh": "周末", "en": "周末"}, "when": {"days": ["weekend"]}}
    ]


def errors_of(form):
    return {
        f"{each.prefix or 'terms'}.{name}": list(errors)
        for each in form.forms
        for name, errors in each.errors.items()
    }


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"base_points": ""}, "terms.base_points"),
        ({"base_points": "1001"}, "terms.base_points"),
        ({"base_step_minutes": "0"}, "terms.base_step_minutes"),
        ({"base_per_minutes": ""}, "terms.base_per_minutes"),
        ({"night_until": ""}, "terms.night_until"),
        ({"night_until": "22:00"}, "terms.night_until"),
        ({"night_from": "25:00"}, "terms.night_from"),
        ({"night_from": "", "night_until": ""}, "multipliers-0.night"),
        ({"bonus_first_service": "0"}, "terms.bonus_first_service"),
        ({"other_lecture_points": "9"}, "terms.other_lecture_limit"),
        ({"other_training_points": "9"}, "terms.other_training_limit"),
        ({"caps_day_points": "10"}, "terms.caps_day_points"),
        ({"caps_record_minutes": "5"}, "terms.caps_record_minutes"),
        ({"minimum_attendance_percent": "101"}, "terms.minimum_attendance_percent"),
        ({"expiry_months": ""}, "terms.expiry_months"),
        ({"expiry_policy": "never"}, "terms.expiry_months"),
        ({"relative_monthly": "0"}, "terms.relative_monthly"),
        ({"rates-0-points": ""}, "rates-0.points"),
        ({"rates-0-zh": ""}, "rates-0.zh"),
        ({"rates-1-activity_types": []}, "rates-1.__all__"),
        ({"multipliers-0-factor": ""}, "multipliers-0.factor"),
        ({"multipliers-1-factor": "99"}, "multipliers-1.factor"),
        ({"months-0-months": "1"}, "months-0.months"),
        ({"months-0-points": ""}, "months-0.points"),
        # what cannot be read at all
        ({"base_points": "x"}, "terms.base_points"),
        ({"multipliers-0-factor": "1.23456"}, "multipliers-0.factor"),
        ({"effective_from": "soon"}, "terms.effective_from"),
        ({"expiry_policy": "tomorrow"}, "terms.expiry_policy"),
    ],
)
def test_a_fault_lands_at_its_field_and_nowhere_else(change, field):
    form = form_of(EVERYTHING, **change)

    form.add_faults(faults_of(form.read()))

    assert [(name, len(errors)) for name, errors in errors_of(form).items()] == [(field, 1)]


def test_a_fault_of_a_row_after_a_blank_one_lands_at_that_row():
    data = {"months-count": "2", "months-1-months": "1", "months-1-points": "5"}
    form = form_of(DEFAULT_DOCUMENT, **data)

    form.add_faults(faults_of(form.read()))

    assert list(errors_of(form)) == ["months-1.months"]


def test_a_row_is_added_and_another_taken_away():
    more = with_rows(sent(EVERYTHING), "add-rates")
    less = with_rows(more, "drop-rates-0")

    form = RuleForm(less, document=EVERYTHING, begins=DAY)
    assert form.read() == {**EVERYTHING, "rates": EVERYTHING["rates"][1:]}
    assert [len(rows) for rows in form.rows.values()] == [2, 2, 1]


def test_the_last_row_is_taken_away():
    less = with_rows(sent(DEFAULT_DOCUMENT), "drop-multipliers-1")

    read = RuleForm(less, document=DEFAULT_DOCUMENT, begins=DAY).read()
    assert read["multipliers"] == DEFAULT_DOCUMENT["multipliers"][:1]


@pytest.mark.parametrize(
    "wish", ["", "add", "add-", "add-magic", "drop-rates", "drop-rates-9", "drop-rates-x", "drop-rates--1"]
)
def test_a_wish_that_means_nothing_changes_nothing(wish):
    assert with_rows(sent(EVERYTHING), wish) == sent(EVERYTHING)


@pytest.mark.parametrize("count", ["", "-1", "x", "9" * 30])
def test_the_number_of_rows_has_bounds(count):
    form = form_of(PRESETS["huangshi"].document, **{"rates-count": count})

    assert len(form.rows["rates"]) in {0, 40}


def test_what_is_being_filled_in_is_shown_without_complaints():
    form = form_of(EVERYTHING, base_points="x")
    form.hush()

    assert errors_of(form) == {}
    assert form.terms["base_points"].value() == "x"


def test_the_form_does_not_touch_the_draft():
    kept = copy.deepcopy(EVERYTHING)
    form_of(kept, base_points="1").read()

    assert kept == EVERYTHING


def test_what_is_wrong_is_listed_with_where_it_stands():
    form = form_of(EVERYTHING, **{"base_points": "x", "rates-1-activity_types": []})
    form.add_faults(faults_of(form.read()))

    assert [(name, str(label)) for name, label in form.wrong] == [
        ("base_points", "给多少积分"),
        ("rates-1", "条件"),
    ]
