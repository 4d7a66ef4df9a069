"""Two hundred people want fifty places at once.

First the race is shown to exist: with the guards of the table off and the check made without a lock, more
people get a place than there are. Then each guard on its own holds: the database refuses what is written
without a lock, and the service fills exactly the places there are and loses nobody.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection, transaction

from tests.factories.volunteers import SHIFT_STARTS, ShiftFactory, SignUpFactory, VolunteerFactory
from volunteers.activities import services
from volunteers.activities.choices import SignUpStatus
from volunteers.activities.errors import OverlappingShift
from volunteers.activities.models import Shift, SignUp
from volunteers.people.models import Volunteer

pytestmark = pytest.mark.django_db(transaction=True)

BEFORE = SHIFT_STARTS - timedelta(days=1)
PEOPLE, THREADS, PLACES = 200, 16, 50


def at_once(jobs: list[Callable[[], object]], *, threads: int = THREADS) -> list[BaseException]:
    """Run the jobs on several threads that start together; return what they raised."""
    start = threading.Barrier(threads)
    errors: list[BaseException] = []

    def run(mine: list[Callable[[], object]]) -> None:
        try:
            start.wait()
            for job in mine:
                try:
                    job()
                except Exception as error:  # noqa: BLE001 – the test looks at every one
                    errors.append(error)
        finally:
            connection.close()

    workers = [threading.Thread(target=run, args=(jobs[offset::threads],)) for offset in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return errors


@contextmanager
def guards_off() -> Iterator[None]:
    """Take away the counting triggers, and with them the CHECK that relies on the count."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE volunteers_signup DISABLE TRIGGER USER")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE volunteers_signup ENABLE TRIGGER USER")


def sign_up_without_a_lock(shift: Shift, volunteer: Volunteer) -> None:
    """What the service would do if it counted first and wrote later, with nothing held in between."""
    with transaction.atomic():
        confirmed = SignUp.objects.filter(shift=shift, status=SignUpStatus.CONFIRMED).count()
        free = confirmed < shift.capacity
        SignUp.objects.create(
            shift=shift,
            volunteer=volunteer,
            status=SignUpStatus.CONFIRMED if free else SignUpStatus.WAITING,
            created_at=BEFORE,
            period=(shift.starts_at, shift.ends_at),
        )


def test_without_lock_and_guards_the_race_is_real():
    shift = ShiftFactory(capacity=1)
    overfull = False

    for _ in range(20):
        people = VolunteerFactory.create_batch(THREADS)
        with guards_off():
            errors = at_once([lambda who=who: sign_up_without_a_lock(shift, who) for who in people])
        confirmed = SignUp.objects.filter(shift=shift, status=SignUpStatus.CONFIRMED).count()
        assert errors == []
        overfull = confirmed > shift.capacity
        if overfull:
            break
        with guards_off():
            SignUp.objects.all()._raw_delete("default")

    assert overfull


def test_without_lock_the_database_still_refuses_one_too_many():
    shift = ShiftFactory(capacity=1)
    people = VolunteerFactory.create_batch(THREADS)

    errors = at_once([lambda who=who: sign_up_without_a_lock(shift, who) for who in people])

    shift.refresh_from_db()
    confirmed = SignUp.objects.filter(shift=shift, status=SignUpStatus.CONFIRMED).count()
    assert (confirmed, shift.taken) == (1, 1)
    assert {_constraint(error) for error in errors} <= {"shift_not_overfull"}


def test_two_hundred_at_once_fill_fifty_places_exactly():
    shift = ShiftFactory(capacity=PLACES)
    people = VolunteerFactory.create_batch(PEOPLE)

    errors = at_once(
        [lambda who=who: services.sign_up(shift_id=shift.pk, volunteer=who, at=BEFORE) for who in people]
    )

    shift.refresh_from_db()
    statuses = Counter(SignUp.objects.values_list("status", flat=True))
    assert errors == []
    assert statuses == {"confirmed": PLACES, "waiting": PEOPLE - PLACES}
    assert shift.taken == PLACES


def test_one_person_asking_sixteen_times_at_once_has_one_place():
    shift, volunteer = ShiftFactory(), VolunteerFactory()

    errors = at_once([lambda: services.sign_up(shift_id=shift.pk, volunteer=volunteer, at=BEFORE)] * THREADS)

    shift.refresh_from_db()
    assert (errors, SignUp.objects.count(), shift.taken) == ([], 1, 1)


def test_one_person_asking_for_sixteen_overlapping_shifts_at_once_gets_one():
    shifts, volunteer = ShiftFactory.create_batch(THREADS), VolunteerFactory()

    errors = at_once(
        [
            lambda each=each: services.sign_up(shift_id=each.pk, volunteer=volunteer, at=BEFORE)
            for each in shifts
        ]
    )

    assert SignUp.objects.count() == 1
    assert len(errors) == THREADS - 1
    assert {type(error) for error in errors} == {OverlappingShift}


def test_places_given_back_at_once_all_go_to_those_who_wait():
    shift = ShiftFactory(capacity=THREADS)
    holders = SignUpFactory.create_batch(THREADS, shift=shift)
    SignUpFactory.create_batch(THREADS * 2, shift=shift, status=SignUpStatus.WAITING)

    errors = at_once(
        [
            lambda mine=mine: services.cancel_sign_up(sign_up_id=mine.pk, volunteer=mine.volunteer, at=BEFORE)
            for mine in holders
        ]
    )

    shift.refresh_from_db()
    statuses = Counter(SignUp.objects.values_list("status", flat=True))
    assert errors == []
    assert statuses == {"cancelled": THREADS, "confirmed": THREADS, "waiting": THREADS}
    assert shift.taken == THREADS


def test_coming_and_going_at_once_never_overfills_and_never_leaves_a_place_empty_while_one_waits():
    shift = ShiftFactory(capacity=8)
    holders = SignUpFactory.create_batch(8, shift=shift)
    newcomers = VolunteerFactory.create_batch(24)
    leave = [
        lambda mine=mine: services.cancel_sign_up(sign_up_id=mine.pk, volunteer=mine.volunteer, at=BEFORE)
        for mine in holders
    ]
    come = [
        lambda who=who: services.sign_up(shift_id=shift.pk, volunteer=who, at=BEFORE) for who in newcomers
    ]

    errors = at_once([job for pair in zip(come[:8], leave, strict=True) for job in pair] + come[8:])

    shift.refresh_from_db()
    statuses = Counter(SignUp.objects.values_list("status", flat=True))
    assert errors == []
    assert statuses == {"cancelled": 8, "confirmed": 8, "waiting": 16}
    assert shift.taken == 8


def _constraint(error: BaseException) -> str:
    return str(getattr(error.__cause__, "diag").constraint_name)  # noqa: B009 – untyped cause
