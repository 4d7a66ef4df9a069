"""Households, those in need and a ballot in the world of the contract tests, and what requests send."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.utils.timezone import localtime

from backend.accounts.models import User
from backend.accounts.scopes import actor_for
from points.ballots import services as ballots
from points.market.models import Product
from tests.factories.regions import COMMUNITY, picked
from tests.factories.relief import give_out, make_ballot, make_case, name_keeper
from tests.factories.volunteers import VolunteerFactory, make_household
from volunteers.people.households import ask_correction
from volunteers.people.models import Volunteer

if TYPE_CHECKING:
    from tests.contract.world import World


def need(volunteer: Volunteer, product: Product, staff: User | None, at: datetime) -> dict[str, Any]:
    """Where the volunteer lives, and says they do not; a family in need that was given rice; a ballot."""
    assert staff is not None
    newcomer = VolunteerFactory()
    household = make_household(volunteer, contact="13800001234")
    term = name_keeper(staff, prefix=COMMUNITY, at=at)
    keeper = actor_for(staff)
    review_on = at.date() + timedelta(days=90)
    case = make_case(keeper, review_on=review_on, at=at)
    ballot = make_ballot(product, at=at)
    ballots.enter(ballot_id=ballot.pk, volunteer=volunteer, at=at)
    return {
        "newcomer": newcomer,
        "household": household,
        "household_request": ask_correction(volunteer=volunteer, reason="我搬走了", at=at),
        "relief_keeper": term,
        "relief_case": case,
        "relief_issue": give_out(case, product, keeper=keeper, at=at),
        "other_household": make_household(),
        "ballot": ballot,
    }


def places(need: dict[str, Any]) -> dict[str, object]:
    """What stands in braces in their addresses."""
    return {name: thing.pk for name, thing in need.items()}


def bodies_of_need(world: World, at: datetime) -> dict[str, dict[str, Any]]:
    """What the requests about them send."""
    need, product, staff = world.need, world.product.pk, world.users["staff"]
    assert staff is not None
    review_on = (at + timedelta(days=90)).date().isoformat()
    home = {"name": "陈桂兰", "contact": "13800001234", "region": COMMUNITY}
    case = {"category": "illness", "reason": "长期透析", "review_on": review_on}
    review = {"status": "active", "reason": "情况未变", "review_on": review_on}
    keeper = {"username": staff.username, "region": COMMUNITY}
    days = {name: localtime(at) + timedelta(days=n) for n, name in enumerate(("opens_at", "closes_at"), 1)}
    days["draw_at"] = localtime(at) + timedelta(days=4)
    offer = {"product": product, "units": 1, "points": 5}
    api, page, number = "/api/v1", "/manage", need["other_household"].number
    return {
        f"POST {api}/volunteers/households/": home,
        f"POST {api}/volunteers/households/{{household}}/members/": {"number": need["newcomer"].number},
        f"POST {api}/volunteers/households/{{household}}/reveal/": {"field": "name", "reason": "上门探访"},
        f"POST {api}/volunteers/household-requests/{{household_request}}/answer/": {
            "fixed": True,
            "answer": "已移出",
        },
        f"POST {api}/volunteers/me/household/": {"reason": "不是我家"},
        f"POST {api}/relief/keepers/": keeper,
        f"POST {api}/relief/cases/": case | {"household": number},
        f"POST {api}/relief/cases/{{relief_case}}/reviews/": review,
        f"POST {api}/relief/cases/{{relief_case}}/issues/": {
            "store": world.store.pk,
            "lines": [{"product": product, "quantity": 1}],
        },
        f"PUT {api}/relief/shares/{{product}}/": {"quantity": 2},
        f"POST {api}/market/ballots/": offer | {name: moment.isoformat() for name, moment in days.items()},
        f"POST {api}/market/ballots/{{ballot}}/cancel/": {"reason": "破损"},
        "POST /me/household/": {"reason": "不是我家"},
        f"POST {page}/households/": home | picked(),
        f"POST {page}/households/{{household}}/": {"do": "add", "number": need["newcomer"].number},
        f"POST {page}/household-requests/{{household_request}}/": {"decision": "fixed", "answer": "已移出"},
        f"POST {page}/relief/": case | {"number": number},
        f"POST {page}/relief/{{relief_case}}/#review": review | {"do": "review"},
        f"POST {page}/relief/{{relief_case}}/#issue": {
            "do": "issue",
            "store": world.store.pk,
            f"quantity-{product}": "1",
        },
        f"POST {page}/relief/issues/{{relief_issue}}/": {"do": "code"},
        f"POST {page}/relief/keepers/": keeper | picked(),
        f"POST {page}/relief/shares/": {"product": product, "quantity": "2"},
        f"POST {page}/ballots/": offer | {name: f"{moment:%Y-%m-%dT%H:%M}" for name, moment in days.items()},
        f"POST {page}/ballots/{{ballot}}/cancel/": {"reason": "破损"},
    }
