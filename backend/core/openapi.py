"""How the API describes itself: drf-spectacular's schema with our problem responses."""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from rest_framework import serializers


class FieldProblem(serializers.Serializer[Any]):
    """What is wrong with one field."""

    pointer = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()


class Problem(serializers.Serializer[Any]):
    """RFC 9457 problem document; `code` is stable, `detail` is for people."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField()
    errors = FieldProblem(many=True)  # type: ignore[assignment]  # a field, whatever the base calls `errors`


class ProblemAutoSchema(AutoSchema):
    """Adds the default problem response to every operation."""

    def _get_response_bodies(self, direction: Any = "response") -> Any:
        bodies = super()._get_response_bodies(direction)
        component = self.resolve_serializer(Problem, "response")
        problem = {"application/problem+json": {"schema": component.ref}}
        bodies.setdefault("default", {"description": "A refusal, as a problem document", "content": problem})
        return bodies
