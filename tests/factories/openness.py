"""Donors' questions and emergency appeals, made through their services."""

from datetime import datetime

from backend.accounts.models import User
from backend.accounts.scopes import Actor, Role
from points.appeals import services as appeals
from points.appeals.models import Appeal
from points.giving import questions
from points.giving.models import Donation
from points.giving.question_models import DonorQuestion
from tests.factories.accounts import OrganizationFactory, UserFactory, make_actor
from tests.factories.market import DonorFactory

DONOR_PHONE = "13900009999"


def make_donor_with_phone(phone: str = DONOR_PHONE, **donor: object) -> tuple[object, User]:
    """Make a donor and the account of the same phone."""
    return DonorFactory.create(contact=phone, **donor), UserFactory.create(phone=phone)


def ask_about(donation: Donation, user: User, *, at: datetime, **fields: object) -> DonorQuestion:
    """Ask as the signed-in donor."""
    values = {"text": "还剩的米打算怎么用？", "agree_public": False, "address": "192.0.2.1"} | fields
    return questions.ask(number=donation.number, user=user, at=at, **values)


def open_appeal(*, actor: Actor | None = None, at: datetime, **fields: object) -> Appeal:
    """Open an appeal for water and blankets, by the manager of an organisation."""
    organization = fields.pop("organization", None) or OrganizationFactory.create()
    values = {
        "region": organization.region,
        "title": "暴雨安置点物资",
        "command_order": "筑应急〔2026〕18 号",
        "bring_to": "新华路 1 号慈善超市",
        "needs": [appeals.NeedInput("瓶装水", "箱", 100), appeals.NeedInput("毛毯", "条", 40)],
    } | fields
    return appeals.open_appeal(
        organization=organization,
        actor=actor or make_actor(Role.ORGANIZATION_MANAGER, organization.pk),
        at=at,
        **values,
    )
