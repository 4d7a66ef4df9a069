"""One declared relative, who confirms; either side ends it."""

import pytest

from backend.core.errors import Invalid, NotFound
from points.gifts import queries, services
from points.gifts.errors import RelativeAlreadyDeclared, RelativeIsSelf, RelativeIsSettled, RelativeUnknown
from tests.factories.gifts import relatives
from tests.factories.volunteers import VolunteerFactory
from volunteers.people.choices import VolunteerStatus

pytestmark = pytest.mark.django_db


@pytest.fixture
def zhang():
    return VolunteerFactory()


@pytest.fixture
def daughter():
    return VolunteerFactory()


def declare(volunteer, number, now, relation="child"):
    return services.declare_relative(volunteer=volunteer, number=number, relation=relation, at=now)


def test_a_declaration_waits_for_the_relative(zhang, daughter, now):
    row = declare(zhang, daughter.number, now)

    assert queries.relative_of(zhang) == row
    assert list(queries.declared_by_others(daughter)) == [row]
    assert row.confirmed_at is None


def test_the_relative_confirms_and_twice_is_once(zhang, daughter, now):
    row = relatives(zhang, daughter, at=now)

    assert services.confirm_relative(relative_id=row.pk, by=daughter, at=now).confirmed_at == now


def test_nobody_else_confirms(zhang, daughter, now):
    row = declare(zhang, daughter.number, now)

    for other in (zhang, VolunteerFactory()):
        with pytest.raises(NotFound):
            services.confirm_relative(relative_id=row.pk, by=other, at=now)


def test_one_relative_at_a_time(zhang, daughter, now):
    row = declare(zhang, daughter.number, now)
    son = VolunteerFactory()
    with pytest.raises(RelativeAlreadyDeclared):
        declare(zhang, son.number, now)

    services.end_relative(relative_id=row.pk, by=zhang, at=now)

    assert declare(zhang, son.number, now).relative == son


def test_either_side_ends_it_and_a_stranger_does_not(zhang, daughter, now):
    row = relatives(zhang, daughter, at=now)
    with pytest.raises(NotFound):
        services.end_relative(relative_id=row.pk, by=VolunteerFactory(), at=now)

    services.end_relative(relative_id=row.pk, by=daughter, at=now)
    services.end_relative(relative_id=row.pk, by=zhang, at=now)

    assert queries.relative_of(zhang) is None


def test_what_was_ended_cannot_be_confirmed(zhang, daughter, now):
    row = declare(zhang, daughter.number, now)
    services.end_relative(relative_id=row.pk, by=zhang, at=now)

    with pytest.raises(RelativeIsSettled):
        services.confirm_relative(relative_id=row.pk, by=daughter, at=now)


def test_a_relative_is_another_active_volunteer_and_lineal(zhang, daughter, now):
    waiting = VolunteerFactory(status=VolunteerStatus.PENDING)

    with pytest.raises(RelativeIsSelf):
        declare(zhang, zhang.number, now)
    for number in (waiting.number, "999999999999", "x"):
        with pytest.raises(RelativeUnknown):
            declare(zhang, number, now)
    with pytest.raises(Invalid):
        declare(zhang, daughter.number, now, relation="cousin")

    assert queries.relative_of(zhang) is None
