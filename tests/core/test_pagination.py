"""Lists by cursor: newest first, right while rows are added, deaf to made-up cursors."""

import base64

import pytest

from backend.core import audit
from backend.core.models import AuditEntry

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.core.addresses")]

ADDRESS = "/api/entries/"


def write(now, *actions):
    for action in actions:
        audit.record(actor=None, action=action, target=None, at=now)


def actions(answer):
    return [row["action"] for row in answer.json()["results"]]


def cursor(text):
    return base64.b64encode(text.encode()).decode()


def test_a_list_has_next_previous_and_results(client):
    answer = client.get(ADDRESS)

    assert answer.json() == {"next": None, "previous": None, "results": []}


def test_a_walk_meets_every_row_once_newest_first(client, now):
    write(now, *"abcde")

    first = client.get(ADDRESS, {"page_size": 2})
    second = client.get(first.json()["next"])
    third = client.get(second.json()["next"])

    assert [actions(page) for page in (first, second, third)] == [["e", "d"], ["c", "b"], ["a"]]
    assert third.json()["next"] is None
    assert actions(client.get(third.json()["previous"])) == ["c", "b"]


def test_rows_added_meanwhile_repeat_nothing(client, now):
    write(now, *"abcd")
    first = client.get(ADDRESS, {"page_size": 2})

    write(now, *"ef")

    assert actions(client.get(first.json()["next"])) == ["b", "a"]


@pytest.mark.parametrize(
    ("asked", "given"), [("3", 3), ("200", 200), ("201", 200), ("0", 50), ("x", 50), ("-1", 50)]
)
def test_page_sizes(client, now, asked, given):
    AuditEntry.objects.bulk_create([AuditEntry(at=now, action="row") for _ in range(210)])

    answer = client.get(ADDRESS, {"page_size": asked})

    assert len(answer.json()["results"]) == given


@pytest.mark.parametrize(
    "made_up",
    [
        "rubbish",
        cursor("p=abc"),
        cursor("p=1.5"),
        cursor("p=1\x00"),
        cursor("p=2026-01-01"),
        cursor("o=x"),
        cursor("r=1&p=abc"),
        "x" * 5000,
    ],
)
def test_a_made_up_cursor_is_not_found(client, now, made_up):
    write(now, "a")

    answer = client.get(ADDRESS, {"cursor": made_up})

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("position", ["9" * 30, "-9999999999999999999999"])
def test_a_cursor_beyond_every_row_is_an_end(client, now, position):
    write(now, "a")

    assert client.get(ADDRESS, {"cursor": cursor(f"p={position}")}).status_code in {200, 404}
