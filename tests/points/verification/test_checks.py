"""Every thing that can be broken around the triggers is found, told by its keys, and left as it is."""

from contextlib import contextmanager
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse
from prometheus_client import REGISTRY

from backend.accounts.scopes import Actor
from points.gifts import services as gifts
from points.ledger.models import Account, Lot, Transfer
from points.market import services as market
from points.models import Award, Entry, Gift, Redemption
from points.scoring.services import award_records, reverse_records
from points.verification import queries
from points.verification.models import LedgerCheck
from points.verification.services import verify_ledger
from tests.factories.accounts import StaffFactory
from tests.factories.database import refused_by
from tests.factories.gifts import gift_rules, relatives
from tests.factories.ledger import default_rules, serve, take_back
from tests.factories.market import make_product, reserve
from tests.factories.volunteers import VolunteerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def zhang(now):
    """Somebody with awards, a reversal, gifts, a redemption that waits and one given back."""
    default_rules()
    gift_rules(version=2, effective_from=now.date())
    volunteer, daughter = VolunteerFactory(), VolunteerFactory()
    records = [serve(150, volunteer=volunteer, hour=hour) for hour in (1, 5, 9)]
    award_records(record_ids=[record.pk for record in records], at=now)
    take_back(records[0])
    reverse_records(record_ids=[records[0].pk], at=now)
    relatives(volunteer, daughter, at=now)
    gifts.give(volunteer=volunteer, to="relative", points=5, token="a", at=now)
    gifts.give(volunteer=volunteer, to="pool", points=5, token="b", at=now)
    product = make_product()
    reserve(volunteer, product, at=now)
    given_back = reserve(volunteer, product, at=now)
    market.cancel(redemption_id=given_back.pk, actor=Actor(user_id=volunteer.user_id), at=now)
    connection.check_constraints()  # nothing deferred is left when a table is altered
    return volunteer


@contextmanager
def unguarded(*tables):
    """Let somebody with the owner's password write what no trigger would let pass."""
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield cursor
        connection.check_constraints()  # of foreign keys, or the table could not be altered
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def found(now):
    return {finding["check"]: finding["examples"] for finding in verify_ledger(at=now).findings}


def test_sound_books_agree(zhang, now):
    check = verify_ledger(at=now)

    assert (check.ok, check.findings) == (True, [])
    assert queries.drift() is None


def test_empty_books_agree(now):
    assert verify_ledger(at=now).ok


def test_a_changed_entry_is_found(zhang, now):
    entry = Entry.objects.filter(account__volunteer=zhang, amount__gt=0).order_by("pk").first()
    with unguarded("points_entry") as cursor:
        cursor.execute("UPDATE points_entry SET amount = amount + 1 WHERE id = %s", [entry.pk])

    told = found(now)

    assert told["transfer_sums"] == [entry.transfer_id]
    assert told["account_balances"] == [entry.account_id]
    assert told["lot_origins"] == list(
        Lot.objects.filter(transfer=entry.transfer).values_list("pk", flat=True)
    )


def test_a_removed_transfer_is_found(zhang, now):
    award = Award.objects.filter(kind="service").order_by("-pk").first()
    with unguarded("points_entry") as cursor:
        cursor.execute("DELETE FROM points_entry WHERE transfer_id = %s", [award.transfer_id])

    told = found(now)

    assert told["transfer_sums"] == [award.transfer_id]
    assert told["awards"] == [award.pk]


def test_a_changed_balance_is_found(zhang, now):
    with unguarded("points_account") as cursor:
        cursor.execute("UPDATE points_account SET balance = 1000 WHERE volunteer_id = %s", [zhang.pk])
    account = Account.objects.get(volunteer=zhang).pk

    assert found(now) == {"account_balances": [account], "account_lots": [account]}


def test_a_changed_lot_is_found(zhang, now):
    lot = Lot.objects.filter(account__volunteer=zhang, remaining__gt=0).first()
    with unguarded("points_lot") as cursor:
        cursor.execute("UPDATE points_lot SET remaining = remaining - 1 WHERE id = %s", [lot.pk])

    assert found(now) == {"account_lots": [lot.account_id], "lot_remainders": [lot.pk]}


def test_a_changed_key_is_found(zhang, now):
    transfer = Transfer.objects.filter(kind="award").first()
    with unguarded("points_transfer") as cursor:
        cursor.execute("UPDATE points_transfer SET key = 'mine' WHERE id = %s", [transfer.pk])

    assert found(now) == {"transfer_keys": [transfer.pk]}


def test_a_key_used_twice_is_found(zhang, now):
    first, second = (
        Transfer.objects.filter(kind="reversal").first(),
        Transfer.objects.filter(kind="award").first(),
    )
    with unguarded("points_transfer") as cursor:
        cursor.execute("ALTER TABLE points_transfer DROP CONSTRAINT transfer_key_once")
        cursor.execute("UPDATE points_transfer SET key = %s WHERE id = %s", [second.key, first.pk])

    # The one that came first, because there are two; the changed one, because it names another record.
    assert found(now) == {"transfer_keys": sorted({min(first.pk, second.pk), first.pk})}


def test_a_changed_award_is_found(zhang, now):
    award = Award.objects.filter(kind="service").first()
    with unguarded("points_award") as cursor:
        cursor.execute("UPDATE points_award SET points = points + 1 WHERE id = %s", [award.pk])

    assert found(now) == {"awards": [award.pk]}


def test_points_awarded_without_an_award_are_found(zhang, now):
    award = Award.objects.filter(kind="service").order_by("-pk").first()
    with unguarded("points_award") as cursor:
        cursor.execute("DELETE FROM points_award WHERE id = %s", [award.pk])

    assert found(now) == {"awarded_transfers": [award.transfer_id]}


def test_goods_handed_over_without_their_points_are_found(zhang, now):
    waiting = Redemption.objects.get(status="reserved")
    held = Transfer.objects.get(key=f"redemption:{waiting.pk}:hold")
    with unguarded("points_redemption") as cursor:
        cursor.execute(
            "UPDATE points_redemption SET status = 'cancelled', settled_at = created_at WHERE id = %s",
            [waiting.pk],
        )

    assert found(now) == {"open_holds": [held.pk]}


def test_a_redemption_of_another_price_is_found(zhang, now):
    waiting = Redemption.objects.get(status="reserved")
    with unguarded("points_redemption") as cursor:
        cursor.execute("UPDATE points_redemption SET points = 1 WHERE id = %s", [waiting.pk])

    assert found(now) == {"redemptions": [waiting.pk]}


def test_a_settlement_of_another_amount_is_found(zhang, now):
    release = Transfer.objects.get(kind="release")
    with unguarded("points_entry") as cursor:
        cursor.execute("UPDATE points_entry SET amount = amount * 2 WHERE transfer_id = %s", [release.pk])

    assert found(now)["settlements"] == [release.pk]


def test_a_reversal_of_nothing_is_found(zhang, now):
    reversal = Transfer.objects.get(kind="reversal")
    with unguarded("points_transfer") as cursor:
        cursor.execute("ALTER TABLE points_transfer DROP CONSTRAINT transfer_reverses_by_kind")
        cursor.execute("UPDATE points_transfer SET reverses_id = NULL WHERE id = %s", [reversal.pk])

    assert found(now) == {"reversals": [reversal.pk]}


def test_a_changed_gift_is_found(zhang, now):
    gift = Gift.objects.first()
    with unguarded("points_gift") as cursor:
        cursor.execute("UPDATE points_gift SET points = 50 WHERE id = %s", [gift.pk])

    assert found(now) == {"gifts": [gift.pk]}


def test_many_wrong_rows_are_counted_and_ten_are_named(zhang, now):
    Account.objects.bulk_create(Account(kind="volunteer", volunteer=VolunteerFactory()) for _ in range(12))
    connection.check_constraints()
    with unguarded("points_account") as cursor:
        cursor.execute("UPDATE points_account SET balance = 1 WHERE kind = 'volunteer' AND balance = 0")

    finding = next(row for row in verify_ledger(at=now).findings if row["check"] == "account_balances")

    assert (finding["count"], len(finding["examples"])) == (12, 10)


def test_nothing_is_repaired_and_the_alarm_stands_until_a_later_look_finds_nothing(zhang, now):
    lot = Lot.objects.filter(account__volunteer=zhang, remaining__gt=0).first()
    with unguarded("points_lot") as cursor:
        cursor.execute("UPDATE points_lot SET remaining = remaining - 1 WHERE id = %s", [lot.pk])

    verify_ledger(at=now)
    assert Lot.objects.get(pk=lot.pk).remaining == lot.remaining - 1
    assert queries.drift() == LedgerCheck.objects.get()
    assert REGISTRY.get_sample_value("jishan_ledger_drift") == 2

    with unguarded("points_lot") as cursor:
        cursor.execute("UPDATE points_lot SET remaining = remaining + 1 WHERE id = %s", [lot.pk])
    verify_ledger(at=now + timedelta(days=1))

    assert queries.drift() is None
    assert REGISTRY.get_sample_value("jishan_ledger_drift") == 0


def test_the_command_says_what_it_found_and_fails(zhang):
    out, err = StringIO(), StringIO()
    call_command("verify_ledger", stdout=out, stderr=err)
    assert out.getvalue() == "the books agree\n"

    with unguarded("points_account") as cursor:
        cursor.execute("UPDATE points_account SET balance = 1000 WHERE volunteer_id = %s", [zhang.pk])
    with pytest.raises(CommandError):
        call_command("verify_ledger", stdout=out, stderr=err)

    key = Account.objects.get(volunteer=zhang).pk
    assert err.getvalue().splitlines() == [f"account_balances: 1 ({key})", f"account_lots: 1 ({key})"]


def test_the_back_office_says_so_on_every_page(client, now):
    client.force_login(StaffFactory(is_staff=True, is_superuser=True))
    words = "账目核对发现差错"
    assert words not in client.get(reverse("admin:index")).content.decode()

    LedgerCheck.objects.create(
        at=now, day=now.date(), ok=False, findings=[{"check": "gifts", "count": 1, "examples": [1]}]
    )

    assert words in client.get(reverse("admin:index")).content.decode()
    assert words in client.get(reverse("admin:points_ledgercheck_changelist")).content.decode()


def test_a_look_is_kept_as_it_was(now):
    verify_ledger(at=now)

    with refused_by("ledger_check_append_only"):
        LedgerCheck.objects.update(ok=False)
    for ok, findings in ((True, [{"check": "gifts"}]), (False, [])):
        with refused_by("ledger_check_says_what_it_found"):
            LedgerCheck.objects.create(at=now, day=now.date(), ok=ok, findings=findings)
