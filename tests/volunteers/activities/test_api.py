"""`/api/v1/activities/`, `/shifts/` and `/sign-ups/`."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backend.accounts.scopes import Role
from tests.factories.accounts import UserFactory, make_staff
from tests.factories.regions import CHENGDU_JINJIANG, COMMUNITY, RegionFactory
from tests.factories.volunteers import (
    ActivityFactory,
    ShiftFactory,
    SignUpFactory,
    VolunteerFactory,
)
from volunteers.activities.choices import ActivityType, ProgrammeState, ShiftStatus, SignUpStatus
from volunteers.activities.models import Shift, SignUp

pytestmark = pytest.mark.django_db

ACTIVITIES, SHIFTS, SIGN_UPS = "/api/v1/activities/", "/api/v1/shifts/", "/api/v1/sign-ups/"


def tomorrow(hours: int = 0):
    return timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=1, hours=hours)


def upcoming(**changes: object) -> Shift:
    return ShiftFactory.create(**{"starts_at": tomorrow()} | changes)


def ids(response) -> list[int]:
    assert response.status_code == 200
    return [row["id"] for row in response.json()["results"]]


def assert_problem(response, status: int, code: str) -> None:
    assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json")
    assert response.json()["code"] == code


@pytest.fixture
def volunteer():
    return VolunteerFactory()


@pytest.fixture
def client(api, volunteer):
    return api(volunteer.user)


def test_anybody_reads_what_an_activity_is_about(api):
    activity = ActivityFactory()

    (shown,) = api(None).get(ACTIVITIES).json()["results"]

    assert shown == {
        "id": activity.pk,
        "name": "导诊",
        "programme": activity.programme_id,
        "programme_name": activity.programme.name,
        "organization": activity.programme.organization_id,
        "organization_name": activity.programme.organization.name,
        "site": activity.site_id,
        "site_name": activity.site.name,
        "site_address": "新华路 1 号",
        "region": COMMUNITY,
        "region_name": activity.site.region.name,
        "category": "health",
        "category_label": "卫生健康",
        "recipient": "patients",
        "activity_type": "volunteering",
        "activity_type_label": "志愿服务",
        "content": "引导挂号、取药",
        "risks": "人流密集",
        "protection": "意外伤害保险",
        "minors_allowed": False,
        "difficulty": 1,
        "skilled": False,
        "min_age": 0,
        "responsible_name": "王芳",
        "walk_in_allowed": False,
    }


def test_activities_of_closed_programmes_are_not_listed(api):
    ActivityFactory(programme__state=ProgrammeState.CLOSED)

    assert ids(api(None).get(ACTIVITIES)) == []


def test_activities_narrow_by_region_site_category_and_type(api):
    wanted = ActivityFactory(category="tax", activity_type=ActivityType.EMERGENCY)
    ActivityFactory(site__region=RegionFactory(code=CHENGDU_JINJIANG))
    anonymous = api(None)

    for query in (
        {"region": "52", "category": "tax"},
        {"site": wanted.site_id},
        {"category": "tax"},
        {"activity_type": "emergency"},
    ):
        assert ids(anonymous.get(ACTIVITIES, query)) == [wanted.pk]


def test_anybody_sees_the_shifts_to_come_soonest_first(api):
    later, sooner = upcoming(starts_at=tomorrow(5)), upcoming()
    upcoming(status=ShiftStatus.CANCELLED)
    upcoming(starts_at=tomorrow() - timedelta(days=3))

    response = api(None).get(SHIFTS)

    assert ids(response) == [sooner.pk, later.pk]
    first = response.json()["results"][0]
    assert (first["capacity"], first["taken"], first["remaining"]) == (10, 0, 10)
    assert first["activity"]["id"] == sooner.activity_id


def test_shifts_come_in_pages_that_follow_each_other(api):
    shifts = [upcoming(starts_at=tomorrow(hours)) for hours in (1, 2, 2, 3)]
    anonymous = api(None)

    first = anonymous.get(SHIFTS, {"page_size": 3})
    second = anonymous.get(first.json()["next"])

    assert [*ids(first), *ids(second)] == [shift.pk for shift in shifts]
    assert second.json()["next"] is None


def test_shifts_narrow_by_region_site_activity_and_day(api):
    wanted = upcoming()
    upcoming(
        starts_at=tomorrow() + timedelta(days=2),
        activity__site__region=RegionFactory(code=CHENGDU_JINJIANG),
    )
    anonymous = api(None)

    for query in (
        {"region": "520102"},
        {"site": wanted.activity.site_id},
        {"activity": wanted.activity_id},
        {"date": timezone.localdate(wanted.starts_at).isoformat()},
    ):
        assert ids(anonymous.get(SHIFTS, query)) == [wanted.pk]


def test_a_day_is_a_day_in_shanghai(api):
    midnight = timezone.localtime(tomorrow(48)).replace(hour=0)
    first, last = upcoming(starts_at=midnight), upcoming(starts_at=midnight + timedelta(hours=23))
    upcoming(starts_at=midnight - timedelta(hours=1))
    upcoming(starts_at=midnight + timedelta(hours=24))

    assert ids(api(None).get(SHIFTS, {"date": midnight.date().isoformat()})) == [first.pk, last.pk]


@pytest.mark.parametrize("path", [ACTIVITIES, SHIFTS])
@pytest.mark.parametrize(
    "query",
    [
        {"region": "x"},
        {"region": "5\x00"},
        {"region": str(10**60)},
        {"site": "x"},
        {"site": "0"},
        {"site": "-1"},
        {"site": str(2**63)},
        {"site": "9" * 4000},
        {"site": "1\x00"},
        {"site": "1.5"},
    ],
)
def test_rubbish_in_the_query_is_an_invalid_request(api, path, query):
    assert_problem(api(None).get(path, query), 400, "invalid")


@pytest.mark.parametrize(
    "query",
    [
        {"date": "tomorrow"},
        {"date": "2026-02-30"},
        {"date": "9999-12-31"},
        {"date": "0001-01-01"},
        {"date": "\x00"},
        {"activity": "x"},
    ],
)
def test_rubbish_about_shifts_is_an_invalid_request(api, query):
    assert_problem(api(None).get(SHIFTS, query), 400, "invalid")


@pytest.mark.parametrize("query", [{"category": "magic"}, {"activity_type": "\x00"}])
def test_rubbish_about_activities_is_an_invalid_request(api, query):
    assert_problem(api(None).get(ACTIVITIES, query), 400, "invalid")


def test_a_shift_shows_itself_also_when_over(api):
    over = ShiftFactory(starts_at=tomorrow() - timedelta(days=9))

    assert api(None).get(f"{SHIFTS}{over.pk}/").json()["id"] == over.pk


@pytest.mark.parametrize("pk", [0, 999_999, 2**63, 10**30])
def test_what_is_not_there_is_not_found(api, client, pk):
    assert_problem(api(None).get(f"{SHIFTS}{pk}/"), 404, "not_found")
    assert_problem(client.post(f"{SHIFTS}{pk}/sign-ups/"), 404, "not_found")
    assert_problem(client.delete(f"{SIGN_UPS}{pk}/"), 404, "not_found")


def test_signing_up_answers_with_the_place(client, volunteer):
    shift = upcoming()

    response = client.post(f"{SHIFTS}{shift.pk}/sign-ups/")

    made = SignUp.objects.get()
    shown = response.json()
    assert (response.status_code, shown["id"], made.volunteer) == (201, made.pk, volunteer)
    assert (shown["status"], shown["status_label"]) == ("confirmed", "已报上")
    assert (shown["shift"]["id"], shown["shift"]["taken"], shown["shift"]["remaining"]) == (shift.pk, 1, 9)


def test_signing_up_again_answers_with_the_same_place(client):
    shift = upcoming()
    first = client.post(f"{SHIFTS}{shift.pk}/sign-ups/")

    second = client.post(f"{SHIFTS}{shift.pk}/sign-ups/")

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()


def test_with_one_key_signing_up_happens_once(client):
    shift = upcoming()

    answers = [client.post(f"{SHIFTS}{shift.pk}/sign-ups/", HTTP_IDEMPOTENCY_KEY="k") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert SignUp.objects.count() == 1


def test_a_full_shift_puts_one_on_the_waiting_list(client):
    shift = upcoming(capacity=1)
    SignUpFactory(shift=shift)

    response = client.post(f"{SHIFTS}{shift.pk}/sign-ups/")

    assert (response.status_code, response.json()["status"]) == (201, "waiting")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"status": ShiftStatus.CANCELLED}, "shift_cancelled"),
        ({"starts_at": tomorrow() - timedelta(days=3)}, "shift_over"),
        ({"activity__min_age": 60}, "too_young_for_activity"),
    ],
)
def test_a_refusal_has_a_code_and_a_sentence_and_takes_no_place(client, changes, code):
    shift = upcoming(**changes)

    response = client.post(f"{SHIFTS}{shift.pk}/sign-ups/")

    assert_problem(response, 409, code)
    assert response.json()["detail"].endswith("。")
    assert not SignUp.objects.exists()


def test_an_overlapping_place_is_refused(client):
    client.post(f"{SHIFTS}{upcoming().pk}/sign-ups/")

    assert_problem(client.post(f"{SHIFTS}{upcoming().pk}/sign-ups/"), 409, "overlapping_shift")


def test_a_place_is_given_back_and_goes_to_who_waits(client, volunteer):
    shift = upcoming(capacity=1)
    mine = SignUpFactory(shift=shift, volunteer=volunteer)
    waiting = SignUpFactory(shift=shift, status=SignUpStatus.WAITING)

    response = client.delete(f"{SIGN_UPS}{mine.pk}/")

    waiting.refresh_from_db()
    assert (response.status_code, response.content, waiting.status) == (204, b"", SignUpStatus.CONFIRMED)


def test_giving_back_twice_is_refused(client, volunteer):
    mine = SignUpFactory(shift=upcoming(), volunteer=volunteer)
    client.delete(f"{SIGN_UPS}{mine.pk}/")

    assert_problem(client.delete(f"{SIGN_UPS}{mine.pk}/"), 409, "sign_up_settled")


def test_a_place_of_a_running_shift_stays(client, volunteer):
    mine = SignUpFactory(shift=upcoming(starts_at=timezone.now() - timedelta(minutes=5)), volunteer=volunteer)

    assert_problem(client.delete(f"{SIGN_UPS}{mine.pk}/"), 409, "shift_started")


def test_nobody_sees_or_gives_back_the_places_of_others(client):
    other = SignUpFactory(shift=upcoming())

    assert ids(client.get(SIGN_UPS)) == []
    assert_problem(client.delete(f"{SIGN_UPS}{other.pk}/"), 404, "not_found")
    other.refresh_from_db()
    assert other.status == SignUpStatus.CONFIRMED


def test_my_places_are_listed_newest_first_with_past_and_cancelled_ones(client, volunteer):
    past = SignUpFactory(volunteer=volunteer)
    gone = SignUpFactory(
        volunteer=volunteer, shift=upcoming(), status=SignUpStatus.CANCELLED, cancelled_at=timezone.now()
    )

    assert ids(client.get(SIGN_UPS)) == [gone.pk, past.pk]


@pytest.mark.parametrize(
    ("method", "path"),
    [("post", f"{SHIFTS}1/sign-ups/"), ("get", SIGN_UPS), ("delete", f"{SIGN_UPS}1/")],
)
def test_strangers_log_in_and_others_register_first(api, method, path):
    assert_problem(getattr(api(None), method)(path), 401, "not_authenticated")
    assert_problem(getattr(api(UserFactory()), method)(path), 404, "not_registered")
    assert_problem(getattr(api(make_staff(Role.PLATFORM_ADMIN)), method)(path), 404, "not_registered")


@pytest.mark.parametrize(
    "path", [ACTIVITIES, SHIFTS, SIGN_UPS, f"{SHIFTS}1/", f"{SHIFTS}1/sign-ups/", f"{SIGN_UPS}1/"]
)
def test_asking_for_the_options_is_no_server_error(client, path):
    assert client.options(path).status_code == 200


def test_a_child_needs_the_guardian(api):
    child = VolunteerFactory(birth_date=date(timezone.now().year - 10, 1, 1))
    shift = upcoming(activity__minors_allowed=True)

    assert_problem(api(child.user).post(f"{SHIFTS}{shift.pk}/sign-ups/"), 409, "guardian_consent_missing")


@pytest.mark.parametrize(
    ("path", "statements"),
    [(ACTIVITIES, 1), (SHIFTS, 1), (SIGN_UPS, 3)],
    ids=["activities", "shifts", "mine"],
)
def test_a_list_costs_the_same_for_one_row_and_for_three(client, volunteer, path, statements):
    SignUpFactory(volunteer=volunteer, shift=upcoming())
    anybody = client if path == SIGN_UPS else type(client)()
    with CaptureQueriesContext(connection) as one:
        anybody.get(path)

    for hours in (4, 8):
        SignUpFactory(volunteer=volunteer, shift=upcoming(starts_at=tomorrow(hours)))
    with CaptureQueriesContext(connection) as three:
        assert len(ids(anybody.get(path))) == 3

    assert (len(one), len(three)) == (statements, statements)


def test_signing_up_stays_within_its_budget(client):
    shift = upcoming()

    with CaptureQueriesContext(connection) as done:
        client.post(f"{SHIFTS}{shift.pk}/sign-ups/")

    statements = [query["sql"] for query in done if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(statements) == 9  # user, volunteer, consents, both locks, live, overlap, insert, answer
