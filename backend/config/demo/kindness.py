"""A gift on its way and one that has arrived, an emergency, families in need, and a ballot for schoolbags."""

from datetime import datetime, timedelta

from django.utils.timezone import localdate

from backend.accounts.scopes import Actor
from backend.config.demo import content
from backend.config.demo.places import Places
from backend.regions.queries import get_region
from points.appeals.services import NeedInput, link_gift, open_appeal, publish
from points.ballots.services import enter, open_ballot
from points.giving.donor_files import add_donor, claim_donors
from points.giving.intakes import Finding, Offer, inspect, pledge, receive
from points.giving.models import Donation, Donor
from points.giving.questions import answer, ask
from points.giving.signing import sign_as_donor, sign_as_handler
from points.market.models import Product
from points.market.services import LineInput, collect
from points.relief.choices import ReliefCategory
from points.relief.issuing import issue
from points.relief.services import name_keeper, open_case, set_share
from volunteers.people.households import open_household
from volunteers.people.models import Volunteer

_GIVEN = 30
_FAMILIES = (
    ("陈桂兰", ReliefCategory.ILLNESS, "长期透析，一人有收入"),
    ("李德福", ReliefCategory.DISABILITY, "两人重度残疾"),
    ("吴玉兰", ReliefCategory.ELDERLY, "独居，腿脚不便"),
    ("罗春梅", ReliefCategory.SUDDEN, "两个孩子上学，父亲刚失业"),
)


def give_and_help(
    people: list[Volunteer], places: Places, *, staff: Actor, clerk: Actor, admin: Actor, at: datetime
) -> None:
    """Leave something on every page about giving and helping, at each step of its way."""
    rice = next(product for product in places.products if product.name.startswith("大米 1"))
    bags = next(product for product in places.products if product.name == "书包")
    donation = _neighbour_gives(people[0], places, rice, staff=staff, clerk=clerk, at=at)
    _ask_for_the_flooded(places, donation, staff=staff, at=at)
    _help_families(places, rice, staff=staff, clerk=clerk, admin=admin, at=at)
    _draw_for_schoolbags(people[1:6], bags, clerk=clerk, at=at)


def _neighbour_gives(
    volunteer: Volunteer, places: Places, rice: Product, *, staff: Actor, clerk: Actor, at: datetime
) -> Donation:
    """Let the demo volunteer give rice, ask what became of it, and promise flour for tomorrow."""
    began = at - timedelta(days=1)
    owner = Actor(user_id=volunteer.user_id)
    donor = add_donor(
        name=volunteer.name,
        kind="individual",
        region=get_region(content.TOWNSHIP),
        contact=volunteer.user.phone.open() if volunteer.user.phone else None,
        consent="named",
        show_amount=True,
        actor=staff,
        at=began,
    )
    claim_donors(user=volunteer.user, at=began)
    donor = Donor.objects.get(pk=donor.pk)
    arrived = pledge(
        donor=donor, store=places.store, offers=[Offer(_GIVEN, product_id=rice.pk)], actor=owner, at=began
    )
    line = arrived.lines.get()
    receive(intake_id=arrived.pk, counted={line.pk: _GIVEN}, actor=clerk, at=began)
    good = Finding(
        accepted=_GIVEN,
        packaging_intact=True,
        labelled=True,
        within_shelf_life=True,
        hygienic=True,
        product_id=rice.pk,
        expires_on=localdate(at) + timedelta(days=200),
    )
    inspect(intake_id=arrived.pk, findings={line.pk: good}, actor=clerk, at=began)
    sign_as_handler(intake_id=arrived.pk, actor=clerk, at=began)
    sign_as_donor(intake_id=arrived.pk, actor=owner, at=began)
    donation = Donation.objects.get(donor=donor)
    _ask_and_answer(donation, volunteer, staff=staff, asked_at=began, at=at)
    pledge(
        donor=donor,
        store=places.store,
        offers=[Offer(20, offered="面粉 5 千克")],
        planned_on=localdate(at) + timedelta(days=1),
        actor=owner,
        at=at,
    )
    return donation


def _ask_and_answer(
    donation: Donation, volunteer: Volunteer, *, staff: Actor, asked_at: datetime, at: datetime
) -> None:
    asked = ask(
        number=donation.number,
        text="捐的米现在发到哪里了？",
        agree_public=True,
        user=volunteer.user,
        address="127.0.0.1",
        at=asked_at,
    )
    answer(
        question_id=asked.pk,
        text="已经上架，先到期的先发；发给了多少人，这一页每天都看得到。",
        agree_public=True,
        actor=staff,
        at=at,
    )


def _ask_for_the_flooded(places: Places, donation: Donation, *, staff: Actor, at: datetime) -> None:
    appeal = open_appeal(
        region=get_region(content.TOWNSHIP),
        organization=places.organizations[2],
        title="连日大雨，安置点急需物资",
        command_order="演示应急〔2026〕1 号",
        bring_to="新华路演示 12 号慈善超市",
        needs=[NeedInput("大米 1 千克", "袋", 100), NeedInput("毛毯", "条", 40)],
        actor=staff,
        at=at,
    )
    rice = appeal.lines.get(item__startswith="大米")
    link_gift(line_id=rice.pk, number=donation.number, quantity=_GIVEN, actor=staff, at=at)
    publish(appeal_id=appeal.pk, note="第一批大米已到，毛毯还缺。", actor=staff, at=at)


def _help_families(
    places: Places, rice: Product, *, staff: Actor, clerk: Actor, admin: Actor, at: datetime
) -> None:
    """Put four families on the list; three have had their rice, one has yet to come for it."""
    name_keeper(username="staff", region_code=content.TOWNSHIP, actor=admin, at=at)
    set_share(product_id=rice.pk, quantity=5, actor=clerk, at=at)
    for position, (name, category, reason) in enumerate(_FAMILIES):
        home = open_household(
            name=name,
            contact="",
            region_code=content.COMMUNITIES[position % len(content.COMMUNITIES)],
            actor=staff,
            at=at,
        )
        case = open_case(
            number=home.number,
            category=category,
            reason=reason,
            review_on=localdate(at) + timedelta(days=90),
            actor=staff,
            at=at,
        )
        given = issue(
            case_id=case.pk, store_id=places.store.pk, lines=[LineInput(rice.pk, 1)], actor=staff, at=at
        )
        if position:
            collect(code=given.redemption.code, actor=clerk, at=at)


def _draw_for_schoolbags(entrants: list[Volunteer], bags: Product, *, clerk: Actor, at: datetime) -> None:
    ballot = open_ballot(
        product_id=bags.pk,
        units=2,
        points=30,
        opens_at=at,
        closes_at=at + timedelta(days=2),
        draw_at=at + timedelta(days=4),
        actor=clerk,
        at=at,
    )
    for volunteer in entrants:
        enter(ballot_id=ballot.pk, volunteer=volunteer, at=at)
