"""What became of a gift: its public trace, its receipt, and what the donor sees and may take back."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from backend.accounts.models import User
from backend.accounts.scopes import Role
from points.giving.choices import IntakeStatus
from points.giving.donor_files import set_donor_picture
from points.giving.intake_models import Intake, Receipt, ReceiptRevocation
from points.giving.models import Donation, Donor, DonorPicture
from points.market import returns
from points.market.choices import ReturnCondition
from points.market.models import Batch, StockMove
from points.storebook.statement import periods_of
from tests.factories.accounts import UserFactory, make_actor, make_staff
from tests.factories.giving import Door, make_door, make_owner, promised, signed
from tests.factories.market import clerk_of
from tests.factories.regions import make_path
from tests.factories.stockroom import taken_home
from tests.pages.scenes import browser
from tests.points.imports.files import bomb, picture

pytestmark = pytest.mark.django_db
Commits = Callable[..., AbstractContextManager[object]]
MINE = reverse("pages:my-giving")
NAME = "陈大明粮油店"


@pytest.fixture
def door() -> Door:
    make_path()
    return make_door(name=NAME)


@pytest.fixture
def owner(door: Door) -> User:
    return make_owner(door.donor)


@pytest.fixture
def donation(door: Door, owner: User) -> Donation:
    """Eight bags of rice, signed for two months ago: every page about it is published by now."""
    signed(door, at=timezone.now() - timedelta(days=62))
    return Donation.objects.get()


def traced(donation: Donation) -> str:
    return browser().get(reverse("pages:donation", args=[donation.number])).content.decode()


def everywhere(donation: Donation) -> dict[str, str]:
    """Every place where the public might read who gave."""
    public, store = browser(), donation.store
    assert store is not None
    (month, *_rest) = [period for period in periods_of(store, at=timezone.now()) if not period.is_week][-1:]
    sheets = public.get(reverse("pages:statement-xlsx", args=[store.pk, month.text]))
    book = load_workbook(BytesIO(b"".join(sheets.streaming_content)))
    pages = {
        "trace": reverse("pages:donation", args=[donation.number]),
        "check": reverse("pages:receipt", args=[donation.receipt.number]),
        "statement": reverse("pages:statement", args=[store.pk, month.text]),
        "board": reverse("pages:boards") + "?board=donors",
        "home": "/",
        "api board": "/api/v1/boards/donors/",
        "api trace": f"/api/v1/giving/donations/{donation.number}/trace/",
        "api check": f"/api/v1/giving/receipts/{donation.receipt.number}/verify/",
    }
    told = {name: public.get(address).content.decode() for name, address in pages.items()}
    told["workbook"] = str([[cell.value for cell in row] for sheet in book for row in sheet.rows])
    return told


def agree(client: Client, donor: Donor, **said: str) -> int:
    """Say on the donor's own page what may be shown; return the status."""
    address = reverse("pages:my-giving-consent", args=[donor.pk])
    return client.post(address, {"step": "consent", **said}).status_code


def test_a_name_appears_when_its_donor_agrees_and_vanishes_everywhere_at_once_when_they_do_not(
    donation: Donation, owner: User, django_capture_on_commit_callbacks: Commits
) -> None:
    phone = browser(owner)

    def shown() -> set[str]:
        return {name for name, said in everywhere(donation).items() if NAME in said}

    def say(**said: str) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            assert agree(phone, donation.donor, **said) == 302

    assert shown() == set()
    say(consent="named", show_amount="on")
    named = {"trace", "check", "statement", "board", "home", "api board", "api check", "workbook"}
    assert shown() == named
    say(consent="named")
    assert shown() == named - {"statement", "workbook"}, "there a name stands beside its figures"
    say(consent="masked", show_amount="on")
    masked = everywhere(donation)
    assert {name for name, said in masked.items() if "陈*店" in said} == named
    assert not {name for name, said in masked.items() if NAME in said}
    say(consent="hidden", show_amount="on")
    hidden = everywhere(donation)
    assert not {name for name, said in hidden.items() if NAME in said or "陈*店" in said}
    assert "按捐赠人意愿不公开" in hidden["check"]


def test_a_face_is_seen_only_beside_a_name_and_by_its_owner(
    donation: Donation, owner: User, django_capture_on_commit_callbacks: Commits
) -> None:
    phone, address = browser(owner), reverse("pages:my-giving-consent", args=[donation.donor_id])
    for upload in (b"", b"%PDF-1.4", bomb(), b"\x00" * 4000):
        file = BytesIO(upload)
        file.name = "me.png"
        refused = phone.post(address, {"step": "picture", "picture": file})
        told = (refused.status_code < 500, refused.status_code >= 400)
        assert (*told, 'data-testid="error-picture"' in refused.content.decode()) == (True, True, True)
    assert not DonorPicture.objects.exists()

    set_donor_picture(
        donor=donation.donor, upload=picture(), actor=make_actor(Role.PLATFORM_ADMIN), at=timezone.now()
    )
    shown = reverse("pages:donor-picture", args=[DonorPicture.objects.get().key])
    seen = []
    for said in ({"consent": "named"}, {"consent": "named", "show_picture": "on"}, {"consent": "masked"}):
        with django_capture_on_commit_callbacks(execute=True):
            agree(phone, donation.donor, **said)
        seen.append([client.get(shown).status_code for client in (browser(), phone)])
    assert seen == [[404, 200], [200, 200], [404, 200]]


def test_the_trace_follows_goods_to_hands_and_counts_people_without_telling_who(
    door: Door, owner: User
) -> None:
    at = timezone.now()
    signed(door, at=at)
    donation = Donation.objects.get()
    assert "捐赠的 8 袋大米已经收到，在慈善超市等人来领。" in traced(donation)

    taken = [taken_home(door.rice, 1, by=door.clerk, at=at) for _ in range(2)]
    few = traced(donation)
    assert "已有 2 袋到了少于 3 位志愿者手里，还有 6 袋等人来领。" in few
    assert "人少，不显示件数" in few
    taken.append(taken_home(door.rice, 1, by=door.clerk, at=at))
    some = traced(donation)
    assert "已有 3 袋到了 3 位志愿者手里，还有 5 袋等人来领。" in some
    assert "<b>3 件</b>" in some
    for redemption in taken:
        assert redemption.volunteer is not None
        assert redemption.volunteer.name not in some
        assert redemption.volunteer.number not in some

    back = returns.ask_return(
        redemption_id=taken[0].pk,
        reason="换尺码",
        condition=ReturnCondition.BACK_TO_SHELF,
        actor=door.clerk,
        at=at,
    )
    returns.approve_return(return_id=back.pk, actor=clerk_of(door.store), at=at)
    returned = traced(donation)
    assert ("已有 2 袋到了" in returned, "1 件领走后退回" in returned) == (True, True)
    mine = browser(owner).get(MINE).content.decode()
    assert reverse("pages:donation", args=[donation.number]) in mine


def test_a_revoked_receipt_says_so_where_its_code_leads_and_to_its_donor(
    door: Door, donation: Donation, owner: User
) -> None:
    number = donation.receipt.number
    sheet, check = (reverse(f"pages:receipt{page}", args=[number]) for page in ("-sheet", ""))
    revoke = reverse("pages:receipt-revoke", args=[number])
    issuer = browser(User.objects.get(pk=door.clerk.user_id))
    second = browser(make_staff(Role.STORE_CLERK, door.store.pk))

    printed = second.get(sheet).content.decode()
    assert (check in printed, 'data-testid="void"' in printed) == (True, False), "where its code leads"
    assert 'data-testid="open-revoke"' not in issuer.get(sheet).content.decode()
    for typed in ("", " ", "<i>", "错" * 4000, "错\x00"):
        refused = second.post(revoke, {"reason": typed})
        html = refused.content.decode()
        assert (refused.status_code, 'data-testid="error-reason"' in html) == (400, True)
        assert ("&lt;i&gt;" in html) == (typed == "<i>"), "what was typed is kept"
    assert issuer.post(revoke, {"reason": "数量写错"}).status_code == 403
    assert browser(owner).post(revoke, {"reason": "数量写错"}).status_code == 403
    assert not ReceiptRevocation.objects.exists()

    assert second.post(revoke, {"reason": "数量写错"})["Location"] == sheet
    checked = browser().get(check).content.decode()
    assert ('data-valid="no"' in checked, "已作废" in checked, "作废日期" in checked) == (True, True, True)
    assert ("数量写错" in checked, NAME in checked) == (False, False)
    for page in (issuer.get(sheet), browser(owner).get(sheet)):
        assert "数量写错" in page.content.decode().split('data-testid="void"')[1][:100]
    assert "已作废" in browser(owner).get(MINE).content.decode()
    assert second.post(revoke, {"reason": "再来一次"}).status_code == 409
    assert (ReceiptRevocation.objects.count(), Batch.objects.get().on_hand) == (1, 8), "goods stay"


def test_an_anonymous_gift_has_a_receipt_without_a_name() -> None:
    make_path()
    door = make_door(name="爱心人士", kind="anonymous")
    signed(door, at=timezone.now())
    number = Receipt.objects.get().number

    clerk = browser(User.objects.get(pk=door.clerk.user_id))
    assert "（匿名捐赠）" in clerk.get(reverse("pages:receipt-sheet", args=[number])).content.decode()
    assert "按捐赠人意愿不公开" in browser().get(reverse("pages:receipt", args=[number])).content.decode()


def test_a_promise_is_taken_back_for_a_reason_which_the_store_reads(door: Door, owner: User) -> None:
    intake = promised(door, at=timezone.now())
    page, phone = reverse("pages:my-intake", args=[intake.pk]), browser(owner)
    assert "大米 × 10" in phone.get(MINE).content.decode()
    for typed in ("", "<i>下月再捐", "x" * 4000, "x\x00"):
        refused = phone.post(page, {"step": "withdraw", "reason": typed})
        html = refused.content.decode()
        assert (refused.status_code in (400, 422), 'data-testid="error-reason"' in html) == (True, True)
        assert ("&lt;i&gt;下月再捐" in html) == ("下月" in typed), "what was typed is kept"
    too_early = phone.post(page, {"step": "sign"})
    assert (too_early.status_code, 'data-testid="refusal"' in too_early.content.decode()) == (409, True)
    assert Intake.objects.get().status == IntakeStatus.PLEDGED

    phone.post(page, {"step": "withdraw", "reason": "下月再捐"})

    clerk = browser(User.objects.get(pk=door.clerk.user_id))
    at_the_store = clerk.get(reverse("pages:giving-intake", args=[intake.pk])).content.decode()
    assert ("已撤回" in at_the_store, "下月再捐" in at_the_store) == (True, True)
    assert phone.post(page, {"step": "withdraw", "reason": "又一次"}).status_code == 409
    assert not StockMove.objects.exists()


def test_files_are_claimed_by_their_phone_and_by_nobody_else(door: Door) -> None:
    user, stranger = UserFactory(), browser(UserFactory())
    Donor.objects.filter(pk=door.donor.pk).update(contact=user.phone.open(), contact_index=user.phone_index)
    phone, claim = browser(user), reverse("pages:my-giving-claim")
    waiting = phone.get(MINE).content.decode()
    assert ("有用您的手机号登记的捐赠" in waiting, NAME in waiting) == (True, False), (
        "a name is not told before"
    )

    nothing = stranger.post(claim)
    assert (nothing.status_code, "没有找到用这个手机号登记的捐赠" in nothing.content.decode()) == (404, True)
    assert "找到 1 份捐赠档案。" in phone.post(claim, follow=True).content.decode()

    assert (NAME in phone.get(MINE).content.decode(), NAME in stranger.get(MINE).content.decode()) == (
        True,
        False,
    )
    assert phone.post(claim).status_code == 404, "there is nothing left to claim"
    assert Donor.objects.get().user == user


def test_what_nobody_could_agree_to_changes_nothing(door: Door, owner: User) -> None:
    phone = browser(owner)

    for typed in ("everything", "", "named\x00", "x" * 4000):
        answer = phone.post(
            reverse("pages:my-giving-consent", args=[door.donor.pk]), {"step": "consent", "consent": typed}
        )
        assert (answer.status_code, 'data-testid="error-consent"' in answer.content.decode()) == (422, True)

    door.donor.refresh_from_db()
    assert (door.donor.consent, door.donor.consent_changes.count()) == ("hidden", 0)


def test_numbers_nobody_has_lead_nowhere(donation: Donation) -> None:
    admin = browser(make_staff(Role.PLATFORM_ADMIN))
    for number in ("ABCDEFGHJKMN", "<b>", "'--", "9" * 4000, "％", donation.receipt.number[:-1]):
        for page in ("donation", "receipt", "receipt-sheet", "donor-picture", "question-ask"):
            answer = admin.get(reverse(f"pages:{page}", args=[number]))
            assert (answer.status_code, NAME in answer.content.decode()) == (404, False), (page, number[:9])
    assert browser().get(reverse("pages:receipt", args=[donation.number])).status_code == 404
    assert browser().get(reverse("pages:donation", args=[donation.receipt.number])).status_code == 404


def test_who_gives_for_the_first_time_is_told_how_it_begins() -> None:
    html = browser(UserFactory.create()).get(reverse("pages:my-giving")).content.decode()

    assert 'data-testid="first-time"' in html
    assert 'data-testid="to-pledge"' not in html
    assert 'data-testid="log-out"' in html
