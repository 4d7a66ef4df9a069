"""`Idempotency-Key`: one effect, one answer."""

import threading

import pytest
from django.db import IntegrityError, connection, transaction

from backend.accounts.models import User
from backend.core.models import AuditEntry, RememberedAnswer
from tests.core import addresses

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.core.addresses")]


@pytest.fixture
def user():
    return User.objects.create(username="nurse")


def post(client, body, *, key=None, address="/api/once/"):
    headers = {} if key is None else {"Idempotency-Key": key}
    return client.post(address, body, format="json", headers=headers)


def test_the_same_key_and_body_get_the_same_answer_and_one_effect(api, user):
    client = api(user)

    first = post(client, {"lines": [1, 2], "note": "米"}, key="a")
    second = post(client, {"lines": [1, 2], "note": "米"}, key="a")

    assert (first.status_code, second.status_code) == (201, 201)
    assert second.content == first.content
    assert second["Content-Type"] == first["Content-Type"]
    assert ("Idempotency-Replayed" in first, second["Idempotency-Replayed"]) == (False, "true")
    assert AuditEntry.objects.count() == 1


def test_without_a_key_every_call_counts(api, user):
    client = api(user)

    answers = [post(client, {"a": 1}).json()["count"] for _ in range(2)]

    assert answers == [1, 2]
    assert RememberedAnswer.objects.count() == 0


def test_another_key_is_another_effect(api, user):
    client = api(user)

    answers = [post(client, {"a": 1}, key=key).json()["count"] for key in "ab"]

    assert answers == [1, 2]


def test_the_order_of_the_fields_does_not_make_another_body(api, user):
    client = api(user)

    first = post(client, {"a": 1, "b": 2}, key="a")
    second = post(client, {"b": 2, "a": 1}, key="a")

    assert second.content == first.content
    assert AuditEntry.objects.count() == 1


def test_an_empty_answer_is_replayed_empty(api, user):
    client = api(user)

    answers = [client.delete("/api/once/", headers={"Idempotency-Key": "a"}) for _ in range(2)]

    assert [(answer.status_code, answer.content) for answer in answers] == [(204, b""), (204, b"")]
    assert AuditEntry.objects.count() == 1


@pytest.mark.parametrize(
    ("address", "body"),
    [("/api/once/", {"a": 2}), ("/api/once/7/", {"a": 1}), ("/api/once/?a=1", {"a": 1}), ("/api/once/", [])],
)
def test_a_key_belongs_to_its_request(api, user, address, body):
    client = api(user)
    post(client, {"a": 1}, key="a")

    answer = post(client, body, key="a", address=address)

    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert answer["Content-Type"] == "application/problem+json"
    assert AuditEntry.objects.count() == 1


def test_a_key_belongs_to_its_method(api, user):
    client = api(user)
    post(client, None, key="a")

    answer = client.delete("/api/once/", headers={"Idempotency-Key": "a"})

    assert answer.status_code == 422


def test_a_key_belongs_to_its_caller(api, user):
    other = User.objects.create(username="other")

    answers = [post(api(caller), {"a": 1}, key="a").json()["count"] for caller in (user, other)]

    assert answers == [1, 2]


def test_a_refusal_is_not_remembered(api, user):
    client = api(user)

    refused = post(client, {"fail": True}, key="a")
    again = post(client, {"fail": False}, key="a")

    assert (refused.status_code, again.status_code) == (403, 201)
    assert again.json()["count"] == 1  # the refused call left nothing behind


@pytest.mark.parametrize("key", ["x" * 201, "a\x00b", "a\nb"])
def test_a_key_must_be_short_and_printable(api, user, key):
    answer = post(api(user), {"a": 1}, key=key)

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/Idempotency-Key")
    assert AuditEntry.objects.count() == 0


def test_the_longest_key_is_taken(api, user):
    assert post(api(user), {"a": 1}, key="x" * 200).status_code == 201


@pytest.mark.parametrize("text", ['{"a": 1e999}', '{"a": "\\ud800"}', '{"a": "\\u0000"}'])
def test_a_body_that_cannot_be_written_again_has_a_fingerprint_too(api, user, text):
    client = api(user)

    answers = [
        client.post("/api/once/7/", text, content_type="application/json", headers={"Idempotency-Key": "a"})
        for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert AuditEntry.objects.count() == 1


def test_who_is_not_logged_in_leaves_no_key(api):
    answer = post(api(None), {"a": 1}, key="a")

    assert answer.status_code == 401
    assert RememberedAnswer.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_request_still_being_worked_on_is_busy_and_then_replayed(api, user):
    addresses.gate = addresses.Gate()
    answers = []

    def first_request():
        try:
            answers.append(post(api(user), {"a": 1}, key="a", address="/api/once-slowly/"))
        finally:
            connection.close()

    thread = threading.Thread(target=first_request)
    thread.start()
    assert addresses.gate.entered.wait(20)

    meanwhile = post(api(user), {"a": 1}, key="a", address="/api/once-slowly/")

    addresses.gate.may_leave.set()
    thread.join(20)
    afterwards = post(api(user), {"a": 1}, key="a", address="/api/once-slowly/")
    assert (meanwhile.status_code, meanwhile.json()["code"], meanwhile["Retry-After"]) == (409, "busy", "1")
    assert [answer.status_code for answer in answers] == [200]
    assert afterwards.content == answers[0].content
    assert AuditEntry.objects.count() == 1


def test_an_answer_that_came_in_unseen_leaves_one_effect_and_is_worth_another_try(api, user):
    answer = post(api(user), {"a": 1}, key="a", address="/api/once-beside/")

    assert (answer.status_code, answer.json()["code"], answer["Retry-After"]) == (409, "busy", "1")
    assert AuditEntry.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_many_at_once_make_one_effect(api, user):
    barrier = threading.Barrier(6)
    answers = []

    def request():
        try:
            barrier.wait(20)
            answers.append(post(api(user), {"a": 1}, key="a"))
        finally:
            connection.close()

    threads = [threading.Thread(target=request) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert AuditEntry.objects.count() == 1
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1


def test_postgresql_remembers_one_answer_per_caller_and_key(now):
    def remember():
        RememberedAnswer.objects.create(
            user_id=1, key="a", fingerprint="f", status=200, body="{}", created_at=now
        )

    remember()

    with pytest.raises(IntegrityError, match="remembered_answer_unique_key"), transaction.atomic():
        remember()
