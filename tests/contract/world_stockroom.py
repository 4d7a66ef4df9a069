"""The store's hub in the world of the contract tests, who may do what in it, and what the requests send."""

from datetime import datetime, timedelta
from typing import Any

from backend.accounts.models import User
from backend.accounts.scopes import Actor, actor_for
from points.market.models import Product, Store
from points.stockroom import counting, transferring
from points.stockroom.recall_models import Recall
from tests.factories.market import ProductFactory, StoreFactory, clerk_of, deliver

# ruff: noqa: E501 – the table is as wide as there are roles
# Two more stores of the organization: an open count is in the one, a closed count in the other; the first sent
# something to the store of the clerk, and before that something that arrived short.
TABLE = """
# the stockroom: clerks keep their store, managers and staff all of theirs; supervisors keep none
GET    /api/v1/market/stock-counts/                      401 403 403 403 403 200 200 200 200 200 200 403 200
POST   /api/v1/market/stock-counts/                      401 403 403 403 403 201 404 201 404 201 404 403 201
GET    /api/v1/market/stock-counts/{stock_count}/        401 403 403 403 403 404 404 200 404 200 404 403 200
POST   /api/v1/market/stock-counts/{stock_count}/lines/  401 403 403 403 403 404 404 201 404 201 404 403 201
POST   /api/v1/market/stock-counts/{stock_count}/close/  401 403 403 403 403 404 404 200 404 200 404 403 200
POST   /api/v1/market/stock-counts/{closed_count}/reopen/  401 403 403 403 403 404 404 200 404 200 404 403 200
POST   /api/v1/market/stock-counts/{closed_count}/abandon/ 401 403 403 403 403 404 404 200 404 200 404 403 200
POST   /api/v1/market/stock-counts/{closed_count}/approve/ 401 403 403 403 403 404 404 200 404 200 404 403 200
GET    /api/v1/market/transfers/                         401 403 403 403 403 200 200 200 200 200 200 403 200
POST   /api/v1/market/transfers/                         401 403 403 403 403 201 404 201 404 201 404 403 201
GET    /api/v1/market/transfers/{transfer}/              401 403 403 403 403 200 404 200 404 200 404 403 200
POST   /api/v1/market/transfers/{transfer}/receive/      401 403 403 403 403 200 404 200 404 200 404 403 200
POST   /api/v1/market/transfers/{short_transfer}/loss/   401 403 403 403 403 200 404 200 404 200 404 403 200
POST   /api/v1/market/transfers/{transfer}/cancel/       401 403 403 403 403 404 404 200 404 200 404 403 200
GET    /api/v1/market/recalls/                           401 403 403 403 403 200 200 200 200 200 200 403 200
POST   /api/v1/market/recalls/                           401 403 403 403 403 201 404 201 404 201 404 403 201
GET    /api/v1/market/recalls/{recall}/                  401 403 403 403 403 200 404 200 404 200 404 403 200
# who has recalled goods, and lifting, is for managers and staff
POST   /api/v1/market/recalls/{recall}/recipients/       401 403 403 403 403 403 403 200 404 200 404 403 200
POST   /api/v1/market/recalls/{recall}/lift/             401 403 403 403 403 403 403 200 404 200 404 403 200
POST   /api/v1/market/recalls/{recall}/write-off/        401 403 403 403 403 200 404 200 404 200 404 403 200
# everybody reads what a store publishes
GET    /api/v1/market/stores/{store}/statements/                       200 200 200 200 200 200 200 200 200 200 200 200 200
GET    /api/v1/market/stores/{store}/statements/{last_month}/          200 200 200 200 200 200 200 200 200 200 200 200 200
GET    /api/v1/market/stores/{store}/statements/{last_month}/export.xlsx 200 200 200 200 200 200 200 200 200 200 200 200 200
GET    /stores/{store}/statements/                       200 200 200 200 200 200 200 200 200 200 200 200 200
GET    /stores/{store}/statements/{last_month}/          200 200 200 200 200 200 200 200 200 200 200 200 200
GET    /stores/{store}/statements/{last_month}/export.xlsx 200 200 200 200 200 200 200 200 200 200 200 200 200
# who keeps one store is led to it
GET    /manage/stores/                                   login 403 403 403 403 302 302 200 302 200 302 403 200
GET    /manage/stores/{store}/                           login 403 403 403 403 200 404 200 404 200 404 403 200
POST   /manage/stores/{store}/                           login 403 403 403 403 302 404 302 404 302 404 403 302
POST   /manage/stores/{store}/write-off/                 login 403 403 403 403 302 404 302 404 302 404 403 302
GET    /manage/stores/{store}/policy/                    login 403 403 403 403 200 404 200 404 200 404 403 200
POST   /manage/stores/{store}/policy/                    login 403 403 403 403 302 404 302 404 302 404 403 302
GET    /manage/stores/{store}/products/new/              login 403 403 403 403 200 404 200 404 200 404 403 200
POST   /manage/stores/{store}/products/new/              login 403 403 403 403 302 404 302 404 302 404 403 302
GET    /manage/stores/{store}/products/{spare}/          login 403 403 403 403 200 404 200 404 200 404 403 200
POST   /manage/stores/{store}/products/{spare}/          login 403 403 403 403 302 404 302 404 302 404 403 302
POST   /manage/stores/{store}/products/{spare}/receive/  login 403 403 403 403 302 404 302 404 302 404 403 302
GET    /manage/stores/{store}/counts/                    login 403 403 403 403 200 404 200 404 200 404 403 200
POST   /manage/stores/{store}/counts/                    login 403 403 403 403 302 404 302 404 302 404 403 302
GET    /manage/counts/{stock_count}/                     login 403 403 403 403 404 404 200 404 200 404 403 200
POST   /manage/counts/{stock_count}/                     login 403 403 403 403 404 404 302 404 302 404 403 302
GET    /manage/stores/{store}/transfers/                 login 403 403 403 403 200 404 200 404 200 404 403 200
POST   /manage/stores/{store}/transfers/                 login 403 403 403 403 302 404 302 404 302 404 403 302
GET    /manage/transfers/{transfer}/                     login 403 403 403 403 200 404 200 404 200 404 403 200
POST   /manage/transfers/{transfer}/                     login 403 403 403 403 302 404 302 404 302 404 403 302
GET    /manage/stores/{store}/recalls/                   login 403 403 403 403 200 404 200 404 200 404 403 200
POST   /manage/stores/{store}/recalls/                   login 403 403 403 403 302 404 302 404 302 404 403 302
GET    /manage/recalls/{recall}/                         login 403 403 403 403 200 404 200 404 200 404 403 200
POST   /manage/recalls/{recall}/                         login 403 403 403 403 403 404 200 404 200 404 403 200
"""


def hub(store: Store, product: Product, clerk: User, at: datetime) -> dict[str, Any]:
    """Two more stores of the organization with counts and transfers; of the store, goods to spare and a recall."""
    first, second = (
        StoreFactory.create(organization=store.organization, region=store.region) for _ in range(2)
    )
    open_count, closed = (_count(one, at) for one in (first, second))
    counting.close_count(count_id=closed.pk, actor=clerk_of(second), at=at)
    rice = ProductFactory.create(store=first, name=product.name, unit=product.unit)
    actor, sender = actor_for(clerk), clerk_of(first)
    short = _sent(first, store, rice, sender, at)
    transferring.receive(transfer_id=short.pk, counted=_all(short, 1), actor=clerk_of(store), at=at)
    spare = ProductFactory.create(store=store, name="肥皂", unit="块")
    bad = deliver(spare, 3)
    return {
        "stock_count": open_count,
        "closed_count": closed,
        "short_transfer": short,
        "transfer": _sent(first, store, rice, sender, at),
        "other_store": first,
        "spare": spare,
        "spare_batch": deliver(spare, 5),
        "recall": Recall.objects.create(
            root=bad, reason="破损", opened_by_id=actor.user_id, opened_at=at, settled_at=at
        ),
    }


def places(made: dict[str, Any], at: datetime) -> dict[str, object]:
    """What stands in braces in the addresses of the stockroom."""
    named = ("stock_count", "closed_count", "transfer", "short_transfer", "spare", "recall")
    last_month = at.replace(day=1) - timedelta(days=1)
    return {**{name: made[name].pk for name in named}, "last_month": f"{last_month:%Y-%m}"}


def bodies(made: dict[str, Any], store: Store) -> dict[str, dict[str, Any]]:
    """What the requests send."""
    line = {"product": made["stock_count"].lines.get().product_id, "counted": 3}
    batch, transfer = made["spare_batch"].pk, made["transfer"]
    counted = [{"line": row.pk, "received": row.quantity} for row in transfer.lines.all()]
    soap = {"name": "香皂", "unit": "块", "category": "wash", "points": "5", "status": "on_shelf"}
    return {
        "POST /api/v1/market/stock-counts/": {"store": store.pk, "scope": "all"},
        "POST /api/v1/market/stock-counts/{stock_count}/lines/": line,
        "POST /api/v1/market/transfers/": {
            "from_store": store.pk,
            "to_store": made["other_store"].pk,
            "lines": [{"batch": batch, "quantity": 1}],
        },
        "POST /api/v1/market/transfers/{transfer}/receive/": {"lines": counted},
        "POST /api/v1/market/transfers/{short_transfer}/loss/": {"reason": "路上破损"},
        "POST /api/v1/market/recalls/": {"batch": batch, "reason": "厂家通知"},
        "POST /api/v1/market/recalls/{recall}/lift/": {"reason": "批次填错了"},
        "POST /manage/stores/{store}/": {"code": "B-02", "name": "右二"},
        "POST /manage/stores/{store}/write-off/": {"batch": batch, "quantity": "1", "reason": "破损"},
        "POST /manage/stores/{store}/policy/": {
            "minimum_balance": "20",
            "redemptions_period": "month",
            "near_expiry_days": "30",
            "near_expiry_percent": "70",
        },
        "POST /manage/stores/{store}/products/new/": soap,
        "POST /manage/stores/{store}/products/{spare}/": soap,
        "POST /manage/stores/{store}/products/{spare}/receive/": {"quantity": "5", "expires_on": ""},
        "POST /manage/stores/{store}/counts/": {"scope": "all"},
        "POST /manage/counts/{stock_count}/": line | {"step": "line"},
        "POST /manage/stores/{store}/transfers/": {
            "to_store": made["other_store"].pk,
            f"batch-{batch}": "1",
        },
        "POST /manage/transfers/{transfer}/": {
            "step": "receive",
            **{f"line-{row.pk}": row.quantity for row in transfer.lines.all()},
        },
        "POST /manage/stores/{store}/recalls/": {"batch": batch, "reason": "厂家通知"},
        "POST /manage/recalls/{recall}/": {"step": "recipients"},
    }


def _count(store: Store, at: datetime) -> Any:
    clerk = clerk_of(store)
    rice = ProductFactory.create(store=store, name="面粉")
    count = counting.open_count(store=store, scope="all", actor=clerk, at=at)
    counting.take_down(count_id=count.pk, product_id=rice.pk, counted=2, actor=clerk, at=at)
    return count


def _sent(store: Store, to_store: Store, product: Product, actor: Actor, at: datetime) -> Any:
    return transferring.send(
        from_store=store,
        to_store_id=to_store.pk,
        lines=[transferring.SentGoods(deliver(product, 4).pk, 4)],
        actor=actor,
        at=at,
    )


def _all(transfer: Any, received: int) -> dict[int, transferring.CountedGoods]:
    return {line.pk: transferring.CountedGoods(received) for line in transfer.lines.all()}
