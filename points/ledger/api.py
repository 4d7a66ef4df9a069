"""`/points/balance/` and `/points/entries/`: one's own, or a volunteer's for staff of their region."""

from datetime import date

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import get_language
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.scopes import actor_for
from backend.core.errors import Forbidden, Invalid, NotFound
from points.ledger import queries
from points.ledger.models import Entry, TransferKind
from volunteers.people.models import Volunteer
from volunteers.people.queries import READERS, visible_to, volunteer_of

WHOSE = OpenApiParameter(
    "volunteer",
    int,
    description="Staff and supervisors: whose points, inside their regions. Default: one's own.",
)


class BalanceOutput(serializers.Serializer[queries.Balance]):
    """Points to spend, points set aside, and what expires next."""

    available = serializers.IntegerField(help_text="Negative while points are owed.")
    held = serializers.IntegerField()
    expiring_soon = serializers.IntegerField(help_text="Expires within 30 days.")
    next_expiry = serializers.DateField(allow_null=True, help_text="Last day of the points that expire next.")
    next_expiry_points = serializers.IntegerField()


class BalanceDetail(APIView):
    """A volunteer's balance."""

    @extend_schema(parameters=[WHOSE], responses=BalanceOutput)
    def get(self, request: Request) -> Response:
        return Response(BalanceOutput(queries.balance(whose(request), at=timezone.now())).data)


class EntryOutput(serializers.ModelSerializer[Entry]):
    """One line of the statement, with its reason in the caller's language."""

    points = serializers.IntegerField(source="amount")
    kind = serializers.ChoiceField(source="transfer.kind", choices=TransferKind.choices)
    at = serializers.DateTimeField(source="transfer.at")
    business_day = serializers.DateField(source="transfer.business_day")
    sentence = serializers.SerializerMethodField()
    source_type = serializers.CharField(source="transfer.source_type")
    source_id = serializers.IntegerField(source="transfer.source_id")
    rule_version = serializers.CharField(source="transfer.rule_version", allow_null=True)

    class Meta:
        model = Entry
        fields = (
            "id",
            "points",
            "kind",
            "at",
            "business_day",
            "sentence",
            "source_type",
            "source_id",
            "rule_version",
        )

    def get_sentence(self, entry: Entry) -> str:
        """Why the points moved."""
        english = (get_language() or "").startswith("en")
        return entry.transfer.sentence_en if english else entry.transfer.sentence_zh


# The days are called `from` and `to`, as clients know them; `from` is a word Python keeps for itself.
ChosenInput = type(
    "ChosenInput",
    (serializers.Serializer,),
    {
        "__doc__": "Which lines of a statement; both days belong to it.",
        "kind": serializers.ChoiceField(choices=TransferKind.choices, required=False),
        "from": serializers.DateField(required=False),
        "to": serializers.DateField(required=False),
    },
)


CHOSEN = [
    OpenApiParameter("kind", str, enum=list(TransferKind.values), description="Only this kind of movement."),
    OpenApiParameter("from", date, description="First business day."),
    OpenApiParameter("to", date, description="Last business day."),
]


def chosen_by(request: Request) -> queries.Chosen:
    """Read the filters of a statement.

    :raises ValidationError: a kind there is none of, or a day that is none.
    """
    given = {name: value for name, value in request.query_params.items() if value}
    data = ChosenInput(data=given)
    data.is_valid(raise_exception=True)
    read = data.validated_data
    return queries.Chosen(kind=read.get("kind"), since=read.get("from"), until=read.get("to"))


@extend_schema(parameters=[WHOSE, *CHOSEN])
class EntryList(ListAPIView[Entry]):
    """A volunteer's statement, newest first."""

    serializer_class = EntryOutput
    filter_backends = ()
    queryset = Entry.objects.none()

    def get_queryset(self) -> QuerySet[Entry]:
        return queries.statement(whose(self.request), chosen_by(self.request))


def whose(request: Request) -> Volunteer:
    """Return the volunteer asked about.

    :raises Invalid: `volunteer` is not a number.
    :raises Forbidden: somebody else's points, and the caller's roles never see those.
    :raises NotFound: no such volunteer in the caller's regions, or the caller is no volunteer.
    """
    own = volunteer_of(request.user)
    asked = _number(request.query_params.get("volunteer"))
    if asked is None or (own is not None and asked == own.pk):
        found = own
    else:
        actor = actor_for(request.user)
        if not actor.has(*READERS):
            raise Forbidden
        found = visible_to(actor).filter(pk=asked).first()
    if found is None:
        raise NotFound
    return found


def _number(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        number: int = serializers.IntegerField(min_value=1, max_value=2**63 - 1).run_validation(text)
    except serializers.ValidationError as error:
        raise Invalid(field="volunteer") from error
    return number
