"""Audit rows name who, what and when, and are never changed."""

import pytest
from django.db import IntegrityError, connection, transaction

from backend.accounts.models import User
from backend.accounts.scopes import Actor
from backend.core import audit
from backend.core.models import AuditEntry

pytestmark = pytest.mark.django_db


def test_a_row_names_actor_action_and_target(now):
    user = User.objects.create(username="clerk")

    audit.record(
        actor=Actor(user_id=7), action="user.closed", target=user, detail={"reason": "moved"}, at=now
    )

    row = AuditEntry.objects.get()
    assert (row.at, row.actor_id, row.action) == (now, 7, "user.closed")
    assert (row.target_type, row.target_id, row.detail) == (
        "accounts.user",
        str(user.pk),
        {"reason": "moved"},
    )


def test_a_row_of_the_clock_has_no_actor_and_may_have_no_target(now):
    audit.record(actor=None, action="nightly", target=None, at=now)

    row = AuditEntry.objects.get()
    assert (row.actor_id, row.target_type, row.target_id, row.detail) == (None, "", "", {})


def test_a_row_goes_with_the_transaction_it_reports(now):
    with transaction.atomic():
        audit.record(actor=None, action="undone", target=None, at=now)
        transaction.set_rollback(True)

    assert AuditEntry.objects.count() == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE core_auditentry SET action = 'nothing happened'",
        "UPDATE core_auditentry SET at = at",
        "DELETE FROM core_auditentry",
    ],
)
def test_postgresql_changes_and_removes_no_row(now, statement):
    audit.record(actor=None, action="opened", target=None, at=now)

    with (
        pytest.raises(IntegrityError, match="audit_append_only") as refused,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)

    assert refused.value.__cause__.diag.constraint_name == "audit_append_only"
    assert AuditEntry.objects.get().action == "opened"


def test_the_model_removes_no_row_either(now):
    audit.record(actor=None, action="opened", target=None, at=now)

    with pytest.raises(IntegrityError, match="audit_append_only"), transaction.atomic():
        AuditEntry.objects.get().delete()
