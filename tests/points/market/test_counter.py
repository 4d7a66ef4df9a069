"""A clerk fills a basket, the volunteer agrees in one of three ways, and the goods go out."""

from datetime import timedelta

import pytest

from backend.accounts.errors import CodeExpired, CodeWrong, PhoneMissing
from backend.accounts.scopes import Role, actor_for
from backend.core.codes import TokenExpired, TokenMalformed
from backend.core.errors import Forbidden, NotFound
from points.ledger import queries as ledger
from points.market import counter, services
from points.market.choices import Channel, Confirmation, RedemptionStatus
from points.market.errors import (
    CardNeeded,
    ClerkServesSelf,
    ConfirmedBySamePerson,
    PickupCodeWrong,
    RedemptionLapsed,
    RedemptionNotConfirmed,
    WhoExpired,
)
from points.market.models import Batch
from points.market.redemption_models import Redemption
from points.market.services import LineInput
from tests.factories.accounts import make_actor, make_staff
from tests.factories.market import StoreFactory, clerk_of, make_clerk, make_product, make_redeemer, reserve
from tests.factories.volunteers import VolunteerFactory, make_household
from volunteers.people import passes
from volunteers.people.models import VolunteerCard

pytestmark = pytest.mark.django_db


@pytest.fixture
def rice():
    return make_product(10, points=10)


@pytest.fixture
def volunteer():
    return make_redeemer(100)


@pytest.fixture
def clerk(rice):
    return clerk_of(rice.store)


def pass_of(volunteer, at):
    return passes.passes(volunteer, at=at)[0].token


def card_of(volunteer, at):
    return passes.card_token(
        VolunteerCard.objects.create(volunteer=volunteer, version=1, issued_by=volunteer.user, issued_at=at)
    )


def basket(volunteer, rice, clerk, at, *, token=None):
    return counter.open_basket(
        volunteer=token or pass_of(volunteer, at),
        store_id=rice.store_id,
        lines=[LineInput(rice.pk, 2)],
        actor=clerk,
        at=at,
    )


def standing(volunteer, at):
    balance, batch = ledger.balance(volunteer, at=at), Batch.objects.get()
    return balance.available, balance.held, batch.on_hand, batch.reserved


def test_a_basket_holds_points_and_goods_for_ten_minutes_and_then_lapses(volunteer, rice, clerk, now):
    opened = basket(volunteer, rice, clerk, now)

    assert (opened.channel, opened.started_by_id, opened.reserved_until) == (
        Channel.COUNTER,
        clerk.user_id,
        now + timedelta(minutes=10),
    )
    assert standing(volunteer, now) == (80, 20, 10, 2)
    with pytest.raises(RedemptionNotConfirmed):
        counter.hand_over(redemption_id=opened.pk, actor=clerk, at=now)

    late = now + timedelta(minutes=10)
    with pytest.raises(RedemptionLapsed):
        counter.confirm_own(redemption_id=opened.pk, actor=actor_for(volunteer.user), at=late)
    assert services.lapse_due(at=late) == 1
    assert standing(volunteer, late) == (100, 0, 10, 0)


def test_the_volunteer_agrees_on_their_phone_and_twice_is_once(volunteer, rice, clerk, now):
    opened = basket(volunteer, rice, clerk, now)
    for somebody in (make_redeemer().user, make_staff(Role.COMMUNITY_STAFF, "52")):
        with pytest.raises(NotFound):
            counter.confirm_own(redemption_id=opened.pk, actor=actor_for(somebody), at=now)

    owner, later = actor_for(volunteer.user), now + timedelta(minutes=1)
    counter.confirm_own(redemption_id=opened.pk, actor=owner, at=now)
    counter.confirm_own(redemption_id=opened.pk, actor=owner, at=later)
    done = counter.hand_over(redemption_id=opened.pk, actor=clerk, at=later)

    assert (done.confirmation, done.confirmed_at, done.confirmed_by_id) == (
        Confirmation.OWN_PHONE,
        now,
        volunteer.user_id,
    )
    assert standing(volunteer, later) == (80, 0, 8, 0)


def test_what_was_reserved_by_phone_has_nothing_to_agree_to(volunteer, rice, now):
    waiting = reserve(volunteer, rice, at=now)

    with pytest.raises(NotFound):
        counter.confirm_own(redemption_id=waiting.pk, actor=actor_for(volunteer.user), at=now)


def test_a_code_read_out_agrees_to_this_basket_and_to_nothing_else(volunteer, rice, clerk, now):
    mine = basket(volunteer, rice, clerk, now)
    other = basket(volunteer, rice, clerk, now)
    sent = counter.send_code(redemption_id=mine.pk, actor=clerk, at=now)
    code = sent.demo_code or ""

    def say(redemption, text):
        return counter.confirm_by_code(redemption_id=redemption.pk, code=text, actor=clerk, at=now)

    with pytest.raises(CodeExpired):
        say(other, code)
    with pytest.raises(CodeWrong):
        say(mine, "000000" if code != "000000" else "000001")
    confirmed = say(mine, f" {code} ")
    again = say(mine, code)

    assert (confirmed.confirmation, confirmed.confirmed_by_id) == (
        Confirmation.ONE_TIME_CODE,
        volunteer.user_id,
    )
    assert again.confirmed_at == confirmed.confirmed_at
    with pytest.raises(NotFound):
        counter.send_code(redemption_id=mine.pk, actor=clerk_of(StoreFactory.create()), at=now)


def test_who_has_no_phone_is_told_so(volunteer, rice, clerk, now):
    user = volunteer.user
    user.username, user.phone, user.phone_index = "grandmother", None, None
    user.save()
    opened = basket(volunteer, rice, clerk, now)

    with pytest.raises(PhoneMissing):
        counter.send_code(redemption_id=opened.pk, actor=clerk, at=now)


def test_without_a_phone_the_card_and_a_second_person_agree(volunteer, rice, clerk, now):
    card = card_of(volunteer, now)
    ticket = counter.meet(token=card, store_id=rice.store_id, actor=clerk, at=now).ticket
    opened = basket(volunteer, rice, clerk, now, token=ticket)
    second = clerk_of(rice.store)
    mother = VolunteerFactory.create(user=make_clerk(rice.store))
    make_household(volunteer, mother)

    def agree(actor, shown):
        return counter.confirm_by_card(redemption_id=opened.pk, card=shown, actor=actor, at=now)

    refused = [
        (clerk, card, ConfirmedBySamePerson),
        (actor_for(mother.user), card, ClerkServesSelf),
        (clerk_of(StoreFactory.create()), card, NotFound),
        (second, pass_of(volunteer, now), CardNeeded),
        (second, card_of(make_redeemer(), now), CardNeeded),
        (second, "rubbish", WhoExpired),
    ]
    for actor, shown, refusal in refused:
        with pytest.raises(refusal):
            agree(actor, shown)
    assert Redemption.objects.get().confirmed_at is None

    assert agree(second, ticket).confirmation == Confirmation.SECOND_PERSON
    assert counter.hand_over(redemption_id=opened.pk, actor=clerk, at=now).status == "collected"


def test_who_stands_there_is_read_from_a_live_code_by_a_clerk_of_the_store(volunteer, rice, clerk, now):
    elsewhere = clerk_of(StoreFactory.create())
    refused = [
        (clerk, "x" * 40, TokenMalformed, now),
        (clerk, "nobody", WhoExpired, now),
        (clerk, pass_of(volunteer, now), TokenExpired, now + timedelta(minutes=2)),
        (elsewhere, pass_of(volunteer, now), NotFound, now),
        (make_actor(Role.COMMUNITY_STAFF, "52"), pass_of(volunteer, now), Forbidden, now),
    ]

    for actor, token, refusal, at in refused:
        with pytest.raises(refusal):
            counter.whose(volunteer=token, store_id=rice.store_id, actor=actor, at=at)

    ticket = counter.meet(token=pass_of(volunteer, now), store_id=rice.store_id, actor=clerk, at=now).ticket
    assert volunteer.number not in ticket
    soon, late = now + timedelta(minutes=14), now + timedelta(minutes=16)
    again = counter.whose(volunteer=ticket, store_id=rice.store_id, actor=clerk, at=soon)
    assert again.volunteer == volunteer
    for actor, at in [(clerk, late), (clerk_of(rice.store), soon)]:
        with pytest.raises(WhoExpired):
            counter.whose(volunteer=ticket, store_id=rice.store_id, actor=actor, at=at)


def test_a_clerk_does_not_even_begin_for_themself_or_their_household(rice, now):
    user = make_clerk(rice.store)
    own = make_redeemer(100, user=user)
    mother = make_redeemer(100)
    make_household(own, mother)

    for volunteer in (own, mother):
        with pytest.raises(ClerkServesSelf):
            basket(volunteer, rice, actor_for(user), now)
    assert not Redemption.objects.exists()


def test_the_pass_stands_in_for_the_pick_up_code_and_the_card_does_not(volunteer, rice, clerk, now):
    waiting = reserve(volunteer, rice, at=now)

    def read(token):
        return counter.meet(token=token, store_id=rice.store_id, actor=clerk, at=now).ticket

    stranger = read(pass_of(make_redeemer(), now))
    for who in ("", stranger, read(card_of(volunteer, now))):
        with pytest.raises(PickupCodeWrong):
            counter.hand_over(redemption_id=waiting.pk, actor=clerk, at=now, who=who)
    done = counter.hand_over(redemption_id=waiting.pk, actor=clerk, at=now, who=read(pass_of(volunteer, now)))

    assert done.status == RedemptionStatus.COLLECTED
