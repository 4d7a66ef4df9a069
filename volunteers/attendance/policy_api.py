"""`/check-in-policies/`: the thresholds in force and their history, and setting one."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.status import HTTP_201_CREATED

from backend.accounts.scopes import actor_for
from backend.core.idempotency import idempotent
from volunteers.attendance.policies import set_policy
from volunteers.attendance.policy_models import CheckInPolicy, PolicyScope

_LONGEST_SCOPE = 20  # the column
_LONGEST_REASON = 200  # the column


class PolicyInput(serializers.Serializer[Any]):
    """Some figures for a scope from a time on, and why."""

    scope = serializers.ChoiceField(choices=PolicyScope.choices)
    scope_id = serializers.CharField(max_length=_LONGEST_SCOPE, required=False, allow_blank=True, default="")
    figures = serializers.DictField(child=serializers.IntegerField(), allow_empty=False)
    effective_from = serializers.DateTimeField()
    reason = serializers.CharField(max_length=_LONGEST_REASON)


class PolicyOutput(serializers.Serializer[CheckInPolicy]):
    """One policy; a later one of the same scope replaces it from its start."""

    id = serializers.IntegerField()
    scope = serializers.ChoiceField(choices=PolicyScope.choices)
    scope_id = serializers.CharField()
    figures = serializers.DictField(child=serializers.IntegerField())
    effective_from = serializers.DateTimeField()
    reason = serializers.CharField()
    set_at = serializers.DateTimeField()


class PolicyList(ListAPIView[CheckInPolicy]):
    """Every policy there is and was, newest first; the rules of the door are no secret."""

    serializer_class = PolicyOutput
    filterset_fields = ("scope", "scope_id")

    def get_queryset(self) -> QuerySet[CheckInPolicy]:
        """All of them."""
        return CheckInPolicy.objects.order_by("-id")

    @extend_schema(request=PolicyInput, responses={201: PolicyOutput})
    @idempotent
    def post(self, request: Request) -> Response:
        """Set some figures for a region, an organization or an activity that one answers for."""
        given = PolicyInput(data=request.data)
        given.is_valid(raise_exception=True)
        made = set_policy(actor=actor_for(request.user), at=timezone.now(), **given.validated_data)
        return Response(PolicyOutput(made).data, status=HTTP_201_CREATED)
