"""A new contact for a file that has one: two people, one request at a time, an audit row for every step."""

from typing import Any

import pytest

from backend.accounts.scopes import Role, actor_for
from backend.core.errors import Forbidden, NotFound
from backend.core.models import AuditEntry
from points.giving import contact_requests, donor_files, errors
from points.giving.models import Donor
from tests.factories.accounts import UserFactory, make_actor
from tests.factories.giving import asked_contact, make_owner
from tests.factories.market import DonorFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def asker():
    return make_actor(Role.COMMUNITY_STAFF, "52")


@pytest.fixture
def second():
    return make_actor(Role.COMMUNITY_STAFF, "52")


def contact_of(donor: Donor) -> tuple[Any, ...]:
    held = Donor.objects.get(pk=donor.pk)
    return held.user, held.contact and held.contact.open(), held.contact_index


def steps() -> list[tuple[str, int | None]]:
    return list(
        AuditEntry.objects.filter(action__startswith="donor.contact")
        .order_by("pk")
        .values_list("action", "actor_id")
    )


def test_one_person_changes_nothing_of_a_file_that_has_a_contact_or_an_owner(asker, now):
    owned, waiting = DonorFactory.create(), DonorFactory.create(contact="微信 chen")
    make_owner(owned)
    said = {"contact": "13900008888", "reason": "换了号码", "actor": asker, "at": now}

    for donor in (owned, waiting):
        before = contact_of(donor)
        with pytest.raises(errors.ContactNeedsTwo):
            donor_files.change_contact(donor=donor, **said)
        request = contact_requests.ask_contact(donor=donor, **said)
        assert (request.contact.open(), contact_of(donor)) == ("13900008888", before)


def test_two_people_change_it_once_and_the_same_answer_again_is_the_same(asker, second, now):
    donor = DonorFactory.create()
    make_owner(donor)
    request = asked_contact(donor, asker, at=now)
    decide = {"request_id": request.pk, "at": now}

    with pytest.raises(errors.ContactDecidedByAsker):
        contact_requests.agree_contact(**decide, actor=asker)
    agreed = [contact_requests.agree_contact(**decide, actor=second) for _ in range(2)]
    for late in (contact_requests.refuse_contact, contact_requests.withdraw_contact):
        with pytest.raises(errors.ContactRequestDecided):
            late(**decide, actor=asker)

    assert agreed == [request, request]
    assert contact_of(donor) == (None, "13900008888", request.contact_index)
    assert steps() == [("donor.contact_ask", asker.user_id), ("donor.contact_agreed", second.user_id)]
    assert {row.detail == {} for row in AuditEntry.objects.all()} == {True}, "and no phone"
    newcomer = UserFactory.create(phone="13900008888")
    assert donor_files.claim_donors(user=newcomer, at=now) == [donor]


def test_an_agreed_request_may_take_the_contact_away(asker, second, now):
    donor = DonorFactory.create()
    make_owner(donor)
    request = asked_contact(donor, asker, contact=" ", at=now)

    contact_requests.agree_contact(request_id=request.pk, actor=second, at=now)

    assert (request.masked, contact_of(donor)) == ("", (None, None, None))


def test_a_request_that_is_not_agreed_to_leaves_the_file_and_makes_room(asker, second, now):
    donor = DonorFactory.create()
    make_owner(donor)
    before = contact_of(donor)

    for who, end in (
        (second, contact_requests.refuse_contact),
        (asker, contact_requests.withdraw_contact),
    ):
        request = asked_contact(donor, asker, at=now)
        with pytest.raises(errors.ContactRequestOpen):
            asked_contact(donor, second, at=now)
        with pytest.raises(Forbidden):
            contact_requests.withdraw_contact(request_id=request.pk, actor=second, at=now)
        end(request_id=request.pk, actor=who, at=now)

    assert contact_of(donor) == before
    assert {action for action, _actor in steps()} == {
        "donor.contact_ask",
        "donor.contact_refused",
        "donor.contact_withdrawn",
    }


def test_only_who_keeps_the_file_asks_and_decides(asker, now):
    donor = DonorFactory.create(contact="13800001234")
    request = asked_contact(donor, asker, at=now)

    for actor, error in (
        (make_actor(Role.SUPERVISOR, "52"), Forbidden),
        (make_actor(Role.COMMUNITY_STAFF, "5101"), NotFound),
        (actor_for(UserFactory.create()), Forbidden),
    ):
        with pytest.raises(error):
            asked_contact(donor, actor, at=now)
        with pytest.raises(error):
            contact_requests.agree_contact(request_id=request.pk, actor=actor, at=now)
    with pytest.raises(NotFound):
        contact_requests.agree_contact(request_id=request.pk + 1, actor=asker, at=now)

    assert len(steps()) == 1


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"reason": " "}, errors.WordsInvalid),
        ({"reason": "长" * 201}, errors.WordsInvalid),
        ({"contact": "<script>"}, errors.WordsInvalid),
        ({"contact": "1\x00"}, errors.WordsInvalid),
        ({"donor": {"kind": "anonymous", "name": "爱心人士"}}, errors.DonorAnonymous),
    ],
)
def test_a_request_that_cannot_be_is_not_kept(asker, now, fields, error):
    donor = DonorFactory.create(**fields.get("donor", {"contact": "13800001234"}))
    said = {"contact": "13900008888", "reason": "换了号码"} | fields | {"donor": donor}

    with pytest.raises(error):
        contact_requests.ask_contact(**said, actor=asker, at=now)

    assert steps() == []
