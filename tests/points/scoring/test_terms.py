"""A rule document in words, and the differences between two of them."""

import copy

import pytest

from points.scoring.presets import DEFAULT_DOCUMENT, PRESETS
from points.scoring.terms import Change, changes_between, terms_of


def said(document):
    return {term.name: term.value for term in terms_of(document)}


def test_the_default_in_words():
    assert said(DEFAULT_DOCUMENT) == {
        "一般标准": "每小时 10 分",
        "计分单位": "按整 30 分钟计，不足的舍去",
        "系数：难度二级": "难度二级 / difficulty 2 ×1.2",
        "系数：难度三级": "难度三级 / difficulty 3 ×1.5",
        "几个系数都符合时": "只取最高的一个",
        "每日最多计的时长": "8 小时",
        "到场要求": "不到班次的 60% 不计分",
        "手工补录的时长": "不计分",
        "投诉查实的服务": "不计分",
        "积分到期": "得到当年算第 1 年，第 2 年的 12 月 31 日到期",
        "收回已花掉的积分": "记为欠分，以后的积分先抵",
        "赠与慈善积分池": "可以",
        "赠与一位登记的亲属": "每月最多 100 分",
    }


def test_everything_a_document_can_say_is_said():
    document = {
        "base": {"points": 5, "per_minutes": 90, "step_minutes": 15},
        "rates": [
            {
                "when": {"categories": ["legal", "health"], "recipients": ["elders"]},
                "label": {"zh": "义诊", "en": "义诊"},
                "points": 8,
                "per_minutes": 30,
            }
        ],
        "multipliers": [
            {
                "basis_points": 15_000,
                "label": {"zh": "夜间", "en": "night"},
                "when": {"days": ["weekend"], "night": True, "skilled": True, "organizer": True},
            }
        ],
        "multiplier_mode": "product",
        "night": {"from": "22:00", "until": "06:00"},
        "bonuses": {"first_service": 5, "months_in_a_row": [{"months": 3, "points": 10}]},
        "other_awards": {"lecture": {"points": 2, "monthly_limit": 6}},
        "caps": {"record": {"minutes": 150}, "lifetime": {"points": 1500}},
        "exclusions": {"manual": False},
        "expiry": {"policy": "months", "months": 18},
        "clawback": {"may_owe": False},
    }

    assert said(document) == {
        "一般标准": "每 1 小时 30 分 5 分",
        "计分单位": "按整 15 分钟计，不足的舍去",
        "另定标准：法律服务 或 卫生健康，且老年人": "义诊，每 30 分钟 8 分",
        "系数：周末，且用到活动要求的专业技能，且本人是组织者，且夜间的分钟": "夜间 / night ×1.5",
        "几个系数都符合时": "相乘",
        "夜间": "22:00–06:00",
        "首次服务奖励": "5 分",
        "连续服务到第 3 个月": "10 分",
        "参加讲座": "每次 2 分，每月最多 6 分",
        "单次最多计的时长": "2 小时 30 分",
        "累计最多得的积分": "1500 分",
        "到场要求": "不要求",
        "手工补录的时长": "照常计分",
        "投诉查实的服务": "不计分",
        "积分到期": "得到后满 18 个月的月底到期",
        "收回已花掉的积分": "只收回还剩下的",
        "赠与慈善积分池": "不可以",
        "赠与一位登记的亲属": "不可以",
    }


@pytest.mark.parametrize("preset", PRESETS)
def test_a_document_does_not_differ_from_itself(preset):
    document = PRESETS[preset].document

    assert changes_between(document, copy.deepcopy(document)) == []


def test_what_is_left_out_and_what_is_stated_by_default_are_the_same():
    bare = {"base": DEFAULT_DOCUMENT["base"], "expiry": DEFAULT_DOCUMENT["expiry"]}
    stated = {
        **bare,
        "exclusions": {"manual": True, "complaint_upheld": True},
        "clawback": {"may_owe": True},
        "transfer": {"charity_pool": False},
        "minimum_attendance_percent": 0,
        "rates": [],
        "multiplier_mode": "highest",
    }

    assert changes_between(bare, stated) == []


def test_a_changed_figure_is_told_as_before_and_after():
    after = {**DEFAULT_DOCUMENT, "base": {**DEFAULT_DOCUMENT["base"], "points": 12}}

    assert changes_between(DEFAULT_DOCUMENT, after) == [Change("一般标准", "每小时 10 分", "每小时 12 分")]


def test_what_is_new_and_what_is_gone_stand_where_they_belong():
    after = copy.deepcopy(DEFAULT_DOCUMENT)
    del after["multipliers"][0]
    after["caps"] = {"day": {"minutes": 480, "points": 90}}

    assert changes_between(DEFAULT_DOCUMENT, after) == [
        Change("系数：难度二级", "难度二级 / difficulty 2 ×1.2", ""),
        Change("每日最多得的积分", "", "90 分"),
    ]


def test_the_order_of_rates_is_a_difference_and_that_of_factors_is_none():
    turned = copy.deepcopy(PRESETS["xiangtan"].document)
    turned["rates"].reverse()
    factors = {**DEFAULT_DOCUMENT, "multipliers": DEFAULT_DOCUMENT["multipliers"][::-1]}

    assert changes_between(PRESETS["xiangtan"].document, turned) == [
        Change(
            "另定标准的先后（先符合的算）",
            "照料残障人士 → 陪同就医 → 纠纷调解 → 咨询服务",
            "咨询服务 → 纠纷调解 → 陪同就医 → 照料残障人士",
        )
    ]
    assert changes_between(DEFAULT_DOCUMENT, factors) == []
