"""What requests about donors and donated goods send."""

from collections.abc import Mapping
from typing import Any

from tests.factories.giving import STROKES
from tests.factories.regions import COMMUNITY


def giving_bodies(
    goods: Mapping[str, int], lines: Mapping[str, int], asked: int
) -> dict[str, dict[str, Any]]:
    """Return the bodies: whose goods for which store, and the line of the intake at each step."""
    checks = {"packaging_intact": True, "labelled": True, "within_shelf_life": True, "hygienic": True}
    hand = {"representative": "陈店长", "drawing": STROKES}
    reason = {"reason": "数量写错"}
    pledged, offer = lines["pledge"], {"r0-offered": "大米", "r0-quantity": "2"}
    return {
        "POST /api/v1/giving/donors/{own_donor}/consent/": {"consent": "masked"},
        "POST /api/v1/giving/donors/{own_donor}/identity/": {"reason": "核对联系方式"},
        "POST /api/v1/giving/intakes/": {**goods, "lines": [{"offered": "大米", "quantity": 2}]},
        "POST /api/v1/giving/intakes/{pledge}/receive/": {"lines": [{"line": pledged, "counted": 9}]},
        "POST /api/v1/giving/intakes/{arrival}/inspect/": {
            "lines": [{"line": lines["arrival"], "accepted": 9, **checks}]
        },
        "POST /api/v1/giving/intakes/{inspection}/sign/": hand,
        "POST /api/v1/giving/intakes/{pledge}/refuse/": reason,
        "POST /api/v1/giving/intakes/{pledge}/withdraw/": reason,
        "POST /api/v1/giving/receipts/{receipt}/revoke/": reason,
        "POST /receipts/{receipt}/revoke/": reason,
        "POST /me/giving/donors/{own_donor}/": {"step": "consent", "consent": "masked"},
        "POST /me/giving/pledge/": {"store": goods["store"], **offer},
        "POST /me/giving/{inspection}/": {"step": "sign"},
        "POST /manage/giving/donors/": {
            "kind": "enterprise",
            "name": "邻里粮油店",
            "region": COMMUNITY,
            "consent": "hidden",
        },
        "POST /manage/giving/donors/{own_donor}/": {"step": "consent", "consent": "masked"},
        "POST /manage/giving/donors/{own_donor}/#contact": {
            "step": "contact",
            "contact": "13900008888",
            "reason": "换了号码",
        },
        "POST /manage/giving/donors/{asked_donor}/": {"step": "contact-agree", "request": asked},
        "POST /manage/giving/pledge/": {**goods, **offer},
        "POST /manage/giving/{pledge}/": {"step": "receive", f"l{pledged}-counted": "9"},
        "POST /manage/giving/{inspection}/": {"step": "sign", "who": "both", **hand},
    }
