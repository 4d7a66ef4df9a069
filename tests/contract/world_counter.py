"""What happens at the counter of the contract's world."""

from datetime import datetime
from typing import Any

from backend.accounts.scopes import Actor
from points.market import counter, offline, returns, services
from points.market.choices import ReturnCondition
from points.market.models import Product
from points.market.services import LineInput
from tests.factories.attendance import pass_of
from tests.factories.market import reserve
from volunteers.people.models import Volunteer


def counter_of(volunteer: Volunteer, product: Product, clerk: Actor, at: datetime) -> dict[str, Any]:
    """One basket on a device's list, two that were taken home (one comes back), one to agree to."""
    listed = reserve(volunteer, product, at=at)
    offline_list = offline.take(store_id=product.store_id, actor=clerk, at=at)
    taken, back = (
        services.collect(code=reserve(volunteer, product, at=at).code, actor=clerk, at=at) for _ in range(2)
    )
    return {
        "listed": listed,
        "offline_list": offline_list,
        "taken": taken,
        "goods_return": returns.ask_return(
            redemption_id=back.pk,
            reason="包装破损",
            condition=ReturnCondition.BACK_TO_SHELF,
            actor=clerk,
            at=at,
        ),
        "basket": counter.open_basket(
            volunteer=pass_of(volunteer, at),
            store_id=product.store_id,
            lines=[LineInput(product.pk, 1)],
            actor=clerk,
            at=at,
        ),
    }
