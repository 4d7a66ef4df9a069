"""Walks every route as every role and compares with the table (design.md §4.10)."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve
from django.utils import timezone

from tests.contract.matrix import Row, body_of, rows
from tests.contract.scene import Scene, state
from tests.contract.world import ROLES, World

ROWS = list(rows())
SAFE = {"GET", "HEAD", "OPTIONS"}


def ask(client: Client, row: Row, world: World) -> Any:
    at = timezone.now()
    address = row.address.partition("#")[0].format(**world.places(at))
    if row.method in SAFE:
        return client.generic(row.method, address)
    body = body_of(row, world, at)
    if address.startswith("/api/") and not {"picture", "file"} & body.keys():
        return client.generic(
            row.method, address, client._encode_json(body, "application/json"), "application/json"
        )
    return client.post(address, body)


def entry(answer: Any) -> str:
    """What stands in the table for an answer."""
    if answer.status_code == 302:
        for name, prefix in (("login", "/login/"), ("login", "/staff/login/"), ("reg", "/register/?next=")):
            if answer["Location"].startswith(prefix):
                return name
    return str(answer.status_code)


class Writes:
    """Notes every statement that would change something."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def __call__(self, execute, sql, params, many, context):
        if (
            sql.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE", "WITH"))
            and "django_session" not in sql
        ):
            self.seen.append(sql)
        return execute(sql, params, many, context)


def observed(row: Row, role: str, scene: Scene) -> str:
    """Make the request of a row as a role, undo it, and say what happened in the words of the table."""
    writes = Writes()
    with transaction.atomic():
        with connection.execute_wrapper(writes):
            answer = ask(scene.client(role, api=row.address.startswith("/api/")), row, scene.world)
        after = state() if writes.seen else scene.before
        transaction.set_rollback(True)
    told = entry(answer)
    changed = sorted(table for table in after if after[table] != scene.before[table])
    if row.method in SAFE:
        if writes.seen and all("core_auditentry" in sql for sql in writes.seen):
            return f"{told}r"
        return f"{told} but wrote {writes.seen}" if writes.seen else told
    if told[0] in "23":
        return told if changed else f"{told}="
    return f"{told} but changed {', '.join(changed)}" if changed else told


@pytest.mark.django_db
@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_every_role_gets_what_the_table_says(scene, row):
    told = {role: observed(row, role, scene) for role in ROLES}

    wanted = dict(zip(ROLES, row.answers, strict=True))
    assert {role: (told[role], wanted[role]) for role in ROLES if told[role] != wanted[role]} == {}


# --- the table is whole ----------------------------------------------------------------------------------


def patterns(under: list[URLPattern | URLResolver], before: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every route below a resolver; the back office has tests of its own."""
    for pattern in under:
        route = before + str(pattern.pattern).removeprefix("^")
        if isinstance(pattern, URLPattern):
            yield route, pattern
        elif route != "admin/":
            yield from patterns(pattern.url_patterns, route)


def methods(route: str, pattern: URLPattern) -> set[str]:
    """What a route answers: an API view says so, a page is asked."""
    view = getattr(pattern.callback, "view_class", None)
    if view is not None:
        return {name.upper() for name in ("get", "post", "put", "patch", "delete") if hasattr(view, name)}
    if not pattern.callback.__module__.startswith("backend.pages"):
        return {"GET"}
    address = "/" + route.replace("<str:token>", "x").replace("<str:number>", "x")
    address = re.sub(r"<int:[a-z_]+>", "1", address)
    client = Client(raise_request_exception=False)
    return {method for method in ("GET", "POST") if client.generic(method, address).status_code != 405}


@pytest.mark.django_db
def test_the_table_has_every_route_and_every_method_and_no_other(scene):
    there = {
        (method, route)
        for route, pattern in patterns(get_resolver().url_patterns)
        for method in methods(route, pattern)
    }

    addresses = ((row.method, row.address.partition("#")[0].partition("?")[0]) for row in ROWS)
    places = scene.world.places(timezone.now())
    listed = {
        (method, resolve(address.format(**places)).route.replace("^", "")) for method, address in addresses
    }

    assert listed == there


def test_no_row_is_there_twice():
    names = [row.name for row in ROWS]

    assert sorted(names) == sorted(set(names))
