"""The database refuses, whoever asks and however: every test here goes around the services."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from points.ledger.models import Account, AccountKind, Entry, Lot, LotUse, Transfer, TransferKind
from points.ledger.services import account_of, system_account
from tests.factories.ledger import NEXT_YEAR_END, account, give, hold
from tests.factories.volunteers import VolunteerFactory

pytestmark = pytest.mark.django_db


@contextmanager
def committed():
    with transaction.atomic():
        yield
        connection.check_constraints()  # what COMMIT would say


@contextmanager
def refused(constraint):
    """What is written inside is refused by this constraint, at once or at commit."""
    with pytest.raises(IntegrityError) as refusal, committed():
        yield
    assert refusal.value.__cause__.diag.constraint_name == constraint


@pytest.fixture
def zhang():
    return VolunteerFactory()


@pytest.fixture
def award(zhang, now):
    return give(zhang, 25, key="award", at=now)


def transfer(now, *, key="raw", kind=TransferKind.ADJUSTMENT, **links: Transfer):
    return Transfer.objects.create(
        key=key,
        kind=kind,
        at=now,
        business_day=now.date(),
        sentence_zh="手工",
        sentence_en="by hand",
        source_type="test",
        source_id=1,
        **links,
    )


def legs(made, *amounts: tuple[Account, int]):
    Entry.objects.bulk_create(Entry(transfer=made, account=to, amount=amount) for to, amount in amounts)


def test_a_transfer_whose_legs_do_not_cancel_out_is_refused(zhang, now):
    with refused("transfer_sums_to_zero"):
        legs(
            transfer(now),
            (system_account(AccountKind.REDEEMED), 25),
            (system_account(AccountKind.ISSUANCE), -24),
        )


def test_a_transfer_without_legs_is_refused(now):
    with refused("transfer_sums_to_zero"):
        transfer(now)


def test_a_leg_added_to_an_old_transfer_is_refused(award):
    with refused("transfer_sums_to_zero"):
        legs(award, (system_account(AccountKind.REDEEMED), 5))


def test_a_transfer_key_can_be_used_once(award, now):
    with refused("transfer_key_once"):
        transfer(now, key="award")


def test_an_account_has_one_leg_in_a_transfer(award, zhang):
    with refused("entry_once_per_account"):
        legs(award, (account(zhang), 1))


def test_an_entry_moves_something(award):
    with refused("entry_amount_not_zero"):
        legs(award, (system_account(AccountKind.REDEEMED), 0))


def test_a_volunteer_cannot_spend_more_than_they_have(award, zhang, now):
    with refused("account_not_negative"):
        legs(
            transfer(now, kind=TransferKind.HOLD),
            (account(zhang), -26),
            (system_account(AccountKind.HELD), 26),
        )


def test_only_a_reversal_may_leave_a_volunteer_owing_even_when_the_account_may(award, zhang, now):
    Account.objects.filter(volunteer=zhang).update(may_go_negative=True)

    with refused("account_not_negative"):
        legs(
            transfer(now, kind=TransferKind.HOLD),
            (account(zhang), -26),
            (system_account(AccountKind.HELD), 26),
        )


def test_points_without_a_lot_are_refused(zhang, now):
    with refused("lots_equal_balance"):
        legs(transfer(now), (account_of(zhang), 5), (system_account(AccountKind.ADJUSTMENT), -5))


def test_a_lot_without_points_is_refused(award, zhang, now):
    with refused("lots_equal_balance"):
        made = transfer(now)
        legs(
            made, (system_account(AccountKind.CHARITY_POOL), 5), (system_account(AccountKind.ADJUSTMENT), -5)
        )
        Lot.objects.create(
            account=account(zhang), transfer=made, amount=5, remaining=5, expires_at=NEXT_YEAR_END
        )


def test_points_spent_out_of_no_lot_are_refused(award, zhang, now):
    with refused("lots_equal_balance"):
        legs(
            transfer(now, kind=TransferKind.HOLD),
            (account(zhang), -5),
            (system_account(AccountKind.HELD), 5),
        )


def test_a_balance_cannot_be_written_by_hand(award, zhang):
    with refused("account_balance_by_entries_only"):
        Account.objects.filter(volunteer=zhang).update(balance=1000)


def test_an_account_starts_empty(zhang):
    with refused("account_starts_empty"):
        Account.objects.create(kind=AccountKind.VOLUNTEER, volunteer=zhang, balance=1000)


def test_an_account_stays_with_its_owner(award, zhang):
    with refused("account_keeps_its_owner"):
        Account.objects.filter(volunteer=zhang).update(volunteer=VolunteerFactory())


def test_a_volunteer_has_one_account(award, zhang):
    with refused("account_one_per_volunteer"):
        Account.objects.create(kind=AccountKind.VOLUNTEER, volunteer=zhang)


def test_there_is_one_account_of_each_system_kind(award):
    with refused("account_one_per_system_kind"):
        Account.objects.create(kind=AccountKind.ISSUANCE)


def test_a_volunteer_account_needs_a_volunteer():
    with refused("account_volunteer_by_kind"):
        Account.objects.create(kind=AccountKind.VOLUNTEER)


def test_a_system_account_belongs_to_nobody(zhang):
    with refused("account_volunteer_by_kind"):
        Account.objects.create(kind=AccountKind.HELD, volunteer=zhang)


def test_an_account_kind_is_one_of_the_list():
    with refused("account_kind_known"):
        Account.objects.create(kind="slush_fund")


def test_a_system_account_cannot_be_allowed_to_owe(award):
    with refused("account_system_keeps_no_balance"):
        Account.objects.filter(kind=AccountKind.ISSUANCE).update(may_go_negative=True)


@pytest.mark.parametrize("change", [{"sentence_zh": "别的"}, {"key": "other"}, {"at": None}])
def test_a_transfer_is_never_changed(award, change):
    with refused("transfer_append_only"):
        Transfer.objects.filter(pk=award.pk).update(**change)


def test_an_entry_is_never_changed_or_removed(award):
    with refused("entry_append_only"):
        award.entries.update(amount=1)
    with refused("entry_append_only"):
        award.entries.all()._raw_delete("default")


def test_a_transfer_is_never_removed(award):
    with refused("transfer_append_only"):
        Transfer.objects.filter(pk=award.pk)._raw_delete("default")


def test_a_lot_use_is_never_changed_or_removed(award, zhang, now):
    hold(zhang, 5, key="hold", at=now)

    with refused("lot_use_append_only"):
        LotUse.objects.update(amount=-4)
    with refused("lot_use_append_only"):
        LotUse.objects.all()._raw_delete("default")


def test_what_is_left_of_a_lot_cannot_be_written_by_hand(award):
    with refused("lot_remaining_by_uses_only"):
        Lot.objects.update(remaining=1)


def test_a_lot_keeps_its_amount_and_never_expires_earlier(award):
    with refused("lot_is_a_fact"):
        Lot.objects.update(amount=26)
    with refused("lot_is_a_fact"):
        Lot.objects.update(expires_at=NEXT_YEAR_END - timedelta(days=1))


def test_a_lot_is_never_removed(award):
    with refused("lot_never_removed"):
        Lot.objects.all()._raw_delete("default")


def test_a_lot_starts_whole(award, zhang):
    with refused("lot_starts_whole"):
        Lot.objects.create(
            account=account(zhang), transfer=award, amount=5, remaining=4, expires_at=NEXT_YEAR_END
        )


def test_a_lot_holds_a_positive_amount(award, zhang):
    with refused("lot_amount_positive"):
        Lot.objects.create(
            account=account(zhang), transfer=award, amount=0, remaining=0, expires_at=NEXT_YEAR_END
        )


def test_a_transfer_fills_one_lot_of_an_account(award, zhang):
    with refused("lot_once_per_transfer"):
        Lot.objects.create(
            account=account(zhang), transfer=award, amount=5, remaining=5, expires_at=NEXT_YEAR_END
        )


@pytest.mark.parametrize("amount", [-26, 1])
def test_a_lot_gives_no_more_than_it_has_and_takes_no_more_back_than_it_gave(award, now, amount):
    with refused("lot_remaining_in_range"):
        LotUse.objects.create(transfer=award, lot=Lot.objects.get(), amount=amount)


def test_a_use_of_a_lot_moves_something(award):
    with refused("lot_use_amount_not_zero"):
        LotUse.objects.create(transfer=award, lot=Lot.objects.get(), amount=0)


def test_a_hold_is_settled_once(award, zhang, now):
    held = hold(zhang, 5, key="hold", at=now)
    transfer(now, key="first", kind=TransferKind.CAPTURE, settles=held)

    with refused("transfer_settled_once"):
        transfer(now, key="second", kind=TransferKind.RELEASE, settles=held)
    legs(
        Transfer.objects.get(key="first"),
        (system_account(AccountKind.HELD), -5),
        (system_account(AccountKind.REDEEMED), 5),
    )


def test_a_settlement_moves_exactly_what_was_held(award, zhang, now):
    held = hold(zhang, 5, key="hold", at=now)

    with refused("settlement_matches_hold"):
        legs(
            transfer(now, kind=TransferKind.CAPTURE, settles=held),
            (system_account(AccountKind.HELD), -6),
            (system_account(AccountKind.REDEEMED), 6),
        )


def test_only_a_hold_can_be_settled(award, now):
    with refused("settlement_matches_hold"):
        legs(
            transfer(now, kind=TransferKind.CAPTURE, settles=award),
            (system_account(AccountKind.EXPIRED), -6),
            (system_account(AccountKind.REDEEMED), 6),
        )


def test_an_award_is_reversed_once(award, zhang, now):
    made = transfer(now, key="first", kind=TransferKind.REVERSAL, reverses=award)

    with refused("transfer_reversed_once"):
        transfer(now, key="second", kind=TransferKind.REVERSAL, reverses=award)
    legs(made, (system_account(AccountKind.EXPIRED), -25), (system_account(AccountKind.ISSUANCE), 25))


@pytest.mark.parametrize(
    ("kind", "constraint"),
    [
        (TransferKind.CAPTURE, "transfer_settles_by_kind"),
        (TransferKind.RELEASE, "transfer_settles_by_kind"),
        (TransferKind.REVERSAL, "transfer_reverses_by_kind"),
        ("present", "transfer_kind_known"),
    ],
)
def test_a_transfer_of_a_kind_has_what_the_kind_needs(now, kind, constraint):
    with refused(constraint):
        transfer(now, kind=kind)


def test_an_award_neither_settles_nor_reverses(award, now):
    with refused("transfer_settles_by_kind"):
        transfer(now, kind=TransferKind.AWARD, settles=award)
    with refused("transfer_reverses_by_kind"):
        transfer(now, kind=TransferKind.AWARD, reverses=award)
