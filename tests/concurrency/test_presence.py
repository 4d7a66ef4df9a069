"""Hours that meet: a day's cap, a scan taken back, two sheets, two cards."""

from datetime import timedelta

import pytest
from django.db import IntegrityError

from backend.accounts.scopes import Role
from tests.concurrency.rivals import Meeting, race
from tests.factories.accounts import make_actor
from tests.factories.attendance import AttendanceFactory, code_of, make_place, photograph
from tests.factories.volunteers import SHIFT_STARTS, ShiftFactory, VolunteerFactory
from volunteers.attendance import annulment, paper, services
from volunteers.attendance.errors import NothingToAnnul, SheetRowsRefused
from volunteers.attendance.models import Attendance, ScanAnnulment
from volunteers.attendance.paper_models import PaperSheet
from volunteers.people import passes
from volunteers.people.models import VolunteerCard
from volunteers.records import services as records
from volunteers.records.errors import StillInService
from volunteers.records.models import ServiceRecord

pytestmark = pytest.mark.django_db(transaction=True)

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
ENDS = SHIFT_STARTS + 3 * HOUR


def unguarded(meeting, rival):
    def run():
        with meeting.unguarded():
            return rival()

    return run


# --- the day's cap ---


def two_halves_of_a_long_day():
    """Five hours and five hours more, each waiting for a manager of its own."""
    volunteer = VolunteerFactory()
    for after in (0, 5):
        starts_at = SHIFT_STARTS + HOUR * after
        shift = ShiftFactory(starts_at=starts_at, ends_at=starts_at + 5 * HOUR)
        yield AttendanceFactory(shift=shift, volunteer=volunteer)


def approving(attendance):
    actor = make_actor(Role.SITE_MANAGER, attendance.site_id)
    return lambda: records.approve(attendance_id=attendance.pk, actor=actor, at=ENDS + 24 * HOUR)


def credited():
    return sorted(ServiceRecord.objects.values_list("minutes", flat=True))


def test_without_the_lock_two_approvals_credit_more_than_a_day_holds():
    meeting = Meeting(2, ['FROM "volunteers_servicerecord"', '"service_date"'])

    race(*[unguarded(meeting, approving(half)) for half in two_halves_of_a_long_day()])

    assert credited() == [300, 300]


def test_two_approvals_of_one_day_keep_its_cap():
    race(*[approving(half) for half in two_halves_of_a_long_day()])

    assert credited() == [180, 300]


# --- a scan taken back ---


@pytest.fixture
def place():
    return make_place()


def scanning(place, intent, at, nonce):
    token = code_of(place.shift.activity.site, at)
    return lambda: services.scan(
        volunteer_user_id=place.volunteer.user_id, token=token, intent=intent, nonce=nonce, at=at
    )


def annulling(place, nonce, at):
    return lambda: annulment.annul(user_id=place.volunteer.user_id, nonce=nonce, reason="扫错了", at=at)


def approving_of(place):
    actor = make_actor(Role.SITE_MANAGER, place.shift.activity.site_id)
    attendance = Attendance.objects.get()
    return lambda: records.approve(attendance_id=attendance.pk, actor=actor, at=ENDS)


def test_without_the_lock_a_scan_is_annulled_twice_and_the_database_refuses_one(place):
    scanning(place, "in", SHIFT_STARTS, "in")()
    meeting = Meeting(2, ['FROM "volunteers_scanannulment"'])

    outcome = race(*[unguarded(meeting, annulling(place, "in", SHIFT_STARTS + MINUTE)) for _ in range(2)])

    assert len([result for result in outcome if isinstance(result, Exception)]) == 1
    assert ScanAnnulment.objects.count() == 1


def test_annulling_many_times_at_once_is_once(place):
    scanning(place, "in", SHIFT_STARTS, "in")()

    outcome = race(*[annulling(place, "in", SHIFT_STARTS + MINUTE)] * 4)

    assert {result.status for result in outcome} == {"annulled"}
    assert ScanAnnulment.objects.count() == 1


def test_annulling_a_check_out_and_approving_it_leaves_one_of_them(place):
    scanning(place, "in", SHIFT_STARTS, "in")()
    scanning(place, "out", ENDS, "out")()

    annulled, approved = race(annulling(place, "out", ENDS + MINUTE), approving_of(place))

    status = Attendance.objects.get().status
    lost = {"open": approved, "approved": annulled}[status]
    assert isinstance(lost, StillInService if status == "open" else NothingToAnnul)
    assert (ServiceRecord.objects.count(), ScanAnnulment.objects.count()) == (
        (0, 1) if status == "open" else (1, 0)
    )


def test_annulling_a_check_in_and_checking_out_leaves_one_of_them(place):
    scanning(place, "in", SHIFT_STARTS, "in")()
    at = SHIFT_STARTS + MINUTE

    annulled, left = race(annulling(place, "in", at), scanning(place, "out", at, "out"))

    status = Attendance.objects.get().status
    headline = left.reasons[0]["code"]
    assert (status, headline) in {("annulled", "not_checked_in"), ("pending", "checked_out")}
    assert isinstance(annulled, NothingToAnnul) is (status == "pending")


def test_without_the_lock_a_check_in_is_annulled_while_it_ends_and_the_database_refuses_one(place):
    scanning(place, "in", SHIFT_STARTS, "in")()
    at = SHIFT_STARTS + MINUTE
    meeting = Meeting(2, ['FROM "volunteers_attendance"'])

    outcome = race(
        unguarded(meeting, annulling(place, "in", at)), unguarded(meeting, scanning(place, "out", at, "out"))
    )

    assert len([result for result in outcome if isinstance(result, Exception)]) == 1
    assert Attendance.objects.get().status in {"annulled", "pending"}


# --- two sheets ---


def entering(place, actor, shade):
    row = paper.PaperRow(place.volunteer.number, SHIFT_STARTS, ENDS)
    return lambda: paper.enter_sheet(
        shift_id=place.shift_id,
        rows=[row],
        picture=photograph(shade=shade),
        note="",
        actor=actor,
        at=ENDS + HOUR,
    )


@pytest.fixture
def clerks(place):
    return [make_actor(Role.SITE_MANAGER, place.shift.activity.site_id) for _ in range(2)]


def test_without_the_lock_two_sheets_enter_one_person_twice(place, clerks):
    meeting = Meeting(2, ['FROM "volunteers_attendance"'])

    race(*[unguarded(meeting, entering(place, clerk, shade)) for shade, clerk in enumerate(clerks)])

    assert Attendance.objects.count() == 2


def test_two_sheets_with_one_person_enter_them_once(place, clerks):
    outcome = race(*[entering(place, clerk, shade) for shade, clerk in enumerate(clerks)])

    [lost] = [result for result in outcome if isinstance(result, Exception)]
    assert isinstance(lost, SheetRowsRefused)
    assert (Attendance.objects.count(), PaperSheet.objects.count()) == (1, 1)


def test_a_sheet_entered_during_a_scan_comes_first_or_is_refused(place, clerks):
    early = entering(place, clerks[0], 1)
    outcome = race(early, scanning(place, "in", ENDS - MINUTE, "in"))

    statuses = sorted(Attendance.objects.values_list("status", flat=True))
    assert statuses in (["open"], ["open", "pending"])
    assert isinstance(outcome[0], SheetRowsRefused) is (statuses == ["open"])


# --- two cards ---


def issuing(volunteer, actor):
    return lambda: passes.issue_card(volunteer_id=volunteer.pk, actor=actor, at=SHIFT_STARTS)


@pytest.fixture
def staff():
    return [make_actor(Role.COMMUNITY_STAFF, "520102") for _ in range(2)]


def test_without_the_lock_two_cards_are_one_and_the_database_refuses_the_other(staff):
    volunteer = VolunteerFactory()
    meeting = Meeting(2, ['FROM "volunteers_volunteercard"'])

    outcome = race(*[unguarded(meeting, issuing(volunteer, actor)) for actor in staff])

    [lost] = [result for result in outcome if isinstance(result, Exception)]
    assert isinstance(lost, IntegrityError)
    assert VolunteerCard.objects.count() == 1


def test_two_cards_at_once_are_issued_one_after_the_other(staff):
    volunteer = VolunteerFactory()

    race(*[issuing(volunteer, actor) for actor in staff])

    cards = VolunteerCard.objects.order_by("version")
    assert [(card.version, card.revoked_at is None) for card in cards] == [(1, False), (2, True)]
