"""Ballots, told from each side: who opens one, who enters, who wins and who does not, and everybody else."""

from datetime import datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from backend.accounts.models import User
from points.ballots import drawing
from points.ballots.choices import BallotStatus, Outcome
from points.ballots.models import Ballot, BallotEntry
from points.ledger import queries as ledger
from points.market.models import Batch, Product
from points.market.services import receive_batch
from points.proof.services import close_days
from tests.factories.market import ProductFactory, make_service
from tests.factories.relief import make_ballot
from tests.factories.volunteers import make_household
from tests.pages.scenes import Shop, browser, give_points, make_shop, make_volunteer
from volunteers.people.models import Volunteer

pytestmark = pytest.mark.django_db
KEEP, MINE = reverse("pages:keep-ballots"), reverse("pages:my-ballots")
LONG = "长" * 4000


def of(ballot: Ballot) -> str:
    return reverse("pages:ballot", args=[ballot.pk])


def text(answer) -> str:
    return answer.content.decode()


def local(moment: datetime) -> str:
    """Spell a moment as the browser's field does."""
    return f"{timezone.localtime(moment):%Y-%m-%dT%H:%M}"


def form(shop: Shop, **changes: object) -> dict[str, object]:
    """Fill in the form for two bags of rice, open from in an hour for a day."""
    at = timezone.now() + timedelta(hours=1)
    moments = {"opens_at": at, "closes_at": at + timedelta(days=1), "draw_at": at + timedelta(days=3)}
    sound = {"product": shop.products[0].pk, "units": 2, "points": 10}
    return sound | {name: local(moment) for name, moment in moments.items()} | changes


def enter(ballot: Ballot, volunteer: Volunteer):
    return browser(volunteer.user).post(reverse("pages:ballot-enter", args=[ballot.pk]))


def make_rich(points: int = 100) -> Volunteer:
    volunteer = make_volunteer()
    give_points(volunteer, points)
    return volunteer


def test_what_a_clerk_offers_is_set_aside_and_everybody_reads_the_promise_without_the_secret():
    shop = make_shop()
    make_service(store=shop.store, name="理发")
    clerk = browser(shop.clerk)

    offered = text(clerk.get(KEEP))
    opened = clerk.post(KEEP, form(shop))
    made = Ballot.objects.get()
    kept, public = text(clerk.get(KEEP)), text(browser(make_volunteer().user).get(of(made)))

    assert ("大米0" in offered, "理发" in offered) == (True, False)
    assert opened["Location"] == of(made)
    assert Batch.objects.get().reserved == 2
    assert ("大米0 × 2" in kept, "0 人报名" in kept, "抽签</p>" in kept) == (True, True, True)
    assert (made.commitment in public, made.secret.open() in public) == (True, False)
    assert 'data-testid="enter"' not in public, "it does not open before an hour"
    assert enter(made, make_rich()).status_code == 409
    assert not BallotEntry.objects.exists()


def test_a_ballot_that_cannot_be_is_refused_at_its_field_and_keeps_what_was_typed():
    shop = make_shop()
    sound = form(shop)

    for changes, field in (
        ({"units": "0"}, "units"),
        ({"units": "-1"}, "units"),
        ({"units": str(10**9)}, "units"),
        ({"units": "1.5"}, "units"),
        ({"units": "\x00"}, "units"),
        ({"units": "<b>"}, "units"),
        ({"units": "1" * 4000}, "units"),
        ({"points": "21"}, "points"),
        ({"points": "0"}, "points"),
        ({"units": "11"}, "units"),
        ({"product": "1000000"}, "product"),
        ({"product": "x"}, "product"),
        ({"opens_at": "2001-01-01T08:00"}, "opens_at"),
        ({"closes_at": "2001-01-01T08:00"}, "opens_at"),
        ({"draw_at": "9999-12-31T23:59"}, "opens_at"),
        ({"draw_at": "2026-02-30T08:00"}, "draw_at"),
    ):
        answer = browser(shop.clerk).post(KEEP, sound | changes)

        assert (answer.status_code, f'data-testid="error-{field}"' in text(answer)) == (400, True)
        untouched = [name for name in ("units", "opens_at", "closes_at", "draw_at") if name not in changes]
        assert [name for name in untouched if f'value="{sound[name]}"' not in text(answer)] == []

    assert (Ballot.objects.exists(), Batch.objects.get().reserved) == (False, 0)


def test_the_goods_of_another_store_are_not_offered():
    shop, other = make_shop(), make_shop()

    answer = browser(other.clerk).post(KEEP, form(shop))

    assert (answer.status_code, 'data-testid="error-product"' in text(answer)) == (400, True)
    assert not Ballot.objects.exists()


def test_goods_of_a_long_shelf_are_found_and_stay_chosen_when_the_form_is_refused():
    shop = make_shop()
    ProductFactory.create_batch(60, store=shop.store, name="铅笔")
    bag = ProductFactory.create(store=shop.store, name="雨伞")
    receive_batch(product=bag, quantity=5, expires_on=None, actor=None, at=timezone.now())
    clerk, option = browser(shop.clerk), f'<option value="{bag.pk}"'

    first, found = (text(clerk.get(KEEP, {"q": said})) for said in ("", "雨"))
    refused = text(clerk.post(KEEP, form(shop, product=bag.pk, units=0)))
    made = clerk.post(KEEP, form(shop, product=bag.pk))

    assert [option in page for page in (first, found)] == [False, True]
    assert (f"{option} selected" in refused, made.status_code) == (True, 302)
    assert Ballot.objects.get().product == bag


def test_a_draw_is_read_by_winner_loser_and_public_each_in_their_own_words():
    shop = make_shop()
    ballot = make_ballot(shop.products[0], at=timezone.now())
    people = [make_rich(), make_rich()]

    entered = [enter(ballot, each) for each in people]
    tickets = {each.pk: BallotEntry.objects.get(volunteer=each).ticket for each in people}
    waiting = [text(browser(each.user).get(MINE)) for each in people]
    close_days(at=ballot.draw_at + timedelta(minutes=1))
    drawing.draw_due(at=ballot.draw_at + timedelta(minutes=1))
    won, lost = (BallotEntry.objects.get(outcome=what).volunteer for what in (Outcome.WON, Outcome.LOST))
    winner, loser, public = (
        text(client.get(of(ballot))) for client in (browser(won.user), browser(lost.user), browser())
    )

    assert [answer["Location"] for answer in entered] == [MINE, MINE]
    assert [tickets[each.pk] in page for each, page in zip(people, waiting, strict=True)] == [True, True]
    assert ["等待抽签" in page for page in waiting] == [True, True]
    assert (f"您的号码 {tickets[won.pk]}：抽中" in winner, "看领取码" in winner) == (True, True)
    assert (f"您的号码 {tickets[lost.pk]}：未抽中" in loser, "看领取码" in loser) == (True, False)
    assert ("您的号码" in public, tickets[won.pk] in public, tickets[lost.pk] in public) == (
        False,
        True,
        True,
    )
    assert [each.name for each in people if each.name in public or each.number in public] == []
    assert Ballot.objects.get().revealed in public
    assert "抽中" in text(browser(won.user).get(MINE))
    balances = [ledger.balance(each, at=timezone.now()).available for each in (won, lost)]
    assert balances == [90, 100]


def test_one_ticket_each_and_one_a_household():
    ballot = make_ballot(make_shop().products[0], 2, at=timezone.now())
    mother, son = make_rich(), make_rich()
    make_household(mother, son, region=mother.region)

    first, again, other = enter(ballot, mother), enter(ballot, mother), enter(ballot, son)

    assert [answer.status_code for answer in (first, again, other)] == [302, 409, 409]
    assert ("您已经报名了" in text(again), "您家里已有人报名" in text(other)) == (True, True)
    assert 'data-testid="open-ballot"' not in text(browser(mother.user).get(MINE))
    assert BallotEntry.objects.get().volunteer == mother


def test_who_entered_a_ballot_that_is_called_off_reads_that_and_why():
    shop, volunteer = make_shop(), make_rich()
    ballot = make_ballot(shop.products[0], 2, at=timezone.now())
    enter(ballot, volunteer)
    cancel, clerk = reverse("pages:ballot-cancel", args=[ballot.pk]), browser(shop.clerk)

    clerk.post(cancel, {"reason": "供货推迟 <b>到下月</b>"})
    mine, phone = text(browser(volunteer.user).get(MINE)), text(browser(volunteer.user).get(of(ballot)))
    again = clerk.post(cancel, {"reason": "再取消一次"})

    assert ("已取消" in mine, "等待抽签" in mine) == (True, False)
    ticket = BallotEntry.objects.get().ticket
    assert f"您的号码 {ticket}：已取消" in phone
    assert ("供货推迟 &lt;b&gt;到下月" in phone, "等待抽签" in phone) == (True, False)
    assert (again.status_code, Ballot.objects.get().cancel_reason) == (409, "供货推迟 <b>到下月</b>")
    assert Batch.objects.get().reserved == 0
    assert ledger.balance(volunteer, at=timezone.now()).available == 100


def test_a_ballot_is_not_called_off_without_a_reason_that_can_be_read():
    shop = make_shop()
    ballot = make_ballot(shop.products[0], at=timezone.now())

    for reason in ("", "  ", "\x00", LONG, "长" * 201):
        answer = browser(shop.clerk).post(
            reverse("pages:ballot-cancel", args=[ballot.pk]), {"reason": reason}
        )

        assert (answer.status_code, 'data-testid="error-reason"' in text(answer)) == (400, True)
        assert "<details open>" in text(answer)

    assert Ballot.objects.get().status == BallotStatus.OPEN


def test_the_ballot_of_another_store_is_not_ones_own_to_call_off():
    ballot, other = make_ballot(make_shop().products[0], at=timezone.now()), make_shop()

    answer = browser(other.clerk).post(reverse("pages:ballot-cancel", args=[ballot.pk]), {"reason": "误开"})

    assert answer.status_code == 404
    assert "还没有" not in text(browser().get(reverse("pages:ballots")))
    assert Ballot.objects.get().status == BallotStatus.OPEN


def test_a_sign_of_markup_in_the_name_of_goods_is_only_a_sign():
    ballot = make_ballot(make_shop().products[0], at=timezone.now())
    Product.objects.update(name="大米 & 面")

    pages = [text(browser().get(where)) for where in (of(ballot), reverse("pages:ballots"))]

    assert [("大米 &amp; 面" in page, "大米 & 面" in page) for page in pages] == [(True, False)] * 2
    assert User.objects.exists(), "and nobody had to sign in to read it"
