"""The table of who may do what (table.py), read row by row, and what each request sends."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.timezone import localtime

from backend.pages.rule_fields import form_fields
from tests.contract import table, table_market, world_stockroom
from tests.contract.matrix_giving import giving_bodies
from tests.contract.sent import photograph, registration
from tests.contract.table_need import NEED
from tests.contract.world import ROLES, World
from tests.contract.world_need import bodies_of_need
from tests.factories.accounts import PASSWORD
from tests.factories.attendance import code_of, pass_of
from tests.factories.regions import COMMUNITY
from volunteers.attendance.models import Attendance
from volunteers.people.passes import card_token


@dataclass(frozen=True)
class Row:
    """One request and what each role is answered."""

    method: str
    address: str
    answers: tuple[str, ...]

    @property
    def name(self) -> str:
        """How the row is called in the table, in `BODIES` and in a report."""
        return f"{self.method} {self.address}"


def rows() -> Iterator[Row]:
    """Read the table."""
    header, *lines = [
        line
        for line in (table.TABLE + table_market.TABLE + world_stockroom.TABLE + NEED).splitlines()
        if line.strip() and not line.startswith("#")
    ]
    assert tuple(header.split()) == ROLES
    for line in lines:
        method, address, *answers = line.split()
        assert len(answers) == len(ROLES), line
        yield Row(method, address, tuple(answers))


def body_of(row: Row, world: World, at: datetime) -> dict[str, Any]:
    """Return what the request of a row sends."""
    if row.name in _DEAR:
        return _DEAR[row.name](world, at)
    attendance, record, product = world.attendance.pk, world.record.pk, world.product.pk
    scan = {"token": code_of(world.site, at), "intent": "in", "nonce": "n1"}
    scan_for = scan | {"token": pass_of(world.volunteer, at), "site": world.site.pk}
    policy = {
        "figures": {"early_minutes": 60},
        "effective_from": (at + timedelta(days=1)).isoformat(),
        "reason": "冬天路远",
    }
    year = {"first_day": f"{at.year}-02-01", "last_day": f"{at.year}-12-31"}
    donor = {"name": "邻里粮油店", "kind": "enterprise", "region": COMMUNITY}
    gift = {"donor": world.donor.pk, "received_on": at.date().isoformat()}
    goods = {"donor": world.giving.own_donor.pk, "store": world.store.pk}
    rows_of = {step: getattr(world.giving, step).lines.get().pk for step in ("pledge", "arrival")}
    lecture = {
        "kind": "lecture",
        "quantity": 1,
        "day": at.date().isoformat(),
        "reference": "急救知识讲座",
        "evidence": "签到表第 3 页",
    }
    slot = {"product": world.slot.product_id, "capacity": 4}
    morning, noon = at + timedelta(days=2), at + timedelta(days=2, hours=3)
    bodies: dict[str, dict[str, Any]] = {
        "POST /api/v1/auth/otp/": {"phone": "13800001234"},
        "POST /api/v1/auth/token/": {"username": "reader", "password": PASSWORD},
        "POST /api/v1/auth/token/refresh/": {"refresh": world.refresh_token},
        "POST /api/v1/volunteers/": registration(),
        "PATCH /api/v1/volunteers/me/": {"skills": ["急救"]},
        "PUT /api/v1/volunteers/me/consents/honor_board/": {"granted": True},
        "POST /api/v1/volunteers/{applicant}/reject/": {"reason": "证件看不清"},
        "POST /api/v1/scans/": scan,
        "POST /api/v1/scans/#for-vol": scan_for,
        "POST /api/v1/scans/batch/": {"scans": [scan]},
        "POST /api/v1/scans/batch/#for-vol": {"scans": [scan_for]},
        "POST /api/v1/scans/annul/": {"nonce": world.open_nonce, "reason": "扫错了"},
        "POST /api/v1/attendances/{forgotten}/propose/": {
            "left_at": world.forgotten.shift.ends_at.isoformat()
        },
        "POST /api/v1/attendances/{attendance}/ask/": {"question": "几点离开的？"},
        "POST /api/v1/attendances/{forgotten}/answer/": {"answer": "十一点半"},
        "POST /api/v1/check-in-policies/#platform": policy | {"scope": "platform"},
        "POST /api/v1/check-in-policies/#region": policy | {"scope": "region", "scope_id": COMMUNITY},
        "POST /manage/giving/money/": {
            "donor": goods["donor"],
            "organization": world.organization.pk,
            "amount": "200.00",
            "received_on": at.date().isoformat(),
            "method": "bank_transfer",
        },
        "POST /api/v1/check-in-policies/#organization": policy
        | {"scope": "organization", "scope_id": str(world.organization.pk)},
        "POST /api/v1/attendances/{attendance}/reject/": {"reason": "人不在场"},
        "POST /api/v1/attendances/approve/": {"ids": [attendance]},
        "POST /api/v1/integrity/signals/{signal}/clear/": {"reason": "一家人"},
        "POST /api/v1/integrity/signals/{signal}/confirm/": {"reason": "不实", "records": [record]},
        "POST /api/v1/integrity/audit-items/{audit_item}/decide/": {"result": "fraud", "reason": "不实"},
        "POST /api/v1/points/gifts/": {"to": "pool", "points": 1},
        "POST /me/points/give/": {"to": "pool", "points": "1"},
        "POST /me/points/give/confirm/": {"to": "pool", "points": "1", "token": "0" * 32},
        "POST /me/points/relatives/": {"number": world.relative.volunteer.number, "relation": "child"},
        "POST /api/v1/points/rule-sets/": {
            "region": COMMUNITY,
            "effective_from": at.date().isoformat(),
            "document": world.rule_set.document,
        },
        "PATCH /api/v1/points/rule-sets/{draft_rule_set}/": {
            "edition": world.draft_rule_set.edition,
            "effective_from": at.date().isoformat(),
        },
        "POST /api/v1/points/rule-sets/{draft_rule_set}/review/": {"edition": world.draft_rule_set.edition},
        "POST /api/v1/points/rule-sets/{reviewed_rule_set}/return/": {"reason": "上限太低"},
        "POST /api/v1/points/rule-sets/{local_rule_set}/retire/": {"reason": "换回市里的办法"},
        "POST /manage/rules/": {
            "region": COMMUNITY,
            "source": "preset:huangshi",
            "effective_from": at.date().isoformat(),
        },
        "POST /manage/rules/{draft_rule_set}/review/": {"edition": world.draft_rule_set.edition},
        "POST /manage/rules/{reviewed_rule_set}/return/": {"reason": "上限太低"},
        "POST /manage/rules/{local_rule_set}/retire/": {"reason": "换回市里的办法"},
        "POST /api/v1/points/other-awards/": lecture | {"volunteer": world.volunteer.pk},
        "POST /api/v1/points/other-awards/{other_award}/reject/": {"reason": "签到表上没有"},
        "POST /manage/awards/": lecture | {"number": world.volunteer.number},
        "POST /manage/awards/{other_award}/decide/": {"decision": "approve", "reason": ""},
        "POST /api/v1/points/rule-sets/{rule_set}/preview/": {"minutes": 60},
        "POST /api/v1/points/rule-sets/{draft_rule_set}/preview/": {"minutes": 60},
        "POST /api/v1/points/rule-sets/{draft_rule_set}/dry-runs/": year,
        "POST /api/v1/points/rule-sets/{rule_set}/dry-runs/": year | {"region": COMMUNITY},
        "POST /manage/rules/{draft_rule_set}/dry-run/": year | {"region": COMMUNITY, "compare_with": ""},
        "POST /api/v1/market/slots/": slot | {"starts_at": morning.isoformat(), "ends_at": noon.isoformat()},
        "PATCH /api/v1/market/slots/{slot}/": {"capacity": 9},
        "POST /manage/stores/{store}/slots/": slot
        | {"starts_at": f"{morning:%Y-%m-%dT%H:%M}", "ends_at": f"{noon:%Y-%m-%dT%H:%M}"},
        "POST /api/v1/market/redemptions/": {
            "store": world.store.pk,
            "lines": [{"product": product, "quantity": 1}],
        },
        "POST /api/v1/market/redemptions/{redemption}/collect/": {"code": world.redemption.code},
        **_counter(world, at),
        "POST /api/v1/giving/donors/": donor,
        "PATCH /api/v1/giving/donors/{donor}/": {"consent": "named"},
        "POST /api/v1/giving/donations/#goods": {
            **gift,
            "kind": "goods",
            "store": world.store.pk,
            "lines": [{"product": product, "quantity": 2}],
        },
        "POST /api/v1/giving/donations/#money": {
            **gift,
            "kind": "money",
            "organization": world.organization.pk,
            "amount_fen": 100,
        },
        **giving_bodies(goods, rows_of, world.giving.asked.pk),
        "POST /login/": {"phone": "13800001234"},
        "POST /staff/login/": {"username": "reader", "password": PASSWORD},
        "POST /register/": _registration_form(),
        "POST /me/consents/": {"kind": "honor_board", "granted": "yes"},
        "POST /s/{token}": {"intent": "in", "nonce": "n1"},
        "POST /scans/annul/": {"nonce": world.open_nonce, "reason": "扫错了"},
        "POST /me/attendances/{forgotten}/propose/": {"left_at": _half_hour_after(world.forgotten)},
        "POST /me/attendances/{forgotten}/answer/": {"answer": "在二楼帮忙"},
        "POST /manage/volunteers/cards/": {"numbers": world.volunteer.number, "renew": "on"},
        "POST /shelf/{store}/": {f"quantity-{product}": "1", "expected": "10"},
        "POST /manage/attendances/approve/": {"ids": [attendance]},
        "POST /manage/attendances/{attendance}/adjust/": {"minutes": "30", "reason": "早退"},
        "POST /manage/attendances/{attendance}/reject/": {"reason": "人不在场"},
        "POST /api/v1/records/{record}/corrections/": {"minutes": 60, "reason": "提前走了"},
        "POST /api/v1/corrections/{correction}/refuse/": {"reason": "签退在十二点"},
        "POST /api/v1/objections/": {"record": world.record.pk, "reason": "那天没有看到他"},
        "POST /api/v1/objections/{open_objection}/uphold/": {"reason": "确实没来"},
        "POST /api/v1/objections/{open_objection}/dismiss/": {"reason": "在场"},
        "POST /objections/": {"record": world.record.pk, "reason": "那天没有看到他", "contact": ""},
        "POST /me/records/{record}/correct/": {"minutes": "60", "reason": "提前走了"},
        "POST /me/records/{record}/object/": {"reason": "不是我"},
        "POST /me/attendances/{attendance}/object/": {"reason": "不是我"},
        "POST /manage/corrections/": {"record": world.record.pk, "minutes": "60", "reason": "提前走了"},
        "POST /manage/corrections/{correction}/": {"decision": "approve", "reason": ""},
        "POST /manage/objections/{objection}/": {"decision": "accept", "reason": ""},
        "POST /manage/attendances/{attendance}/ask/": {"question": "几点离开的？"},
        "POST /manage/shifts/{paper_shift}/paper/": {
            "number": [world.volunteer.number],
            "came": [localtime(world.paper_shift.starts_at).strftime("%H:%M")],
            "left": [localtime(world.paper_shift.ends_at).strftime("%H:%M")],
            "picture": SimpleUploadedFile("sheet.jpg", photograph(), "image/jpeg"),
        },
        "POST /manage/integrity/signals/{signal}/clear/": {"reason": "一家人"},
        "POST /manage/integrity/signals/{signal}/confirm/": {"reason": "不实", "records": [record]},
        "POST /manage/integrity/audit-items/{audit_item}/decide/": {"result": "sound", "reason": ""},
        "POST /manage/policies/": {
            "scope": f"activity:{world.activity.pk}",
            "early_minutes": "60",
            "effective_from": f"{localtime(at) + timedelta(days=1):%Y-%m-%dT%H:%M}",
            "reason": "冬天路远",
        },
        "POST /manage/qualifications/": {
            "number": world.volunteer.number,
            "kind": "training",
            "course": "first-aid",
            "valid_from": "2026-01-01",
            "evidence": "结业证",
        },
        "POST /api/v1/giving/donations/{donation}/questions/": {"text": "米去哪了？"},
        "POST /api/v1/giving/questions/{question}/answers/": {"text": "都发完了。"},
        "PATCH /api/v1/giving/questions/{question_ticket}/": {"agree_public": True},
        "POST /donations/{donation}/ask/": {"text": "米去哪了？", "phone": "13800001234"},
        "POST /questions/": {"ticket": world.question.ticket, "agree_public": "yes"},
        "POST /manage/questions/{question}/answer/": {"text": "都发完了。"},
        **_appeal_bodies(world),
        "POST /counter/": {"step": "collect", "code": world.redemption.code},
    }
    more = world_stockroom.bodies(world.stockroom, world.store) | bodies_of_need(world, at)
    return (bodies | more).get(row.name, {})


def _appeal_bodies(world: World) -> dict[str, dict[str, Any]]:
    """What is sent to open and to keep an appeal."""
    line = world.appeal.lines.earliest("pk").pk
    said = {
        "organization": world.organization.pk,
        "title": "暴雨安置点",
        "command_order": "筑应急 18 号",
        "bring_to": "新华路 1 号",
    }
    need = {"item": "毛毯", "unit": "条", "needed": 60}
    keep = "POST /manage/appeals/{appeal}/#"
    return {
        "POST /api/v1/appeals/": {**said, "region": COMMUNITY, "needs": [need]},
        "POST /api/v1/appeals/{appeal}/needs/": need,
        "POST /api/v1/appeals/{appeal}/gifts/": {
            "line": line,
            "donation": world.donation.number,
            "quantity": 5,
        },
        "POST /manage/appeals/": {**said, "needs": "瓶装水 500 箱"},
        f"{keep}publish": {"act": "publish", "note": ""},
        f"{keep}gift": {"act": "gift", "line": line, "number": world.donation.number, "quantity": "5"},
        f"{keep}need": {"act": "need", **need},
        f"{keep}close": {"act": "close"},
    }


def _counter(world: World, at: datetime) -> dict[str, Any]:
    """What the requests of the counter send."""
    given = {"serial": world.offline_list.serial, "signature": world.offline_list.signature}
    back = {"redemption": world.taken.pk, "reason": "包装破损", "condition": "discard"}
    handed = {
        "redemption": world.listed.pk,
        "code": world.listed.code,
        "captured_at": at.isoformat(),
        "nonce": "nonce-0001",
    }
    basket = "POST /api/v1/market/redemptions/{basket}/confirm/"
    return {
        "POST /api/v1/market/redemptions/#counter": {
            "volunteer": pass_of(world.volunteer, at),
            "store": world.store.pk,
            "lines": [{"product": world.product.pk, "quantity": 1}],
        },
        f"{basket}#card": {"card": card_token(world.card)},
        f"{basket}#code": {"code": "123456"},
        "POST /api/v1/market/redemptions/collect-batch/": {
            "list": given["serial"],
            "signature": given["signature"],
            "rows": [handed],
        },
        "POST /api/v1/market/returns/": back,
        "POST /api/v1/market/returns/{goods_return}/decide/": {"decision": "approved"},
        "POST /api/v1/market/offline-lists/": {"store": world.store.pk},
        "POST /api/v1/market/offline-lists/{offline_list}/give-back/": {"signature": given["signature"]},
        "POST /counter/list/": {"store": world.store.pk},
        "POST /counter/list/back/": given,
        "POST /manage/returns/": back,
        "POST /manage/returns/{goods_return}/decide/": {"decision": "approved", "reason": ""},
    }


def _rule_form(world: World, at: datetime) -> dict[str, Any]:
    """What the form of a draft sends: the draft as it is, from another day on."""
    draft = world.draft_rule_set
    return {
        **form_fields(draft.document),
        "edition": draft.edition,
        "effective_from": at.date().isoformat(),
        "minutes": "150",
    }


def _sheet(world: World, at: datetime) -> dict[str, Any]:
    """What the form of a paper sheet sends; `picture` makes it a form."""
    shift = world.paper_shift
    times = {"arrived_at": shift.starts_at.isoformat(), "left_at": shift.ends_at.isoformat()}
    rows_there = json.dumps([times | {"number": world.volunteer.number}])
    picture = SimpleUploadedFile("sheet.jpg", photograph(), "image/jpeg")
    return {"shift": shift.pk, "rows": rows_there, "picture": picture}


def _goods(world: World, at: datetime) -> dict[str, Any]:
    """What both forms for a table of goods send; `file` makes it a form."""
    upload = SimpleUploadedFile("goods.csv", "名称,单位,类别,积分\n草帽,顶,衣物,12".encode())
    return {"kind": "goods", "store": world.store.pk, "target": f"store-{world.store.pk}", "file": upload}


def _half_hour_after(attendance: Attendance) -> str:
    return f"{localtime(attendance.checked_in_at) + timedelta(minutes=30):%H:%M}"


def _registration_form() -> dict[str, Any]:
    answers = registration()
    levels = {
        f"region_level_{level}": COMMUNITY[:length].ljust(12, "0")
        for level, length in enumerate((2, 4, 6, 9, 12))
    }
    return {
        "name": answers["name"],
        "id_type": answers["id_type"],
        "id_number": answers["id_number"],
        "service_categories": ["health"],
        "privacy": "on",
        **levels,
    }


# Bodies that take long to make; the matrix asks for one of them 13 times, not for all of them 5,000 times.
_DEAR: dict[str, Callable[[World, datetime], dict[str, Any]]] = {
    "POST /api/v1/paper-sheets/": _sheet,
    "POST /api/v1/imports/": _goods,
    "POST /manage/imports/": _goods,
    "POST /manage/rules/{draft_rule_set}/": _rule_form,
    "POST /manage/rules/{draft_rule_set}/preview/": _rule_form,
}
