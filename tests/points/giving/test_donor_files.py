"""Who a donor is, what they agree to, and claiming one's own file."""

from io import BytesIO

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from PIL import Image

from backend.accounts.scopes import Role, actor_for
from backend.core.errors import Forbidden, NotFound
from backend.core.models import AuditEntry
from points.boards import queries as boards
from points.giving import donor_files, errors, queries, services
from points.giving.choices import ConsentBy, DonorKind, PayMethod, Publicity
from points.giving.models import Donation, Donor, DonorPicture
from tests.factories.accounts import OrganizationFactory, UserFactory, make_actor
from tests.factories.giving import make_door, make_owner, signed
from tests.factories.market import DonorFactory
from tests.factories.regions import RegionFactory
from tests.factories.volunteers import resident_id

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff():
    return make_actor(Role.COMMUNITY_STAFF, "520102")


@pytest.fixture
def enter(staff, now):
    def make(**fields: object) -> Donor:
        values = {"name": "王五", "kind": DonorKind.INDIVIDUAL, "region": RegionFactory.create()}
        return donor_files.add_donor(**(values | fields), actor=staff, at=now)

    return make


def drawn(size: tuple[int, int] = (900, 600), form: str = "PNG") -> bytes:
    held = BytesIO()
    Image.new("RGBA" if form == "PNG" else "RGB", size, "red").save(held, form)
    return held.getvalue()


def test_contact_and_resident_id_are_sealed_found_again_and_read_with_a_reason(enter, staff, now):
    number = resident_id(sequence=9)
    donor = enter(contact="+86 138-0000-1234", id_number=number.lower())

    opened = donor_files.read_identity(donor=donor, reason="核对", actor=staff, at=now)

    assert (opened.contact, opened.id_number) == ("13800001234", number)
    with connection.cursor() as cursor:
        cursor.execute("SELECT contact || id_number || contact_index || id_index FROM points_donor")
        (stored,) = cursor.fetchone()
    assert "13800001234" not in stored
    assert number not in stored
    row = AuditEntry.objects.get(action="donor.read_identity")
    assert (row.actor_id, row.target_id, row.detail) == (staff.user_id, str(donor.pk), {"reason": "核对"})


def test_who_may_not_read_leaves_nothing(enter, now):
    donor = enter(contact="13800001234")

    for actor, error in (
        (make_actor(Role.SUPERVISOR, "52"), Forbidden),
        (make_actor(Role.COMMUNITY_STAFF, "5101"), NotFound),
    ):
        with pytest.raises(error):
            donor_files.read_identity(donor=donor, reason="好奇", actor=actor, at=now)

    assert not AuditEntry.objects.filter(action="donor.read_identity").exists()


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"name": "王" * 4000}, errors.DonorNameInvalid),
        ({"name": "<script>alert(1)</script>"}, errors.DonorNameInvalid),
        ({"name": "王\x00五"}, errors.DonorNameInvalid),
        ({"name": "\ud800"}, errors.DonorNameInvalid),
        ({"id_number": "110105194912310021"}, errors.DonorIdInvalid),
        ({"id_number": "１１０１０５194912310021"}, errors.DonorIdInvalid),
        ({"id_number": "x" * 4000}, errors.DonorIdInvalid),
        ({"kind": "enterprise", "id_number": "11010519491231002X"}, errors.DonorIdInvalid),
        ({"credit_code": "91350100M000100Y43"}, errors.DonorHasNoCreditCode),
        ({"kind": "anonymous", "contact": "13800001234"}, errors.DonorAnonymous),
        ({"kind": "anonymous", "consent": "named"}, errors.DonorAnonymous),
    ],
)
def test_a_donor_that_cannot_be_is_not_entered(enter, fields, error):
    with pytest.raises(error):
        enter(**fields)

    assert Donor.objects.count() == 0


def test_an_anonymous_donor_is_called_like_everybody_who_left_nothing(enter):
    donor = enter(kind="anonymous", name="其实我叫王五")

    assert (donor.name, donor.contact, donor.consent) == ("爱心人士", None, Publicity.HIDDEN)


def test_an_account_claims_the_files_of_its_phone_once(now):
    user = UserFactory.create()
    phone = {"contact": user.phone.open(), "contact_index": user.phone_index}
    mine = [DonorFactory.create(**phone), DonorFactory.create(**phone)]
    DonorFactory.create()

    claimed = donor_files.claim_donors(user=user, at=now)

    assert claimed == mine
    assert list(queries.donors_of(user)) == mine
    with pytest.raises(errors.DonorNotClaimable):
        donor_files.claim_donors(user=user, at=now)
    with pytest.raises(errors.DonorNotClaimable):
        donor_files.claim_donors(user=UserFactory.create(), at=now)


def test_name_amount_and_picture_are_agreed_to_one_by_one_with_their_history(staff, now):
    donor = DonorFactory.create()
    owner = make_owner(donor)
    own = {"donor": donor, "actor": actor_for(owner), "at": now}
    with pytest.raises(errors.DonorPictureMissing):
        donor_files.set_donor_consent(**own, consent="named", show_picture=True)
    donor_files.set_donor_picture(donor=donor, upload=drawn(), actor=actor_for(owner), at=now)

    donor_files.set_donor_consent(**own, consent="named", show_picture=True)
    donor_files.set_donor_consent(donor=donor, consent="hidden", actor=staff, at=now)

    assert list(donor.consent_changes.order_by("pk").values_list("matter", "new", "by", "changed_by")) == [
        ("name", "named", ConsentBy.DONOR, owner.pk),
        ("picture", "yes", ConsentBy.DONOR, owner.pk),
        ("name", "hidden", ConsentBy.STAFF, staff.user_id),
    ]
    connection.check_constraints()


def test_a_new_picture_is_small_clean_and_not_shown_before_it_is_agreed_to(staff, now):
    donor = DonorFactory.create(consent="named", show_picture=True)

    kept = donor_files.set_donor_picture(donor=donor, upload=drawn(), actor=staff, at=now)

    with Image.open(BytesIO(kept.picture)) as picture:
        assert (picture.format, max(picture.size)) == ("JPEG", 480)
    donor.refresh_from_db()
    assert not donor.show_picture
    connection.check_constraints()


@pytest.mark.parametrize(
    "upload", [b"", b"<svg onload=alert(1)>", b"\x89PNG\r\n\x1a\n" + b"x" * 99, b"x" * 2_000_001]
)
def test_what_is_no_picture_is_not_kept(staff, now, upload):
    with pytest.raises(errors.DonorPictureInvalid):
        donor_files.set_donor_picture(donor=DonorFactory.create(), upload=upload, actor=staff, at=now)

    assert DonorPicture.objects.count() == 0


def test_a_withdrawn_consent_is_gone_from_the_board_and_the_picture_at_once(
    now, staff, django_capture_on_commit_callbacks
):
    cache.clear()
    door = make_door(consent="named")
    with django_capture_on_commit_callbacks(execute=True):
        signed(door, at=now)
        kept = donor_files.set_donor_picture(donor=door.donor, upload=drawn(), actor=staff, at=now)
        donor_files.set_donor_consent(
            donor=door.donor, consent="named", show_picture=True, actor=staff, at=now
        )
    client = Client()

    def shown() -> tuple[list[tuple[str, str | None]], int, bool]:
        page = boards.board(board=boards.DONORS, at=now)
        html = client.get("/boards/?board=donors").content.decode()
        return (
            [(entry["name"], entry["picture"]) for entry in page["entries"]],
            client.get(f"/donors/pictures/{kept.key}/").status_code,
            door.donor.name in html,
        )

    assert shown() == ([(door.donor.name, kept.key)], 200, True)
    with django_capture_on_commit_callbacks(execute=True):
        donor_files.set_donor_consent(donor=door.donor, consent="masked", actor=staff, at=now)
    assert shown() == ([("南*市", None)], 404, False)
    with django_capture_on_commit_callbacks(execute=True):
        donor_files.set_donor_consent(donor=door.donor, consent="hidden", actor=staff, at=now)
    assert shown() == ([], 404, False)


def test_money_is_recorded_with_how_it_came_and_its_receipt(staff, now):
    body = OrganizationFactory.create()
    gift = {"donor": DonorFactory.create(), "organization": body, "amount_fen": 100, "purpose": ""}
    actor = make_actor(Role.ORGANIZATION_MANAGER, body.pk)
    day = {"received_on": now.date(), "at": now}
    with pytest.raises(errors.PaymentMethodMissing):
        services.record_money(**gift, **day, actor=actor, method="shells")

    made = services.record_money(
        **gift, **day, actor=actor, method=PayMethod.CHEQUE, official_ticket="0123", waived=True
    )

    assert (made.method, made.income, made.receipt.form) == ("cheque", "donated", "waived")
    assert Donation.objects.count() == 1
