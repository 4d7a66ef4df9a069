"""A volunteer's own codes: the rotating pass and the printed card."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings

from backend.accounts.scopes import Role, actor_for
from backend.core import codes
from backend.core.codes import Kind, TokenExpired, TokenForged
from backend.core.errors import NotFound
from backend.core.models import AuditEntry
from tests.factories.accounts import StaffFactory, UserFactory, make_actor, make_staff
from tests.factories.attendance import VolunteerCardFactory
from tests.factories.database import guards_of, refused_by
from tests.factories.volunteers import VolunteerFactory
from volunteers.people import passes
from volunteers.people.errors import NoCard
from volunteers.people.models import VolunteerCard

pytestmark = pytest.mark.django_db

NINE = datetime(2026, 9, 15, 1, 0, 10, tzinfo=UTC)
WINDOW = timedelta(seconds=30)
HOUR = timedelta(hours=1)


@pytest.fixture
def volunteer():
    return VolunteerFactory()


@pytest.fixture
def clerk():
    """Community staff of the volunteer's township."""
    return make_actor(Role.COMMUNITY_STAFF, "520102001")


def check(token, at):
    claim = codes.read(token)
    return codes.verify(token, keys=passes.keys_of(claim), at=at)


# --- the pass ---


def test_the_passes_follow_each_other_without_a_gap(volunteer):
    made = passes.passes(volunteer, at=NINE, count=20)

    assert made[0].starts_at <= NINE < made[0].ends_at
    assert [one.ends_at for one in made[:-1]] == [one.starts_at for one in made[1:]]
    assert made[-1].ends_at - made[0].starts_at == timedelta(minutes=10)
    assert len({one.token for one in made}) == 20


def test_a_pass_names_a_key_and_nothing_about_the_person(volunteer):
    [made] = passes.passes(volunteer, at=NINE)

    claim = check(made.token, NINE)

    assert (claim.kind, claim.subject_id) == (Kind.PASS, volunteer.pk)
    assert len(made.token) == 40
    assert volunteer.number not in made.token


@pytest.mark.parametrize(("windows", "counts"), [(-1, True), (1, True), (2, False), (-2, False)])
def test_a_pass_counts_one_window_around_its_own(volunteer, windows, counts):
    [made] = passes.passes(volunteer, at=NINE)

    if counts:
        assert check(made.token, NINE + WINDOW * windows).subject_id == volunteer.pk
    else:
        with pytest.raises(TokenExpired):
            check(made.token, NINE + WINDOW * windows)


def test_making_passes_asks_the_database_nothing(volunteer, django_assert_num_queries):
    with django_assert_num_queries(0):
        passes.passes(volunteer, at=NINE, count=20)


# --- the card ---


def test_a_card_counts_until_it_is_revoked(volunteer, clerk):
    card = passes.issue_card(volunteer_id=volunteer.pk, actor=clerk, at=NINE)
    token = passes.card_token(card)

    assert check(token, NINE + timedelta(days=900)).subject_id == volunteer.pk
    passes.revoke_card(volunteer_id=volunteer.pk, actor=clerk, at=NINE + HOUR)
    with pytest.raises(TokenForged):
        check(token, NINE + HOUR)


def test_a_new_card_ends_the_one_before(volunteer, clerk):
    first = passes.issue_card(volunteer_id=volunteer.pk, actor=clerk, at=NINE)

    second = passes.issue_card(volunteer_id=volunteer.pk, actor=clerk, at=NINE + HOUR)

    first.refresh_from_db()
    assert (first.revoked_at, second.version, passes.live_card(volunteer)) == (NINE + HOUR, 2, second)
    with pytest.raises(TokenExpired):
        check(passes.card_token(first), NINE)
    assert check(passes.card_token(second), NINE).version == 2


def test_the_version_of_a_revoked_card_is_never_used_again(volunteer, clerk):
    passes.issue_card(volunteer_id=volunteer.pk, actor=clerk, at=NINE)
    passes.revoke_card(volunteer_id=volunteer.pk, actor=clerk, at=NINE)

    assert passes.issue_card(volunteer_id=volunteer.pk, actor=clerk, at=NINE).version == 2


def test_one_issues_and_revokes_ones_own(volunteer):
    me = actor_for(volunteer.user)

    card = passes.issue_card(volunteer_id=volunteer.pk, actor=me, at=NINE)
    passes.revoke_card(volunteer_id=volunteer.pk, actor=me, at=NINE)

    assert card.issued_by_id == volunteer.user_id
    assert passes.live_card(volunteer) is None


def test_what_was_done_to_a_card_is_audited(volunteer, clerk):
    passes.issue_card(volunteer_id=volunteer.pk, actor=clerk, at=NINE)
    passes.revoke_card(volunteer_id=volunteer.pk, actor=clerk, at=NINE)

    assert list(AuditEntry.objects.order_by("pk").values_list("action", "actor_id")) == [
        ("card.issued", clerk.user_id),
        ("card.revoked", clerk.user_id),
    ]


def test_without_a_card_there_is_none_to_revoke(volunteer, clerk):
    with pytest.raises(NoCard):
        passes.revoke_card(volunteer_id=volunteer.pk, actor=clerk, at=NINE)


@pytest.mark.parametrize(
    ("role", "scope"),
    [
        (Role.COMMUNITY_STAFF, "5101"),
        (Role.SUPERVISOR, "52"),
        (Role.SITE_MANAGER, 1),
        (Role.ORGANIZATION_MANAGER, 1),
        (Role.STORE_CLERK, 1),
    ],
)
def test_nobody_else_touches_a_card(volunteer, role, scope):
    held = VolunteerCardFactory(volunteer=volunteer)
    stranger = make_actor(role, scope)

    with pytest.raises(NotFound):
        passes.issue_card(volunteer_id=volunteer.pk, actor=stranger, at=NINE)
    with pytest.raises(NotFound):
        passes.revoke_card(volunteer_id=volunteer.pk, actor=stranger, at=NINE)

    assert list(VolunteerCard.objects.values_list("pk", "revoked_at")) == [(held.pk, None)]


@pytest.mark.parametrize("key", [0, 10**30])
def test_a_card_is_for_somebody_there_is(clerk, key):
    with pytest.raises(NotFound):
        passes.issue_card(volunteer_id=key, actor=clerk, at=NINE)


def test_the_database_holds_no_key_of_a_card(volunteer):
    card = VolunteerCardFactory(volunteer=volunteer)
    key = codes.derive_key(secret=settings.QR_SECRET, kind=Kind.CARD, subject_id=volunteer.pk, version=1)

    [row] = VolunteerCard.objects.filter(pk=card.pk).values()

    assert key not in row.values()
    assert passes.card_token(card) not in row.values()


# --- on the wire ---


def test_my_pass_is_ten_minutes_of_codes_and_our_clock(api, volunteer):
    answer = api(volunteer.user).get("/api/v1/volunteers/me/pass/")

    told = answer.json()
    now = datetime.fromisoformat(told["now"])
    assert (answer.status_code, len(told["codes"])) == (200, 20)
    assert check(told["codes"][0]["token"], now).subject_id == volunteer.pk
    assert datetime.fromisoformat(told["codes"][0]["starts_at"]) <= now


def test_without_a_registration_there_is_no_pass(api):
    answer = api(UserFactory()).get("/api/v1/volunteers/me/pass/")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_registered")


def test_staff_print_a_card_and_revoke_it(api, volunteer):
    client = api(make_staff(Role.COMMUNITY_STAFF, "520102"))
    address = f"/api/v1/volunteers/{volunteer.pk}/card/"

    made = client.post(address)
    gone, again = client.delete(address), client.delete(address)

    assert (made.status_code, made.json()["version"]) == (201, 1)
    assert codes.read(made.json()["token"]).subject_id == volunteer.pk
    assert (gone.status_code, gone.content) == (204, b"")
    assert (again.status_code, again.json()["code"]) == (409, "no_card")


def test_asking_twice_with_one_key_prints_one_card(api, volunteer):
    client = api(volunteer.user)
    address = f"/api/v1/volunteers/{volunteer.pk}/card/"

    first, again = (client.post(address, headers={"Idempotency-Key": "card"}) for _ in range(2))

    assert (again.content, VolunteerCard.objects.count()) == (first.content, 1)


@pytest.mark.parametrize("key", ["0", "999999", "9" * 100])
@pytest.mark.parametrize("method", ["post", "delete"])
def test_a_card_of_nobody_is_not_found(api, volunteer, key, method):
    answer = getattr(api(volunteer.user), method)(f"/api/v1/volunteers/{key}/card/")

    assert answer.status_code == 404


# --- around the Python ---


def test_the_database_keeps_one_card_that_counts(volunteer):
    VolunteerCardFactory(volunteer=volunteer)

    with refused_by("card_live_once"):
        VolunteerCardFactory(volunteer=volunteer, version=2)


def test_a_version_is_printed_once(volunteer):
    VolunteerCardFactory(volunteer=volunteer, revoked_at=NINE)

    with refused_by("card_version_once"):
        VolunteerCardFactory(volunteer=volunteer)


@pytest.mark.parametrize("version", [0, 65536])
def test_a_version_fits_into_a_code(version):
    with refused_by("card_version_in_range"):
        VolunteerCardFactory(version=version)


def test_no_card_is_revoked_before_it_is_issued():
    with refused_by("card_revoked_after_issued"):
        VolunteerCardFactory(revoked_at=datetime(2026, 2, 1, tzinfo=UTC))


@pytest.mark.parametrize("change", ["version", "issued_at", "issued_by", "volunteer"])
def test_a_card_is_not_rewritten(change):
    card = VolunteerCardFactory()
    made = {
        "version": 9,
        "issued_at": NINE,
        "issued_by": StaffFactory(),
        "volunteer": VolunteerFactory(),
    }[change]

    with refused_by("card_is_history"):
        VolunteerCard.objects.filter(pk=card.pk).update(**{change: made})


def test_a_revoked_card_stays_revoked():
    card = VolunteerCardFactory(revoked_at=NINE)

    with refused_by("card_is_history"):
        VolunteerCard.objects.filter(pk=card.pk).update(revoked_at=None)


def test_a_card_is_not_removed():
    card = VolunteerCardFactory()

    with refused_by("card_is_history"):
        VolunteerCard.objects.filter(pk=card.pk)._raw_delete("default")


def test_every_guard_of_the_cards_has_its_case():
    assert guards_of(VolunteerCard) == {
        "card_live_once",
        "card_version_once",
        "card_version_in_range",
        "card_revoked_after_issued",
        "card_is_history",
    }
