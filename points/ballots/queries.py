"""Reading ballots: what anybody may see, and one's own tickets."""

from collections.abc import Collection

from django.db.models import Count, F, Q, QuerySet

from backend.accounts.scopes import Actor
from points.ballots.choices import Outcome
from points.ballots.models import Ballot, BallotEntry
from points.market.queries import stores_kept_by
from volunteers.people.household_models import HouseholdMember
from volunteers.people.models import Volunteer


def ballots(*, region_prefix: str = "") -> QuerySet[Ballot]:
    """Return every ballot with store, product and the number of entries, newest first."""
    found = Ballot.objects.filter(store__region__code__startswith=region_prefix)
    return found.select_related("store", "product").annotate(entered=Count("entries")).order_by("-pk")


def ballots_kept_by(actor: Actor) -> QuerySet[Ballot]:
    """Return the ballots of the stores the actor keeps."""
    return ballots().filter(store__in=stores_kept_by(actor))


def tickets(ballot: Ballot) -> QuerySet[BallotEntry]:
    """Return the tickets as the public sees them: drawn ones in their order, others by number.

    Never in the order in which people entered: who saw somebody enter would know their ticket.
    """
    return BallotEntry.objects.filter(ballot=ballot).order_by(F("rank").asc(nulls_last=True), "ticket")


def entries_of(volunteer: Volunteer, ballot_ids: Collection[int] | None = None) -> QuerySet[BallotEntry]:
    """Return a volunteer's own tickets, newest first."""
    mine = BallotEntry.objects.filter(volunteer=volunteer).select_related(
        "ballot__store", "ballot__product", "redemption"
    )
    return mine if ballot_ids is None else mine.filter(ballot_id__in=ballot_ids)


def household_won(entry: BallotEntry) -> bool:
    """Whether somebody of the entrant's household, of then or of now, has won this ballot already."""
    lives = HouseholdMember.objects.filter(left_at__isnull=True)
    homes = set(lives.filter(volunteer=entry.volunteer_id).values_list("household_id", flat=True))
    if entry.household_id is not None:
        homes.add(entry.household_id)
    family = Q(household__in=homes) | Q(volunteer__in=lives.filter(household__in=homes).values("volunteer"))
    won = BallotEntry.objects.filter(family, ballot_id=entry.ballot_id, outcome=Outcome.WON)
    return won.exclude(pk=entry.pk).exists()
