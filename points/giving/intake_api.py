"""`/giving/intakes/…`: donated goods from a pledge to a signed receipt."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.scopes import Actor, actor_for
from backend.core.errors import NotFound
from backend.core.idempotency import idempotent
from points.giving import intake_queries, intakes, services, signing
from points.giving.api import TicketInput
from points.giving.choices import IntakeStatus
from points.giving.donor_api import DonorReasonInput, validated
from points.giving.intake_models import Intake, IntakeLine
from points.giving.models import Donor
from points.market.fields import Key, WholeNumber
from points.market.models import Store
from points.market.rules import MOST_OF_A_BATCH

_MOST_DRAWING = 8000


class OfferInput(serializers.Serializer[Any]):
    """One kind of goods, in the donor's words or as a product of the store."""

    offered = serializers.CharField(max_length=80, required=False, default="", allow_blank=True)
    product = Key(required=False, allow_null=True, default=None)
    quantity = WholeNumber(min_value=1, max_value=MOST_OF_A_BATCH)
    promised_expiry = serializers.DateField(required=False, allow_null=True, default=None)


class IntakeInput(serializers.Serializer[Any]):
    """What a donor promises to bring, and what it is meant for."""

    donor = Key()
    store = Key()
    purpose = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)
    designation = serializers.CharField(max_length=120, required=False, default="", allow_blank=True)
    beneficiary = serializers.CharField(max_length=100, required=False, default="", allow_blank=True)
    beneficiary_code = serializers.CharField(max_length=24, required=False, default=None, allow_null=True)
    unrelated = serializers.BooleanField(
        default=False, help_text="Declares that the beneficiary is no related party (慈善法 Art 40)."
    )
    planned_on = serializers.DateField(required=False, allow_null=True, default=None)
    lines = serializers.ListField(child=OfferInput(), min_length=1, max_length=services.MOST_LINES)


class IntakeCountInput(serializers.Serializer[Any]):
    """So many of one line have come."""

    line = Key()
    counted = WholeNumber(min_value=0, max_value=MOST_OF_A_BATCH)


class IntakeReceiveInput(serializers.Serializer[Any]):
    """The count of every line."""

    lines = serializers.ListField(child=IntakeCountInput(), min_length=1, max_length=services.MOST_LINES)


class FindingInput(serializers.Serializer[Any]):
    """What the inspection of one line found; what is not accepted is refused."""

    line = Key()
    product = Key(required=False, allow_null=True, default=None)
    expires_on = serializers.DateField(required=False, allow_null=True, default=None)
    packaging_intact = serializers.BooleanField()
    labelled = serializers.BooleanField()
    within_shelf_life = serializers.BooleanField()
    hygienic = serializers.BooleanField()
    accepted = WholeNumber(min_value=0, max_value=MOST_OF_A_BATCH)
    reason = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)


class InspectInput(serializers.Serializer[Any]):
    """The finding of every line."""

    lines = serializers.ListField(child=FindingInput(), min_length=1, max_length=services.MOST_LINES)


class SignInput(TicketInput):
    """A signature. The donor's account sends only whether a receipt is waived.

    The store's handler adds `representative` and `drawing` (SVG path data) when the donor signs here.
    """

    representative = serializers.CharField(max_length=60, required=False, default="", allow_blank=True)
    drawing = serializers.CharField(max_length=_MOST_DRAWING, required=False, default="", allow_blank=True)
    valuation_fen = WholeNumber(
        min_value=1, max_value=services.MOST_FEN, required=False, allow_null=True, default=None
    )
    receipt_waived = serializers.BooleanField(default=False)


class IntakeLineOutput(serializers.Serializer[IntakeLine]):
    """One kind of goods: promised, counted, inspected."""

    id = serializers.IntegerField()
    offered = serializers.CharField()
    product = serializers.IntegerField(source="product_id", allow_null=True)
    quantity = serializers.IntegerField()
    promised_expiry = serializers.DateField(allow_null=True)
    counted = serializers.IntegerField(allow_null=True)
    expires_on = serializers.DateField(allow_null=True)
    packaging_intact = serializers.BooleanField(allow_null=True)
    labelled = serializers.BooleanField(allow_null=True)
    within_shelf_life = serializers.BooleanField(allow_null=True)
    hygienic = serializers.BooleanField(allow_null=True)
    accepted = serializers.IntegerField(allow_null=True)
    refused = serializers.IntegerField(allow_null=True)
    reason = serializers.CharField()
    short_lived = serializers.SerializerMethodField()

    def get_short_lived(self, line: IntakeLine) -> bool:
        """Whether little shelf life is left."""
        return intake_queries.short_lived(line, today=timezone.localdate())


class IntakeOutput(serializers.Serializer[Intake]):
    """Donated goods on their way."""

    id = serializers.IntegerField()
    donor = serializers.IntegerField(source="donor_id")
    store = serializers.IntegerField(source="store_id")
    store_name = serializers.CharField(source="store.name")
    status = serializers.ChoiceField(choices=IntakeStatus.choices)
    next_step = serializers.SerializerMethodField()
    purpose = serializers.CharField()
    designation = serializers.CharField()
    beneficiary = serializers.CharField()
    planned_on = serializers.DateField(allow_null=True)
    pledged_at = serializers.DateTimeField()
    received_at = serializers.DateTimeField(allow_null=True)
    inspected_at = serializers.DateTimeField(allow_null=True)
    signed_at = serializers.DateTimeField(allow_null=True)
    signed_parties = serializers.SerializerMethodField()
    closed_at = serializers.DateTimeField(allow_null=True)
    close_reason = serializers.CharField()
    donation = serializers.SerializerMethodField()
    receipt = serializers.SerializerMethodField()
    lines = IntakeLineOutput(many=True)

    def get_next_step(self, intake: Intake) -> str:
        """`receive`, `inspect`, `sign`, or nothing."""
        return intake_queries.next_step(intake)

    def get_signed_parties(self, intake: Intake) -> list[str]:
        """Who has signed so far."""
        return sorted(signature.party for signature in intake.signatures.all())

    def get_donation(self, intake: Intake) -> str | None:
        """The number that opens the trace."""
        return intake.donation.number if intake.donation else None

    def get_receipt(self, intake: Intake) -> str | None:
        """The number of the receipt."""
        receipt = getattr(intake.donation, "receipt", None)
        return receipt.number if receipt else None


class IntakeList(ListAPIView[Intake]):
    """Intakes in reach, and a donor's own, newest first."""

    serializer_class = IntakeOutput
    queryset = Intake.objects.none()

    def get_queryset(self) -> QuerySet[Intake]:
        """Keepers see their stores', donors their own."""
        intakes_there = intake_queries.intakes_visible_to(actor_for(self.request.user))
        status = self.request.query_params.get("status", "")
        return intakes_there.filter(status=status) if status in IntakeStatus.values else intakes_there

    @extend_schema(request=IntakeInput, responses={201: IntakeOutput})
    @idempotent
    def post(self, request: Request) -> Response:
        """Promise goods, as the donor or for one. `Idempotency-Key` is honoured."""
        given = validated(IntakeInput, request)
        actor = actor_for(request.user)
        donor = Donor.objects.filter(pk=given["donor"]).first()
        store = Store.objects.filter(pk=given["store"]).first()
        if donor is None or store is None:
            raise NotFound(field="store" if donor else "donor")
        intake = intakes.pledge(
            donor=donor,
            store=store,
            offers=[
                intakes.Offer(
                    quantity=line["quantity"],
                    offered=line["offered"],
                    product_id=line["product"],
                    promised_expiry=line["promised_expiry"],
                )
                for line in given["lines"]
            ],
            purpose=given["purpose"],
            meant=services.Meant(
                designation=given["designation"],
                beneficiary=given["beneficiary"],
                beneficiary_code=given["beneficiary_code"],
                unrelated=given["unrelated"],
            ),
            planned_on=given["planned_on"],
            actor=actor,
            at=timezone.now(),
        )
        return _shown(intake, actor, status=201)


class _IntakeStep(APIView):
    """A step of one intake."""

    def answer(self, request: Request, pk: int, act: Any) -> Response:
        """Make the step and show the intake."""
        actor = actor_for(request.user)
        return _shown(act(intake_id=pk, actor=actor, at=timezone.now()), actor)


class IntakeReceive(_IntakeStep):
    """Goods have come and are counted."""

    @extend_schema(request=IntakeReceiveInput, responses=IntakeOutput)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        counted = {line["line"]: line["counted"] for line in validated(IntakeReceiveInput, request)["lines"]}
        return self.answer(request, pk, lambda **who: intakes.receive(counted=counted, **who))


class IntakeInspect(_IntakeStep):
    """Expiry, packaging, label and hygiene are looked at (慈善法 Art 36)."""

    @extend_schema(request=InspectInput, responses=IntakeOutput)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        findings = {}
        for line in validated(InspectInput, request)["lines"]:
            given = dict(line)
            key, product = given.pop("line"), given.pop("product")
            findings[key] = intakes.Finding(product_id=product, **given)
        return self.answer(request, pk, lambda **who: intakes.inspect(findings=findings, **who))


class IntakeSign(_IntakeStep):
    """A side signs; with the second signature the goods are in stock. `Idempotency-Key` is honoured."""

    @extend_schema(request=SignInput, responses=IntakeOutput)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        given = validated(SignInput, request)
        if Donor.objects.filter(intakes=pk, user_id=actor_for(request.user).user_id).exists():
            return self.answer(
                request, pk, lambda **who: signing.sign_as_donor(waived=given["receipt_waived"], **who)
            )
        drawn = given["representative"] or given["drawing"]
        hand = signing.Hand(name=given["representative"], drawing=given["drawing"]) if drawn else None
        return self.answer(
            request,
            pk,
            lambda **who: signing.sign_as_handler(
                hand=hand,
                valuation_fen=given["valuation_fen"],
                official_ticket=given["official_ticket"],
                ticket_code=given["ticket_code"],
                waived=given["receipt_waived"],
                **who,
            ),
        )


class IntakeRefuse(_IntakeStep):
    """The goods are declined, for a reason."""

    @extend_schema(request=DonorReasonInput, responses=IntakeOutput)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        reason = validated(DonorReasonInput, request)["reason"]
        return self.answer(request, pk, lambda **who: intakes.refuse(reason=reason, **who))


class IntakeWithdraw(_IntakeStep):
    """The promise is taken back, by the donor or at their word."""

    @extend_schema(request=DonorReasonInput, responses=IntakeOutput)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        reason = validated(DonorReasonInput, request)["reason"]
        return self.answer(request, pk, lambda **who: intakes.withdraw(reason=reason, **who))


def _shown(intake: Intake, actor: Actor, *, status: int = 200) -> Response:
    shown = intake_queries.intakes_visible_to(actor).get(pk=intake.pk)
    return Response(IntakeOutput(shown).data, status=status)
