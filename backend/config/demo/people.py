"""The people of the demo community: staff with a role each, and volunteers."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.timezone import localdate
from stdnum.cn import ric

from backend.accounts.models import User
from backend.accounts.scopes import Role, ScopeType
from backend.accounts.services import grant, user_of_phone
from backend.config.demo.content import COMMUNITIES, PASSWORD, SKILLS
from backend.config.demo.identities import Identity, identities
from volunteers.people.choices import ConsentKind, IdType, ServiceCategory
from volunteers.people.models import Volunteer
from volunteers.people.rules import age_on
from volunteers.people.services import GuardianInput, register


@dataclass(frozen=True)
class StaffAccount:
    """A demo login with what it is for."""

    username: str
    display_name: str
    role: Role
    scope_type: ScopeType
    page: str


STAFF = (
    StaffAccount("site", "周敏", Role.SITE_MANAGER, ScopeType.SITE, "/manage/"),
    StaffAccount("clerk", "何丽", Role.STORE_CLERK, ScopeType.STORE, "/counter/"),
    StaffAccount("org", "罗小燕", Role.ORGANIZATION_MANAGER, ScopeType.ORGANIZATION, "/manage/"),
    StaffAccount("staff", "杨永康", Role.COMMUNITY_STAFF, ScopeType.REGION, "/admin/"),
    StaffAccount("supervisor", "冯毅", Role.SUPERVISOR, ScopeType.REGION, "/admin/"),
    StaffAccount("admin", "平台管理员", Role.PLATFORM_ADMIN, ScopeType.PLATFORM, "/admin/"),
)


def add_staff(account: StaffAccount) -> User:
    """Create the login of a staff member, without any right yet."""
    user = User(
        username=account.username,
        display_name=account.display_name,
        is_staff=account.role in {Role.PLATFORM_ADMIN, Role.COMMUNITY_STAFF, Role.SUPERVISOR},
    )
    user.set_password(PASSWORD)
    user.save()
    return user


def give_role(user: User, account: StaffAccount, *scope_ids: str, at: datetime) -> None:
    """Give a staff member their role in each of the scopes."""
    for scope_id in scope_ids:
        grant(
            user=user, role=account.role, scope_type=account.scope_type, scope_id=scope_id, actor=None, at=at
        )


def register_volunteers(*, count: int, seed: int, since: datetime, until: datetime) -> list[Volunteer]:
    """Register invented people through the service, spread over the first two weeks."""
    chance = random.Random(seed)  # noqa: S311 – reproducible demo data, no secret
    people = identities(count=count, region="520102", today=localdate(until), seed=seed)
    return [
        _register(person, index=index, chance=chance, at=since + timedelta(hours=index * 5 % 300))
        for index, person in enumerate(people)
    ]


def _register(person: Identity, *, index: int, chance: random.Random, at: datetime) -> Volunteer:
    minor = age_on(ric.get_birth_date(person.id_number), localdate(at)) < 18  # noqa: PLR2004 – full age
    consents = {ConsentKind.PRIVACY} | ({ConsentKind.LOCATION} if index % 3 else set())
    if index % 4 != 3:  # noqa: PLR2004 – three of four agree to be shown
        consents.add(ConsentKind.HONOR_BOARD)
    guardian = GuardianInput(name="王建民", phone=f"1390001{index:04d}", relation="父亲") if minor else None
    if minor:
        consents.add(ConsentKind.GUARDIAN)
    with transaction.atomic():
        user = user_of_phone(phone=person.phone)
        return register(
            user=user,
            name=person.name,
            id_type=IdType.RESIDENT_ID,
            id_number=person.id_number,
            region_code=COMMUNITIES[index % len(COMMUNITIES)],
            skills=chance.sample(SKILLS, k=chance.randrange(3)),
            service_categories=[ServiceCategory.COMMUNITY, ServiceCategory.SPECIAL_CARE],
            available_times=["周末", "工作日下午"][: 1 + index % 2],
            consents=consents,
            guardian=guardian,
            at=at,
        )
