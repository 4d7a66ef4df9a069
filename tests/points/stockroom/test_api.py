"""Counts, transfers and recalls by API: what is told, what is not, and what a second click does."""

import pytest

from backend.accounts.models import User
from backend.accounts.scopes import Role
from points.market.models import Batch, StockMove
from points.stockroom.models import CountLine, StockCount
from points.stockroom.recall_models import Recall
from points.stockroom.transfer_models import StockTransfer
from tests.factories.accounts import make_actor
from tests.factories.stockroom import make_hub

pytestmark = pytest.mark.django_db

COUNTS, TRANSFERS, RECALLS = (f"/api/v1/market/{name}/" for name in ("stock-counts", "transfers", "recalls"))


@pytest.fixture
def hub():
    return make_hub(10)


@pytest.fixture
def client_of(api):
    return lambda actor: api(User.objects.get(pk=actor.user_id))


def test_the_books_are_told_when_the_count_is_closed_and_not_before(hub, client_of):
    clerk, second = client_of(hub.clerk), client_of(hub.second)
    made = clerk.post(COUNTS, {"store": hub.store.pk, "scope": "all"}, format="json").json()
    here = f"{COUNTS}{made['id']}/"
    line = clerk.post(f"{here}lines/", {"product": hub.rice.pk, "counted": 8}, format="json").json()
    open_lines = clerk.get(here).json()["lines"]

    closed = clerk.post(f"{here}close/").json()["lines"]
    approved = second.post(f"{here}approve/").json()

    assert [(row["book"], row["difference"]) for row in (line, *open_lines, *closed)] == [
        (None, None),
        (None, None),
        (10, -2),
    ]
    assert (approved["status"], Batch.objects.get().on_hand) == ("approved", 8)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("counted", -1),
        ("counted", 1.5),
        ("counted", True),
        ("counted", 10**9),
        ("product", 2**70),
        ("batch", "1"),
    ],
)
def test_rubbish_is_refused_and_nothing_is_written(hub, client_of, field, value):
    clerk = client_of(hub.clerk)
    made = clerk.post(COUNTS, {"store": hub.store.pk, "scope": "all"}, format="json").json()
    line = {"product": hub.rice.pk, "counted": 1} | {field: value}

    answer = clerk.post(f"{COUNTS}{made['id']}/lines/", line, format="json")

    assert answer.status_code == 400
    assert not CountLine.objects.exists()
    assert StockCount.objects.count() == 1


def test_a_second_click_sends_and_receives_nothing_more(hub, client_of):
    clerk, there = client_of(hub.clerk), client_of(hub.there)
    body = {
        "from_store": hub.store.pk,
        "to_store": hub.other.pk,
        "lines": [{"batch": hub.batch.pk, "quantity": 4}],
    }

    sent = [
        clerk.post(TRANSFERS, body, format="json", headers={"Idempotency-Key": "a-first-parcel"})
        for _ in range(2)
    ]
    here = f"{TRANSFERS}{sent[0].json()['id']}/receive/"
    line = {"line": sent[0].json()["lines"][0]["id"], "received": 4}
    answers = [there.post(here, {"lines": [line]}, format="json").status_code for _ in range(2)]

    assert [answer.status_code for answer in sent] == [201, 201]
    assert (StockTransfer.objects.count(), answers) == (1, [200, 409])
    assert StockMove.objects.filter(kind="transfer_in").count() == 1


def test_a_recall_says_what_it_froze_and_a_second_one_that_it_was_first(hub, client_of):
    clerk = client_of(hub.clerk)
    body = {"batch": hub.batch.pk, "reason": "厂家通知"}

    first, again = (clerk.post(RECALLS, body, format="json") for _ in range(2))

    assert (first.status_code, first.json()["batch"]) == (201, hub.batch.pk)
    assert (again.status_code, again.json()["code"]) == (409, "already_recalled")
    assert Recall.objects.count() == 1


def test_a_recall_is_lifted_by_another_than_its_opener_and_says_when_and_why(hub, client_of):
    made = client_of(hub.manager).post(RECALLS, {"batch": hub.batch.pk, "reason": "破损"}, format="json")
    lift, body = f"{RECALLS}{made.json()['id']}/lift/", {"reason": "批次填错了"}
    second = client_of(make_actor(Role.ORGANIZATION_MANAGER, hub.store.organization_id))

    own, first, again = (
        client.post(lift, body, format="json") for client in (client_of(hub.manager), second, second)
    )

    assert (own.status_code, own.json()["code"]) == (403, "recall_lifted_by_opener")
    assert (made.json()["lifted_at"], first.json()["lift_reason"]) == (None, "批次填错了")
    assert first.json()["lifted_at"] is not None
    assert (again.status_code, again.json()["code"]) == (409, "recall_lifted")
    assert Batch.objects.get().recalled_at is None
