"""社区好人榜: entered by one, published by another, taken down at once."""

from datetime import date
from typing import Any

import pytest

from backend.accounts.scopes import Role
from backend.core.errors import Forbidden, NotFound
from backend.core.models import AuditEntry
from points.boards import errors, queries, services
from points.boards.choices import HonorCategory, HonorStatus
from points.boards.models import Honor
from tests.factories.accounts import make_actor
from tests.factories.market import HonorFactory
from tests.factories.regions import COMMUNITY, GUIYANG, RegionFactory, make_path
from tests.factories.volunteers import RegistrationPolicyFactory, VolunteerFactory
from volunteers.people.choices import ConsentKind

pytestmark = pytest.mark.django_db

BOARD = [ConsentKind.PRIVACY, ConsentKind.HONOR_BOARD]


@pytest.fixture(autouse=True)
def community():
    return make_path(COMMUNITY)


@pytest.fixture
def maker():
    return make_actor(Role.COMMUNITY_STAFF, "520102")


@pytest.fixture
def checker():
    return make_actor(Role.COMMUNITY_STAFF, "520102")


def enter(maker, now, **fields: Any):
    values = {
        "region": RegionFactory.create(),
        "name": "王秀英",
        "category": HonorCategory.HELPING,
        "title": "热心邻居",
        "story": "十年如一日照看独居老人。",
        "term_start": date(2026, 7, 1),
        "term_end": date(2026, 9, 30),
        "consent": True,
    }
    return services.enter_honor(**(values | fields), actor=maker, at=now)


def published(maker, checker, now, **fields: Any):
    honor = enter(maker, now, **fields)
    return services.publish_honor(honor_id=honor.pk, actor=checker, at=now)


def board(now, *, period="all", region=COMMUNITY):
    return queries.board(board="honors", region=region, period=period, at=now)


def names_on_board(now, **which: Any):
    return [entry["name"] for entry in board(now, **which)["entries"]]


def test_what_was_entered_is_not_public_yet(maker, now):
    enter(maker, now)

    assert board(now)["entries"] == []


def test_somebody_else_publishes(maker, checker, now):
    published(maker, checker, now, full_name=True)

    assert board(now)["entries"] == [
        {
            "name": "王秀英",
            "category": "helping",
            "category_label": "助人为乐",
            "title": "热心邻居",
            "story": "十年如一日照看独居老人。",
            "region_name": "区划520102001001",
            "term_start": "2026-07-01",
            "term_end": "2026-09-30",
        }
    ]
    assert sorted(AuditEntry.objects.values_list("action", flat=True)) == ["honor.enter", "honor.publish"]


def test_a_name_is_masked_unless_the_whole_name_was_agreed_to(maker, checker, now):
    published(maker, checker, now)

    assert names_on_board(now) == ["王*英"]


def test_the_maker_does_not_publish(maker, now):
    honor = enter(maker, now)

    with pytest.raises(errors.HonorMakerIsChecker):
        services.publish_honor(honor_id=honor.pk, actor=maker, at=now)

    assert Honor.objects.get().status == HonorStatus.DRAFT


def test_without_consent_nothing_is_published(maker, checker, now):
    honor = enter(maker, now, consent=False)

    with pytest.raises(errors.HonorWithoutConsent):
        services.publish_honor(honor_id=honor.pk, actor=checker, at=now)


def test_a_volunteer_must_agree_to_public_boards_too(maker, checker, now):
    honor = enter(maker, now, volunteer=VolunteerFactory.create())

    with pytest.raises(errors.HonorWithoutConsent):
        services.publish_honor(honor_id=honor.pk, actor=checker, at=now)


@pytest.mark.parametrize("person", [{"birth_date": date(2013, 1, 1)}, {}])
def test_children_are_not_published(maker, checker, now, person):
    child = (
        {} if person else {"volunteer": VolunteerFactory.create(birth_date=date(2013, 1, 1), consents=BOARD)}
    )
    honor = enter(maker, now, **person, **child)

    with pytest.raises(errors.HonorTooYoung) as refused:
        services.publish_honor(honor_id=honor.pk, actor=checker, at=now)

    assert refused.value.data == {"age": 14}


def test_a_region_may_ask_for_more_years(maker, checker, now):
    RegistrationPolicyFactory.create(region_id=GUIYANG, region=None, board_min_age=16)
    youth = VolunteerFactory.create(birth_date=date(2011, 1, 1), consents=BOARD)
    honor = enter(maker, now, volunteer=youth)

    with pytest.raises(errors.HonorTooYoung):
        services.publish_honor(honor_id=honor.pk, actor=checker, at=now)


def test_withdrawing_consent_takes_it_down(maker, checker, now):
    honor = published(maker, checker, now)

    services.set_honor_consent(honor_id=honor.pk, consent=False, actor=checker, at=now)

    honor.refresh_from_db()
    assert (honor.status, honor.consent, honor.revoke_reason) == (HonorStatus.REVOKED, False, "本人撤回同意")
    assert names_on_board(now) == []


def test_a_draft_may_gain_consent_and_then_be_published(maker, checker, now):
    honor = enter(maker, now, consent=False)
    services.set_honor_consent(honor_id=honor.pk, consent=True, actor=maker, at=now)

    services.publish_honor(honor_id=honor.pk, actor=checker, at=now)

    assert names_on_board(now) == ["王*英"]


def test_revoking_takes_it_down_for_a_reason(maker, checker, now):
    honor = published(maker, checker, now)

    services.revoke_honor(honor_id=honor.pk, reason="事迹有误", actor=maker, at=now)

    honor.refresh_from_db()
    assert (honor.status, honor.revoke_reason, honor.revoked_at) == (HonorStatus.REVOKED, "事迹有误", now)
    assert names_on_board(now) == []


def test_revoking_without_a_reason_is_refused(maker, checker, now):
    honor = published(maker, checker, now)

    with pytest.raises(errors.RevokeReasonRequired):
        services.revoke_honor(honor_id=honor.pk, reason=" ", actor=maker, at=now)


@pytest.mark.parametrize("again", ["publish", "revoke", "consent"])
def test_what_was_revoked_stays_revoked(maker, checker, now, again):
    honor = published(maker, checker, now)
    services.revoke_honor(honor_id=honor.pk, reason="事迹有误", actor=maker, at=now)
    steps = {
        "publish": lambda: services.publish_honor(honor_id=honor.pk, actor=checker, at=now),
        "revoke": lambda: services.revoke_honor(honor_id=honor.pk, reason="再次", actor=maker, at=now),
        "consent": lambda: services.set_honor_consent(honor_id=honor.pk, consent=True, actor=maker, at=now),
    }

    with pytest.raises(errors.HonorAlreadySettled):
        steps[again]()


def test_a_volunteer_who_leaves_public_boards_leaves_this_one(maker, checker, now):
    volunteer = VolunteerFactory.create(consents=BOARD)
    published(maker, checker, now, volunteer=volunteer)
    assert names_on_board(now) == ["王*英"]

    volunteer.consents.filter(kind=ConsentKind.HONOR_BOARD).update(withdrawn_at=now)
    services.forget_pages(boards=["honors"])

    assert names_on_board(now) == []


def test_a_board_shows_the_terms_that_touch_its_period(maker, checker, now):
    published(maker, checker, now, term_start=date(2026, 7, 1), term_end=date(2026, 9, 30))

    shown = {
        period: len(names_on_board(now, period=period))
        for period in ("all", "2025", "2026", "2026-09", "2026-10")
    }

    assert shown == {"all": 1, "2025": 0, "2026": 1, "2026-09": 1, "2026-10": 0}


@pytest.mark.parametrize(
    "fields",
    [
        {"name": ""},
        {"name": "<b>王</b>"},
        {"title": "<script>"},
        {"name": "长" * 61},
        {"story": "长" * 2001},
        {"story": "a\x00b"},
        {"term_start": date(2026, 10, 1)},
    ],
)
def test_an_entry_is_sound(maker, now, fields):
    with pytest.raises(errors.HonorInvalid):
        enter(maker, now, **fields)

    assert Honor.objects.count() == 0


def test_other_roles_enter_nothing(now):
    with pytest.raises(Forbidden):
        enter(make_actor(Role.SUPERVISOR, "52"), now)


def test_staff_of_another_region_do_not_find_it(maker, now):
    honor = enter(maker, now)
    elsewhere = make_actor(Role.COMMUNITY_STAFF, "51")

    with pytest.raises(NotFound):
        enter(elsewhere, now)
    with pytest.raises(NotFound):
        services.publish_honor(honor_id=honor.pk, actor=elsewhere, at=now)
    with pytest.raises(Forbidden):
        services.revoke_honor(
            honor_id=honor.pk, reason="事迹有误", actor=make_actor(Role.SUPERVISOR, "52"), at=now
        )

    assert Honor.objects.get().status == HonorStatus.DRAFT


@pytest.mark.parametrize("item_count", [1, 3])
def test_building_costs_the_same_queries_however_many_honors(
    maker, checker, now, item_count, django_assert_num_queries
):
    for _ in range(item_count):
        published(maker, checker, now, volunteer=VolunteerFactory.create(consents=BOARD))

    with django_assert_num_queries(4):
        page = board(now)

    assert len(page["entries"]) == item_count


def test_the_factory_makes_a_draft():
    assert HonorFactory.create().status == HonorStatus.DRAFT
