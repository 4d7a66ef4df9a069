"""The API says what it does, completely and without a warning; docs/openapi.yaml is what it says."""

from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import translation
from drf_spectacular.generators import SchemaGenerator

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "openapi.yaml"
VERBS = ("get", "post", "put", "patch", "delete")


@pytest.fixture(scope="module")
def schema():
    with translation.override("zh-hans"):
        return SchemaGenerator().get_schema(public=True)


def operations(schema):
    return [
        (path, verb, operation)
        for path, item in schema["paths"].items()
        for verb, operation in item.items()
        if verb in VERBS
    ]


def test_the_document_is_the_code(tmp_path):
    """Also fails when drf-spectacular had to guess anything."""
    fresh = tmp_path / "openapi.yaml"

    with translation.override("zh-hans"):
        call_command("spectacular", "--file", str(fresh), "--validate", "--fail-on-warn")

    assert DOCUMENT.read_text(encoding="utf-8") == fresh.read_text(encoding="utf-8"), (
        "python manage.py spectacular --file docs/openapi.yaml --validate --fail-on-warn"
    )


def test_it_is_openapi_3_1(schema):
    assert schema["openapi"].startswith("3.1.")


def test_every_operation_describes_its_problems(schema):
    without = [
        (path, verb)
        for path, verb, operation in operations(schema)
        if "application/problem+json" not in operation["responses"]["default"]["content"]
    ]

    assert without == []


def test_every_operation_says_what_it_is_for(schema):
    silent = [
        (path, verb) for path, verb, operation in operations(schema) if not operation.get("description")
    ]

    assert silent == []


def test_every_operation_has_a_name_of_its_own(schema):
    names = [operation["operationId"] for _, _, operation in operations(schema)]

    assert sorted(names) == sorted(set(names))


# The names of the main path that clients rely on (design.md §5).
PROMISED = """
post /auth/otp/
post /auth/token/
post /auth/token/refresh/
get /auth/me/
get /regions/
post /volunteers/
get /volunteers/me/
patch /volunteers/me/
get /sites/
get /sites/{id}/
get /sites/{id}/qr/
get /sites/{id}/qr.png
get /sites/{id}/qr.svg
get /activities/
get /shifts/
post /shifts/{id}/sign-ups/
delete /sign-ups/{id}/
post /scans/
post /scans/batch/
get /attendances/
post /attendances/{id}/approve/
post /attendances/{id}/reject/
post /attendances/approve/
get /records/
get /points/balance/
get /points/entries/
get /points/rule-sets/
post /points/rule-sets/{id}/preview/
get /market/stores/
get /market/products/
post /market/redemptions/
post /market/redemptions/{id}/collect/
post /market/redemptions/{id}/cancel/
get /giving/donors/
post /giving/donors/
get /giving/donations/
post /giving/donations/
get /boards/donors/
get /boards/honors/
get /boards/hours/
"""


def test_the_promised_names_are_there(schema):
    there = {f"{verb} {path.removeprefix('/api/v1')}" for path, verb, _ in operations(schema)}

    assert sorted(set(PROMISED.split("\n")) - there - {""}) == []


def test_addresses_are_in_kebab_case(schema):
    assert [path for path in schema["paths"] if path != path.lower() or "_" in path] == []
