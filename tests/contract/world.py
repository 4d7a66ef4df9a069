"""A small world for the contract tests: two communities that have nothing to do with each other.

In Guiyang somebody holds every role over the same site, store and organization; in Chengdu somebody holds the
same roles over others. What a role may do is then a matter of looking from both places.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from rest_framework_simplejwt.tokens import RefreshToken

from backend.accounts.models import Organization, User
from backend.accounts.scopes import Role, actor_for
from backend.core.outbox.models import OutboxEvent
from points.appeals.models import Appeal
from points.gifts.choices import Relation
from points.gifts.models import Relative
from points.gifts.services import declare_relative
from points.giving import services as giving
from points.giving.models import Donation, Donor
from points.giving.question_models import DonorQuestion
from points.imports.models import ImportJob
from points.ledger import days
from points.ledger.models import Entry, Transfer
from points.market.models import Product, Store
from points.market.offline import SignedList
from points.market.redemption_models import Redemption
from points.market.return_models import GoodsReturn
from points.market.slot_models import ServiceSlot
from points.proof.models import DayProof
from points.proof.services import prove_next
from points.revision.models import RevisionRun
from points.scoring.models import RuleSet
from points.scoring.other_models import OtherAward
from tests.contract import world_need, world_stockroom
from tests.contract.sent import photograph
from tests.contract.world_counter import counter_of
from tests.contract.world_giving import GivingWorld, giving_world
from tests.contract.world_imports import checked_import
from tests.contract.world_rules import awards, rules
from tests.factories.accounts import OrganizationFactory, make_staff
from tests.factories.attendance import (
    AttendanceFactory,
    CheckInPolicyFactory,
    ForgottenAttendanceFactory,
    QualificationFactory,
    ScanAnnulmentFactory,
    ScanFactory,
    code_of,
)
from tests.factories.events import make_dead_event
from tests.factories.integrity import AuditItemFactory, SignalFactory
from tests.factories.ledger import give
from tests.factories.market import (
    DonorFactory,
    HonorFactory,
    StoreFactory,
    make_product,
    make_service,
    make_slot,
    reserve,
)
from tests.factories.openness import ask_about, open_appeal
from tests.factories.regions import COMMUNITY, make_path
from tests.factories.tickets import CorrectionFactory, ObjectionFactory, PublicObjectionFactory
from tests.factories.venues import SiteFactory
from tests.factories.volunteers import (
    ActivityFactory,
    ShiftFactory,
    SignUpFactory,
    VolunteerFactory,
)
from venues.sites.models import Site, SiteStatus
from volunteers.activities.models import Activity, Shift, SignUp
from volunteers.attendance import services as scans
from volunteers.attendance.models import Attendance, ScanAnnulment
from volunteers.attendance.paper_models import PaperSheet
from volunteers.integrity.models import AuditItem, Signal
from volunteers.people import passes
from volunteers.people.choices import ConsentKind, VolunteerStatus
from volunteers.people.models import Volunteer, VolunteerCard
from volunteers.records import services as records
from volunteers.records.models import ServiceRecord
from volunteers.records.ticket_models import Correction, Objection
from volunteers.training.models import Qualification

ELSEWHERE = "510104001001"
ROLES = (
    "anon",
    "vol",
    "vol2",
    "site",
    "site2",
    "clerk",
    "clerk2",
    "org",
    "org2",
    "staff",
    "staff2",
    "super",
    "admin",
)


@dataclass(frozen=True)
class World:
    """Who and what there is; `users` by the names of `ROLES`, of whom `anon` is nobody."""

    at: datetime
    users: Mapping[str, User | None]
    organization: Organization
    site: Site
    closed_site: Site
    activity: Activity
    shift: Shift
    coming_shift: Shift
    volunteer: Volunteer
    applicant: Volunteer
    sign_up: SignUp
    attendance: Attendance
    forgotten: Attendance
    open_nonce: str
    paper_shift: Shift
    sheet: PaperSheet
    card: VolunteerCard
    annulment: ScanAnnulment
    qualification: Qualification
    record: ServiceRecord
    correction: Correction
    objection: Objection
    open_objection: Objection
    signal: Signal
    audit_item: AuditItem
    entry: Entry
    import_job: ImportJob
    relative: Relative
    rule_set: RuleSet
    draft_rule_set: RuleSet
    reviewed_rule_set: RuleSet
    local_rule_set: RuleSet
    other_award: OtherAward
    revision: RevisionRun
    stopped_revision: RevisionRun
    store: Store
    product: Product
    slot: ServiceSlot
    redemption: Redemption
    stockroom: dict[str, Any]
    listed: Redemption
    taken: Redemption
    basket: Redemption
    goods_return: GoodsReturn
    offline_list: SignedList
    need: dict[str, Any]
    donor: Donor
    donation: Donation
    question: DonorQuestion
    appeal: Appeal
    giving: GivingWorld
    proof: DayProof
    dead_event: OutboxEvent
    refresh_token: str

    def places(self, at: datetime) -> dict[str, object]:
        """What stands in braces in an address."""
        return {
            "region": COMMUNITY,
            "site": self.site.pk,
            "closed_site": self.closed_site.pk,
            "shift": self.shift.pk,
            "coming_shift": self.coming_shift.pk,
            "volunteer": self.volunteer.pk,
            "applicant": self.applicant.pk,
            "sign_up": self.sign_up.pk,
            "attendance": self.attendance.pk,
            "forgotten": self.forgotten.pk,
            "record": self.record.pk,
            "correction": self.correction.pk,
            "objection": self.objection.pk,
            "open_objection": self.open_objection.pk,
            "ticket": self.objection.ticket,
            "worked_shift": self.attendance.shift_id,
            "paper_shift": self.paper_shift.pk,
            "sheet": self.sheet.pk,
            "qualification": self.qualification.pk,
            "signal": self.signal.pk,
            "audit_item": self.audit_item.pk,
            "entry": self.entry.pk,
            "import_job": self.import_job.pk,
            "relative": self.relative.pk,
            "rule_set": self.rule_set.pk,
            "draft_rule_set": self.draft_rule_set.pk,
            "reviewed_rule_set": self.reviewed_rule_set.pk,
            "local_rule_set": self.local_rule_set.pk,
            "other_award": self.other_award.pk,
            "revision": self.revision.pk,
            "stopped_revision": self.stopped_revision.pk,
            "store": self.store.pk,
            "slot": self.slot.pk,
            "redemption": self.redemption.pk,
            **world_stockroom.places(self.stockroom, at),
            "basket": self.basket.pk,
            "goods_return": self.goods_return.pk,
            "offline_list": self.offline_list.serial,
            "product": self.product.pk,
            **world_need.places(self.need),
            "donor": self.donor.pk,
            "donation": self.donation.number,
            "question": self.question.pk,
            "question_ticket": self.question.ticket,
            "appeal": self.appeal.pk,
            **self.giving.places(),
            "proof_day": self.proof.day,
            "dead_event": self.dead_event.pk,
            "token": code_of(self.site, at),
        }


def build_world(at: datetime) -> World:
    """Build both communities as of `at`."""
    make_path(COMMUNITY)
    make_path(ELSEWHERE)
    organization, site, store = _community(COMMUNITY)
    organization2, site2, store2 = _community(ELSEWHERE)
    make_product(store=store2)
    volunteer = VolunteerFactory(consents=[ConsentKind.PRIVACY, ConsentKind.LOCATION])
    volunteer2 = VolunteerFactory(region__code=ELSEWHERE)
    users = {
        "anon": None,
        "vol": volunteer.user,
        "vol2": volunteer2.user,
        "site": make_staff(Role.SITE_MANAGER, site.pk),
        "site2": make_staff(Role.SITE_MANAGER, site2.pk),
        "clerk": make_staff(Role.STORE_CLERK, store.pk),
        "clerk2": make_staff(Role.STORE_CLERK, store2.pk),
        "org": make_staff(Role.ORGANIZATION_MANAGER, organization.pk),
        "org2": make_staff(Role.ORGANIZATION_MANAGER, organization2.pk),
        "staff": make_staff(Role.COMMUNITY_STAFF, "520102001"),
        "staff2": make_staff(Role.COMMUNITY_STAFF, "510104"),
        "super": make_staff(Role.SUPERVISOR, "5201"),
        "admin": make_staff(Role.PLATFORM_ADMIN),
    }
    service = _service(organization, site, volunteer, users["org"], at)
    disputes = _disputes(service["activity"], volunteer, users, at)
    market = _market(store, volunteer, volunteer2, users["clerk"], at)
    return World(
        at=at,
        users=users,
        organization=organization,
        site=site,
        closed_site=SiteFactory(organization=organization, region=site.region, status=SiteStatus.CLOSED),
        volunteer=volunteer,
        applicant=VolunteerFactory(status=VolunteerStatus.PENDING),
        store=store,
        import_job=checked_import(store, users["clerk"], at),
        dead_event=make_dead_event(),
        refresh_token=str(RefreshToken.for_user(volunteer.user)),
        **service,
        **disputes,
        **rules(users, at),
        **awards(volunteer, at),
        **market,
        need=world_need.need(volunteer, market["product"], users["staff"], at),
        proof=_first_day(at),
        entry=Entry.objects.filter(account__volunteer=volunteer).latest("pk"),
        relative=declare_relative(
            volunteer=volunteer2, number=volunteer.number, relation=Relation.PARENT, at=at
        ),
    )


def _first_day(at: datetime) -> DayProof:
    """The first page of the public books; all later days stay open."""
    days.close_day(day=Transfer.objects.earliest("business_day").business_day, at=at)
    proof = prove_next(at=at)
    assert proof is not None
    return proof


def _community(region: str) -> tuple[Organization, Site, Store]:
    organization = OrganizationFactory.create(region__code=region)
    site = SiteFactory.create(organization=organization, region=organization.region)
    store = StoreFactory.create(organization=organization, region=organization.region)
    return organization, site, store


def _service(
    organization: Organization, site: Site, volunteer: Volunteer, manager: User, at: datetime
) -> dict[str, Any]:
    """An activity with a shift now, in service on it; one to come, two to decide about and one approved."""
    activity = ActivityFactory(
        programme__organization=organization, programme__region=site.region, site=site, walk_in_allowed=True
    )
    shift = ShiftFactory(
        activity=activity, starts_at=at - timedelta(hours=1), ends_at=at + timedelta(hours=2)
    )
    SignUpFactory(shift=shift, volunteer=volunteer)
    coming = ShiftFactory(activity=activity, starts_at=at + timedelta(days=2))
    pending, approved = (
        AttendanceFactory(
            volunteer=volunteer,
            shift=ShiftFactory(activity=activity, starts_at=at - timedelta(days=days, hours=5)),
        )
        for days in (1, 2)
    )
    forgotten = ForgottenAttendanceFactory(
        volunteer=volunteer,
        shift=ShiftFactory(activity=activity, starts_at=at - timedelta(days=3, hours=5)),
        question="您几点离开的？",
        asked_at=at,
    )
    scans.scan(volunteer_user_id=volunteer.user_id, token=code_of(site, at), intent="in", nonce="open", at=at)
    record = records.approve(attendance_id=approved.pk, actor=actor_for(manager), at=at)
    CheckInPolicyFactory()
    return {
        "forgotten": forgotten,
        "open_nonce": "open",
        "card": passes.issue_card(volunteer_id=volunteer.pk, actor=actor_for(volunteer.user), at=at),
        "annulment": ScanAnnulmentFactory(scan=ScanFactory(volunteer=volunteer)),
        "qualification": QualificationFactory(volunteer=volunteer),
        "activity": activity,
        "shift": shift,
        "coming_shift": coming,
        "sign_up": SignUpFactory(shift=coming, volunteer=volunteer),
        "attendance": pending,
        "paper_shift": ShiftFactory(activity=activity, starts_at=at - timedelta(days=3, hours=5)),
        "sheet": PaperSheet.objects.create(
            shift=pending.shift, picture=photograph(), digest="0" * 64, entered_by=manager, entered_at=at
        ),
        "record": record,
        "signal": SignalFactory(site=site, manager=manager, evidence=_evidence(record)),
        "audit_item": AuditItemFactory(record=record),
    }


def _evidence(record: ServiceRecord) -> dict[str, Any]:
    """Too many people at once, the volunteer among them."""
    return {
        "peak_at": record.started_at.isoformat(),
        "people": 12,
        "places": 10,
        "attendances": [record.attendance_id],
    }


def _disputes(
    activity: Activity, volunteer: Volunteer, users: Mapping[str, User | None], at: datetime
) -> dict[str, Any]:
    """A correction the volunteer asks for, an objection from the public, and one of the supervisor."""
    approved, doubted, watched = (
        AttendanceFactory(
            volunteer=volunteer,
            shift=ShiftFactory(activity=activity, starts_at=at - timedelta(days=days, hours=5)),
        )
        for days in (3, 4, 5)
    )
    manager, supervisor = users["org"], users["super"]
    assert manager is not None
    record = records.approve(attendance_id=approved.pk, actor=actor_for(manager), at=at)
    return {
        "correction": CorrectionFactory(record=record, asked_at=at),
        "objection": PublicObjectionFactory(attendance=doubted, contact="13800001234", raised_at=at),
        "open_objection": ObjectionFactory(attendance=watched, raised_by=supervisor, raised_at=at),
    }


def _market(
    store: Store, volunteer: Volunteer, volunteer2: Volunteer, clerk: User, at: datetime
) -> dict[str, Any]:
    product = make_product(store=store)
    for somebody in (volunteer, volunteer2):
        give(somebody, 100, key=f"contract:{somebody.pk}")
    donor = DonorFactory(
        contact=volunteer.user.phone.open(), consent="masked", show_amount=True
    )  # whose account the volunteer's is
    donation = giving.receive_goods(
        donor=donor,
        store=store,
        lines=[giving.GoodsLine(product.pk, 5)],
        received_on=at.date(),
        purpose="帮助老人",
        actor=actor_for(clerk),
        at=at,
    )
    HonorFactory()
    return {
        **counter_of(volunteer, product, actor_for(clerk), at),
        "product": product,
        "slot": make_slot(make_service(store=store), starts_at=at + timedelta(days=1)),
        "redemption": reserve(volunteer, product, at=at),
        "stockroom": world_stockroom.hub(store, product, clerk, at),
        "donor": donor,
        "donation": donation,
        "question": ask_about(donation, volunteer.user, at=at),
        "appeal": open_appeal(organization=store.organization, at=at),
        "giving": giving_world(donation, product, actor_for(clerk), volunteer.user),
    }
