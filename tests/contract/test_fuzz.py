"""Requests made up from the API's own description: none of them is answered with a failure of ours."""

import json
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as profile
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import response_schema_conformance
from schemathesis.core.failures import FailureGroup

from backend.config.wsgi import application
from tests.contract.scene import Scene

# Requests made up for each operation and mode; to make one up costs more than to send it.
EXAMPLES = 2
# Who sends each of them. Whoever is nobody is turned away before anything is read.
ROLES = ("vol", "admin")
PROBLEM = {"type", "title", "status", "code", "detail", "errors"}
# What a key in braces means below a collection, so that not every made-up request ends at a 404.
KNOWN = {
    "sites": "site",
    "volunteers": "applicant",
    "shifts": "coming_shift",
    "sign-ups": "sign_up",
    "attendances": "attendance",
    "rule-sets": "rule_set",
    "redemptions": "redemption",
    "slots": "slot",
    "donors": "donor",
    "donations": "donation",
    "regions": "region",
    "records": "record",
    "corrections": "correction",
    "objections": "open_objection",
}


@pytest.fixture(autouse=True)
def _connection_stays() -> Iterator[None]:
    """Keep the handler from closing the test's connection, as Django's own test client does."""
    edges = (request_started, request_finished)
    for edge in edges:
        edge.disconnect(close_old_connections)
    yield
    for edge in edges:
        edge.connect(close_old_connections)


def operations() -> Iterator[Any]:
    """Every operation of the API, as it describes itself."""
    description = schemathesis.openapi.from_wsgi("/api/schema/?format=json", application)
    for result in description.get_all_operations():
        yield result.ok()


def known_places(path: str, scene: Scene) -> dict[str, Any]:
    """Keys that exist, for the parameters of a path whose kind we know."""
    places = scene.world.places(timezone.now())
    parts = path.strip("/").split("/")
    return {
        part.partition("}")[0].removeprefix("{"): places[KNOWN[collection]]
        for collection, part in pairwise(parts)
        if part.startswith("{") and collection in KNOWN
    }


def fault(answer: Any) -> str | None:
    """What is wrong with an answer, if anything."""
    if answer.status_code >= 500:
        return f"{answer.status_code}"
    if answer.status_code < 400:
        return None
    kind = answer.headers["content-type"][0]
    if kind != "application/problem+json":
        return f"{answer.status_code} is {kind}"
    body = json.loads(answer.content)
    if set(body) != PROBLEM or body["status"] != answer.status_code or not body["detail"]:
        return f"{answer.status_code} with {body}"
    return None


def undescribed(case: Any, answer: Any) -> str | None:
    """What an answer has that its description has not, or the other way round."""
    if answer.status_code >= 400:
        return None
    try:
        case.validate_response(answer, checks=[response_schema_conformance])
    except FailureGroup as group:
        return "; ".join(str(each) for each in group.exceptions)
    return None


def faults_of(operation: Any, mode: GenerationMode, scene: Scene) -> Iterator[str]:
    """Send what hypothesis makes up for an operation; yield what went wrong with the request that did it."""
    known = known_places(operation.path, scene) if mode is GenerationMode.POSITIVE else {}
    found: dict[str, str] = {}

    @profile(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=mode, path_parameters=known or None))
    def send(case):
        for role in ROLES:
            headers = {"Authorization": f"Bearer {scene.tokens[role]}"}
            with transaction.atomic():
                answer = case.call(headers=headers)
                transaction.set_rollback(True)
            wrong = fault(answer) or undescribed(case, answer)
            if wrong:
                found.setdefault(f"{role}: {wrong}", case.as_curl_command(headers=headers))

    try:
        send()
    except Unsatisfiable:
        return  # nothing about this operation can be wrong
    yield from (f"{wrong}: {request}" for wrong, request in found.items())


@pytest.mark.django_db
def test_no_made_up_request_breaks_the_api(scene):
    faults = [
        wrong
        for operation in operations()
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
        for wrong in faults_of(operation, mode, scene)
    ]

    assert faults == []
