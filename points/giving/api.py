"""`/giving/…`: donors, donations, and the public trace of a donation."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.models import Organization
from backend.accounts.scopes import Actor, actor_for
from backend.core.errors import Forbidden, NotFound
from backend.core.idempotency import idempotent
from backend.core.masking import mask_id, mask_phone
from backend.regions.queries import get_region
from points.giving import queries, services
from points.giving.choices import DonationKind, DonorKind, Income, PayMethod, Publicity
from points.giving.models import Donation, DonationLine, Donor
from points.giving.rules import MOST_TICKET, MOST_TICKET_CODE
from points.market.fields import Key, WholeNumber
from points.market.models import Store
from points.market.rules import MOST_OF_A_BATCH


class DonorInput(serializers.Serializer[Any]):
    """A donor. Without `consent` nothing of them is public."""

    name = serializers.CharField(max_length=100)
    kind = serializers.ChoiceField(choices=DonorKind.choices)
    region = serializers.CharField(max_length=12)
    credit_code = serializers.CharField(max_length=24, required=False, allow_null=True)
    contact = serializers.CharField(max_length=60, required=False, allow_null=True)
    id_number = serializers.CharField(
        max_length=40, required=False, allow_null=True, help_text="Resident ID of an individual; sealed."
    )
    consent = serializers.ChoiceField(choices=Publicity.choices, default=Publicity.HIDDEN)
    show_amount = serializers.BooleanField(default=False)


class DonorOutput(serializers.Serializer[Donor]):
    """A donor as staff see it; the contact is masked."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=DonorKind.choices)
    kind_label = serializers.CharField(source="get_kind_display")
    region = serializers.CharField(source="region_id")
    credit_code = serializers.CharField(allow_null=True)
    contact = serializers.SerializerMethodField()
    id_number = serializers.SerializerMethodField()
    claimed = serializers.SerializerMethodField()
    consent = serializers.ChoiceField(choices=Publicity.choices)
    show_amount = serializers.BooleanField()
    show_picture = serializers.BooleanField()
    added_at = serializers.DateTimeField()

    def get_contact(self, donor: Donor) -> str | None:
        """The contact, masked."""
        return mask_phone(donor.contact.open()) if donor.contact else None

    def get_id_number(self, donor: Donor) -> str | None:
        """The resident ID, masked."""
        return mask_id(donor.id_number.open()) if donor.id_number else None

    def get_claimed(self, donor: Donor) -> bool:
        """Whether the donor's own account has the file."""
        return donor.user_id is not None


class DonorList(ListAPIView[Donor]):
    """Donors in reach, newest first."""

    serializer_class = DonorOutput
    queryset = Donor.objects.none()

    def get_queryset(self) -> QuerySet[Donor]:
        """Only staff have donors in reach."""
        return queries.donors_visible_to(_reader(self.request))

    @extend_schema(request=DonorInput, responses={201: DonorOutput})
    @idempotent
    def post(self, request: Request) -> Response:
        """Enter a donor. `Idempotency-Key` is honoured."""
        data = DonorInput(data=request.data)
        data.is_valid(raise_exception=True)
        given = dict(data.validated_data)
        region = get_region(given.pop("region"))
        donor = services.add_donor(**given, region=region, actor=actor_for(request.user), at=timezone.now())
        return Response(DonorOutput(Donor.objects.get(pk=donor.pk)).data, status=201)


class ConsentInput(serializers.Serializer[Any]):
    """What the donor agrees to now."""

    consent = serializers.ChoiceField(choices=Publicity.choices)
    show_amount = serializers.BooleanField(required=False)


class DonorDetail(APIView):
    """What a donor agreed to; a change takes effect with the next page anybody loads."""

    @extend_schema(request=ConsentInput, responses=DonorOutput)
    def patch(self, request: Request, pk: int) -> Response:
        data = ConsentInput(data=request.data)
        data.is_valid(raise_exception=True)
        actor = _reader(request)
        donor = queries.donors_visible_to(actor).filter(pk=pk).first()
        if donor is None:
            raise NotFound
        changed = services.set_donor_consent(
            donor=donor,
            consent=data.validated_data["consent"],
            show_amount=data.validated_data.get("show_amount"),
            actor=actor,
            at=timezone.now(),
        )
        return Response(DonorOutput(changed).data)


class GoodsLineInput(serializers.Serializer[Any]):
    """So many of one product of the store, with its last usable day."""

    product = Key()
    quantity = WholeNumber(min_value=1, max_value=MOST_OF_A_BATCH)
    expires_on = serializers.DateField(required=False, allow_null=True)


class TicketInput(serializers.Serializer[Any]):
    """The fiscal ticket, where one was written."""

    official_ticket = serializers.RegexField(
        r"^[0-9A-Za-z-]*$", max_length=MOST_TICKET, required=False, default="", allow_blank=True
    )
    ticket_code = serializers.RegexField(
        r"^[0-9]*$",
        max_length=MOST_TICKET_CODE,
        required=False,
        default="",
        allow_blank=True,
        help_text="Code of the fiscal ticket; code and number together stand for one gift.",
    )


class _DonationInput(TicketInput):
    donor = Key()
    received_on = serializers.DateField()
    purpose = serializers.RegexField(
        r"^[^<>]*$", max_length=200, required=False, default="", allow_blank=True
    )
    designation = serializers.CharField(max_length=120, required=False, default="", allow_blank=True)
    beneficiary = serializers.CharField(max_length=100, required=False, default="", allow_blank=True)
    beneficiary_code = serializers.CharField(max_length=24, required=False, default=None, allow_null=True)
    unrelated = serializers.BooleanField(
        default=False, help_text="Declares that the beneficiary is no related party (慈善法 Art 40)."
    )
    receipt_waived = serializers.BooleanField(default=False)


class GoodsInput(_DonationInput):
    """Goods that go onto a store's shelf."""

    kind = serializers.ChoiceField(choices=[DonationKind.GOODS.value])
    store = Key()
    lines = serializers.ListField(child=GoodsLineInput(), min_length=1, max_length=services.MOST_LINES)
    valuation_fen = WholeNumber(
        min_value=1, max_value=services.MOST_FEN, required=False, allow_null=True, default=None
    )


class MoneyInput(_DonationInput):
    """Money an organisation has received elsewhere; nothing is paid here."""

    kind = serializers.ChoiceField(choices=[DonationKind.MONEY.value])
    organization = Key()
    amount_fen = WholeNumber(min_value=1, max_value=services.MOST_FEN)
    method = serializers.ChoiceField(choices=PayMethod.choices, default=PayMethod.OTHER)
    again = serializers.BooleanField(
        default=False, help_text="Says that this is another gift after `money_looks_recorded`."
    )


class _KindInput(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=DonationKind.choices)


class DonationLineOutput(serializers.Serializer[DonationLine]):
    """One kind of goods."""

    product = serializers.IntegerField(source="product_id")
    name = serializers.CharField(source="product.name")
    unit = serializers.CharField(source="product.unit")
    quantity = serializers.IntegerField()
    expires_on = serializers.DateField(allow_null=True)
    batch = serializers.IntegerField(source="batch_id")


class DonationOutput(serializers.Serializer[Donation]):
    """The internal acknowledgement: the fields of 慈善法 Art 38. It is no fiscal ticket."""

    id = serializers.IntegerField()
    number = serializers.CharField()
    kind = serializers.ChoiceField(choices=DonationKind.choices)
    income = serializers.ChoiceField(choices=Income.choices)
    method = serializers.ChoiceField(choices=PayMethod.choices, allow_null=True)
    donor = serializers.IntegerField(source="donor_id")
    donor_name = serializers.CharField(source="donor.name")
    organization = serializers.IntegerField(source="organization_id")
    organization_name = serializers.CharField(source="organization.name")
    store = serializers.IntegerField(source="store_id", allow_null=True)
    amount_fen = serializers.IntegerField(allow_null=True)
    valuation_fen = serializers.IntegerField(allow_null=True)
    received_on = serializers.DateField()
    purpose = serializers.CharField()
    designation = serializers.CharField()
    beneficiary = serializers.CharField()
    official_ticket = serializers.CharField()
    ticket_code = serializers.CharField()
    receipt = serializers.SerializerMethodField()
    handled_by_name = serializers.CharField(source="handled_by")
    recorded_at = serializers.DateTimeField()
    lines = DonationLineOutput(many=True)

    def get_receipt(self, donation: Donation) -> str | None:
        """The number of the receipt, which anybody can check."""
        receipt = getattr(donation, "receipt", None)
        return receipt.number if receipt else None


class DonationList(ListAPIView[Donation]):
    """Donations in reach, newest first."""

    serializer_class = DonationOutput
    queryset = Donation.objects.none()

    def get_queryset(self) -> QuerySet[Donation]:
        """Only staff have donations in reach."""
        return queries.donations_visible_to(_reader(self.request))

    @extend_schema(
        request=PolymorphicProxySerializer("DonationRequest", [GoodsInput, MoneyInput], "kind", many=False),
        responses={201: DonationOutput},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Record a donation; goods enter stock in the same transaction. `Idempotency-Key` is honoured."""
        kind = _KindInput(data=request.data)
        kind.is_valid(raise_exception=True)
        actor = _reader(request)
        if kind.validated_data["kind"] == DonationKind.GOODS:
            donation = _receive_goods(_validated(GoodsInput, request), actor)
        else:
            donation = _record_money(_validated(MoneyInput, request), actor)
        shown = queries.donations_visible_to(actor).get(pk=donation.pk)
        return Response(DonationOutput(shown).data, status=201)


def _receive_goods(given: Mapping[str, Any], actor: Actor) -> Donation:
    store = Store.objects.filter(pk=given["store"]).first()
    if store is None:
        raise NotFound(field="store")
    return services.receive_goods(
        donor=_donor(given["donor"], actor),
        store=store,
        lines=[
            services.GoodsLine(line["product"], line["quantity"], line.get("expires_on"))
            for line in given["lines"]
        ],
        received_on=given["received_on"],
        purpose=given["purpose"],
        meant=_meant(given),
        waived=given["receipt_waived"],
        valuation_fen=given["valuation_fen"],
        official_ticket=given["official_ticket"],
        ticket_code=given["ticket_code"],
        actor=actor,
        at=timezone.now(),
    )


def _record_money(given: Mapping[str, Any], actor: Actor) -> Donation:
    organization = Organization.objects.filter(pk=given["organization"]).first()
    if organization is None:
        raise NotFound(field="organization")
    return services.record_money(
        donor=_donor(given["donor"], actor),
        organization=organization,
        amount_fen=given["amount_fen"],
        received_on=given["received_on"],
        purpose=given["purpose"],
        method=given["method"],
        meant=_meant(given),
        waived=given["receipt_waived"],
        official_ticket=given["official_ticket"],
        ticket_code=given["ticket_code"],
        again=given["again"],
        actor=actor,
        at=timezone.now(),
    )


def _meant(given: Mapping[str, Any]) -> services.Meant:
    return services.Meant(
        designation=given["designation"],
        beneficiary=given["beneficiary"],
        beneficiary_code=given["beneficiary_code"],
        unrelated=given["unrelated"],
    )


def _donor(pk: int, actor: Actor) -> Donor:
    donor = queries.donors_visible_to(actor).filter(pk=pk).first()
    if donor is None:
        raise NotFound(field="donor")
    return donor


def _reader(request: Request) -> Actor:
    """Return the caller, who must hold a role that deals with donations.

    :raises Forbidden: a volunteer without any.
    """
    actor = actor_for(request.user)
    if not actor.has(*queries.READERS):
        raise Forbidden
    return actor


def _validated(kind: type[serializers.Serializer[Any]], request: Request) -> Mapping[str, Any]:
    data = kind(data=request.data)
    data.is_valid(raise_exception=True)
    validated: Mapping[str, Any] = data.validated_data
    return validated
