"""A donor's consent, identity and claim, and receipts: `/giving/donors/…`, `/giving/receipts/…`."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.scopes import actor_for
from backend.core.errors import Forbidden, NotFound
from backend.core.idempotency import idempotent
from points.giving import donor_files, queries, receipts
from points.giving.api import DonorOutput
from points.giving.choices import ConsentBy, ConsentMatter, Publicity
from points.giving.models import ConsentChange, Donor


class DonorReasonInput(serializers.Serializer[Any]):
    """Why."""

    reason = serializers.CharField(max_length=200)


class SeparateConsentInput(serializers.Serializer[Any]):
    """What the donor agrees to, each on its own; what is left out stays."""

    consent = serializers.ChoiceField(choices=Publicity.choices, required=False)
    show_amount = serializers.BooleanField(required=False)
    show_picture = serializers.BooleanField(required=False)


class ConsentChangeOutput(serializers.Serializer[ConsentChange]):
    """One change of what a donor agrees to."""

    matter = serializers.ChoiceField(choices=ConsentMatter.choices)
    old = serializers.CharField()
    new = serializers.CharField()
    by = serializers.ChoiceField(choices=ConsentBy.choices)
    at = serializers.DateTimeField()


class DonorConsentOutput(serializers.Serializer[Any]):
    """What a donor agrees to now, and every change there was, newest first."""

    consent = serializers.ChoiceField(choices=Publicity.choices)
    show_amount = serializers.BooleanField()
    show_picture = serializers.BooleanField()
    history = ConsentChangeOutput(many=True)


class DonorConsent(APIView):
    """A donor's consent to name, amount and picture; a change takes effect with the next page loaded."""

    @extend_schema(responses=DonorConsentOutput)
    def get(self, request: Request, pk: int) -> Response:
        return Response(_consent(_own_or_kept(request, pk)))

    @extend_schema(request=SeparateConsentInput, responses=DonorConsentOutput)
    def post(self, request: Request, pk: int) -> Response:
        given = validated(SeparateConsentInput, request)
        donor = _own_or_kept(request, pk)
        changed = donor_files.set_donor_consent(
            donor=donor,
            consent=given.get("consent"),
            show_amount=given.get("show_amount"),
            show_picture=given.get("show_picture"),
            actor=actor_for(request.user),
            at=timezone.now(),
        )
        return Response(_consent(changed))


class IdentityOutput(serializers.Serializer[donor_files.Identity]):
    """What is kept under seal, in full. Reading it leaves an audit row."""

    contact = serializers.CharField(allow_null=True)
    id_number = serializers.CharField(allow_null=True)


class DonorIdentity(APIView):
    """Contact and resident ID of a donor in full, for a reason that is kept."""

    @extend_schema(request=DonorReasonInput, responses=IdentityOutput)
    def post(self, request: Request, pk: int) -> Response:
        reason = validated(DonorReasonInput, request)["reason"]
        actor = actor_for(request.user)
        if not actor.has(*queries.KEEPERS):
            raise Forbidden
        donor = queries.donors_kept_by(actor).filter(pk=pk).first()
        if donor is None:
            raise NotFound
        opened = donor_files.read_identity(donor=donor, reason=reason, actor=actor, at=timezone.now())
        return Response(IdentityOutput(opened).data)


class ClaimedOutput(serializers.Serializer[Any]):
    """The files that are the caller's own now."""

    donors = DonorOutput(many=True)


class DonorClaim(APIView):
    """Claim the donor files entered with the phone this account has proven."""

    @extend_schema(request=None, responses=ClaimedOutput)
    @idempotent
    def post(self, request: Request) -> Response:
        user = request.user
        if not user.is_authenticated:  # the permission class has seen to it; the type checker has not
            raise Forbidden
        claimed = donor_files.claim_donors(user=user, at=timezone.now())
        return Response(ClaimedOutput({"donors": claimed}).data)


class ReceiptCheckOutput(serializers.Serializer[receipts.Checked]):
    """内部收讫确认（非财政票据）: whether it holds, and what the donor agrees to show."""

    number = serializers.CharField(source="receipt.number")
    valid = serializers.BooleanField()
    revoked_on = serializers.SerializerMethodField()
    organization = serializers.CharField(source="receipt.donation.organization.name")
    kind = serializers.CharField(source="receipt.donation.kind")
    received_on = serializers.DateField(source="receipt.donation.received_on")
    donor = serializers.CharField()
    amount_fen = serializers.IntegerField(allow_null=True)

    def get_revoked_on(self, checked: receipts.Checked) -> str | None:
        """The day it was revoked."""
        if checked.valid:
            return None
        return timezone.localdate(checked.receipt.revocation.revoked_at).isoformat()


class ReceiptVerify(APIView):
    """Check a receipt; public to whoever has its number."""

    permission_classes = (AllowAny,)
    authentication_classes = ()

    @extend_schema(responses=ReceiptCheckOutput)
    def get(self, request: Request, number: str) -> Response:
        return Response(ReceiptCheckOutput(receipts.check_receipt(number)).data)


class ReceiptRevoke(APIView):
    """Take a receipt back for a reason, as somebody who neither issued it nor handled the donation."""

    @extend_schema(request=DonorReasonInput, responses=ReceiptCheckOutput)
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        receipts.revoke_receipt(
            number=number,
            reason=validated(DonorReasonInput, request)["reason"],
            actor=actor_for(request.user),
            at=timezone.now(),
        )
        return Response(ReceiptCheckOutput(receipts.check_receipt(number)).data)


def _own_or_kept(request: Request, pk: int) -> Donor:
    """Return the caller's own donor file, or one they keep.

    :raises NotFound: neither.
    """
    actor = actor_for(request.user)
    own = Donor.objects.filter(pk=pk, user_id=actor.user_id)
    donor = own.first() or queries.donors_kept_by(actor).filter(pk=pk).first()
    if donor is None:
        raise NotFound
    return donor


def _consent(donor: Donor) -> Mapping[str, Any]:
    history = donor.consent_changes.order_by("-pk")
    return DonorConsentOutput(
        {
            "consent": donor.consent,
            "show_amount": donor.show_amount,
            "show_picture": donor.show_picture,
            "history": history,
        }
    ).data


def validated(kind: type[serializers.Serializer[Any]], request: Request) -> Mapping[str, Any]:
    """Return the body as this serializer reads it; what it cannot read is a 400."""
    data = kind(data=request.data)
    data.is_valid(raise_exception=True)
    validated: Mapping[str, Any] = data.validated_data
    return validated
