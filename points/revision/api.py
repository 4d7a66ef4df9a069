"""`/points/rule-sets/{id}/dry-runs/`, `…/recompute/`, `/points/revisions/{id}/`: a change of rules."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.scopes import actor_for
from backend.core.errors import Forbidden, NotFound
from backend.core.idempotency import idempotent
from points.revision import queries, services
from points.revision.models import RevisionRun
from points.revision.states import RunKind, RunState
from points.scoring.queries import READERS
from venues.sites.params import KeyParam, RegionParam

_CODE_LENGTH = 12


class DryRunInput(serializers.Serializer[Any]):
    """Which records to try the rules on, and beside what."""

    first_day = serializers.DateField()
    last_day = serializers.DateField()
    region = RegionParam(
        required=False, help_text="Division code inside that of the rules. Default: all of it."
    )
    compare_with = KeyParam(
        required=False, allow_null=True, help_text="Other rules; default: what was really awarded."
    )


class RevisionOutput(serializers.Serializer[RevisionRun]):
    """A run; `result` is what a dry run has found so far, in points."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=RunKind.choices)
    state = serializers.ChoiceField(choices=RunState.choices)
    rule_set = serializers.IntegerField(source="to_rule_set_id")
    compare_with = serializers.IntegerField(source="from_rule_set_id", allow_null=True)
    region = serializers.CharField(source="region_id")
    first_day = serializers.DateField()
    last_day = serializers.DateField(allow_null=True)
    percent = serializers.IntegerField()
    records_total = serializers.IntegerField()
    records_done = serializers.IntegerField()
    records_changed = serializers.IntegerField()
    failure = serializers.CharField()
    asked_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    result = serializers.SerializerMethodField(help_text="Volunteer numbers are masked.")

    def get_result(self, run: RevisionRun) -> dict[str, Any]:
        """Return the totals, and the largest changes without the keys of the people."""
        people = [
            {"number": row.number, "before": row.before, "after": row.after}
            for row in queries.largest_of(run)
        ]
        return {**run.result, "largest": people} if run.result else {}


def _shown(run: RevisionRun, *, status: int = 200) -> Response:
    return Response(RevisionOutput(run).data, status=status)


class DryRunStart(APIView):
    """Ask what these rules would change; a worker finds out. `Idempotency-Key` is honoured."""

    @extend_schema(request=DryRunInput, responses={201: RevisionOutput})
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        asked = DryRunInput(data=request.data)
        asked.is_valid(raise_exception=True)
        region = asked.validated_data.get("region")
        run = services.start_dry_run(
            rule_set_id=pk,
            from_rule_set_id=asked.validated_data.get("compare_with"),
            region_code=region.ljust(_CODE_LENGTH, "0") if region else "",
            first_day=asked.validated_data["first_day"],
            last_day=asked.validated_data["last_day"],
            actor=actor_for(request.user),
            at=timezone.now(),
        )
        return _shown(run, status=201)


class RecomputeStart(APIView):
    """Bring what was awarded under these rules, posting differences. `Idempotency-Key` is honoured."""

    @extend_schema(request=None, responses={201: RevisionOutput})
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        run = services.start_recompute(rule_set_id=pk, actor=actor_for(request.user), at=timezone.now())
        return _shown(run, status=201)


class RevisionDetail(APIView):
    """How far a run is, and what it has found."""

    @extend_schema(responses=RevisionOutput)
    def get(self, request: Request, pk: int) -> Response:
        actor = actor_for(request.user)
        if not actor.has(*READERS):
            raise Forbidden
        run = queries.visible_to(actor).filter(pk=pk).first()
        if run is None:
            raise NotFound
        return _shown(run)


class RevisionCancel(APIView):
    """Stop a run after the chunk it is at. `Idempotency-Key` is honoured."""

    @extend_schema(request=None, responses=RevisionOutput)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        return _shown(services.cancel(run_id=pk, actor=actor_for(request.user), at=timezone.now()))


class RevisionResume(APIView):
    """Let a stopped run go on from where it was. `Idempotency-Key` is honoured."""

    @extend_schema(request=None, responses=RevisionOutput)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        return _shown(services.resume(run_id=pk, actor=actor_for(request.user), at=timezone.now()))
