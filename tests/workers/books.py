"""What must be true of the books after every accident."""

from django.db.models import Count, F, Sum
from django.db.models.functions import Coalesce

from points.ledger.models import Account, Entry
from points.scoring.models import Award
from volunteers.records.choices import RecordKind
from volunteers.records.models import ServiceRecord


def trial_balance() -> int:
    """Return the sum of all entries, which is zero."""
    return Entry.objects.aggregate(total=Coalesce(Sum("amount"), 0))["total"]


def accounts_out_of_balance() -> list[Account]:
    """Return the volunteers' accounts whose open lots are not their balance; there are none."""
    accounts = Account.objects.exclude(volunteer=None).annotate(open=Coalesce(Sum("lots__remaining"), 0))
    return list(accounts.exclude(open=F("balance")))


def awarded_other_than_once() -> list[int]:
    """Return the approved records that have no award, or more than one; there are none."""
    records = ServiceRecord.objects.filter(kind=RecordKind.SERVICE).annotate(times=Count("awards"))
    return list(records.exclude(times=1).values_list("pk", flat=True))


def check() -> None:
    """Check them, and that there is something to check."""
    assert Award.objects.exists()
    assert trial_balance() == 0
    assert accounts_out_of_balance() == []
    assert awarded_other_than_once() == []
