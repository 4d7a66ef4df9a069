"""One person, one volunteer: also when many accounts register the same document at the same moment."""

import threading
from datetime import date

import pytest
from django.db import connection

from backend.accounts.models import User
from tests.factories.accounts import UserFactory
from tests.factories.regions import COMMUNITY, make_path
from tests.factories.volunteers import REGISTERED_AT, resident_id
from volunteers.people import services
from volunteers.people.errors import AlreadyRegistered, PersonRegistered
from volunteers.people.models import Volunteer

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 12


def register(user: User, id_number: str) -> Volunteer:
    return services.register(
        user=user,
        name="张晓明",
        id_type="resident_id",
        id_number=id_number,
        region_code=COMMUNITY,
        skills=[],
        service_categories=[],
        available_times=[],
        consents=["privacy"],
        at=REGISTERED_AT,
    )


def all_at_once(people: list[tuple[User, str]]) -> list[BaseException]:
    start = threading.Barrier(len(people))
    errors: list[BaseException] = []

    def run(user: User, id_number: str) -> None:
        try:
            start.wait()
            register(user, id_number)
        except Exception as error:  # noqa: BLE001 – the test looks at every one
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=person) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


@pytest.fixture(autouse=True)
def community():
    make_path()


def test_twelve_accounts_with_one_document_make_one_volunteer():
    errors = all_at_once([(user, resident_id()) for user in UserFactory.create_batch(THREADS)])

    assert Volunteer.objects.count() == 1
    assert [type(error) for error in errors] == [PersonRegistered] * (THREADS - 1)


def test_one_account_with_twelve_documents_makes_one_volunteer():
    user = UserFactory.create()

    errors = all_at_once([(user, resident_id(born=date(1990, 1, 1 + day))) for day in range(THREADS)])

    assert Volunteer.objects.count() == 1
    assert [type(error) for error in errors] == [AlreadyRegistered] * (THREADS - 1)
