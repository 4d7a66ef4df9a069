"""Every page of the back office opens, for those who may, and for nobody else."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.db.models import Model
from django.urls import reverse

from backend.accounts.models import Membership, Organization, User
from backend.core.models import AuditEntry
from tests.contract.scene import Scene
from tests.contract.world import ELSEWHERE, ROLES
from tests.factories.accounts import MembershipFactory
from tests.factories.regions import COMMUNITY
from volunteers.activities.models import Programme

pytestmark = pytest.mark.django_db

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
NOT_SHOWN = {"points.Redemption": {"channel": "relief"}}  # what went to families in need is nobody's list
RUBBISH = ("'\"><script>%_\\", "\x00", "积善 a  -1", "9" * 400)


@pytest.fixture
def administrator(scene: Scene):
    """A client of the platform administrator, who may enter the back office."""
    user = scene.world.users["admin"]
    assert user is not None
    User.objects.filter(pk=user.pk).update(is_staff=True)
    return scene.client("admin", api=False)


@pytest.fixture
def staff_elsewhere(scene: Scene):
    """A client of community staff of Chengdu, who may enter the back office."""
    User.objects.filter(pk=scene.world.users["staff2"].pk).update(is_staff=True)
    return scene.client("staff2", api=False)


def address(model: type[Model], page: str, *arguments: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=arguments)


def label(model: type[Model]) -> str:
    return model._meta.label


def permitted(answer) -> bool:
    return answer.status_code in {200, 302, 403}


def test_the_first_page_opens(administrator):
    assert administrator.get("/admin/").status_code == 200


@pytest.mark.parametrize("model", MODELS, ids=label)
def test_list_form_and_rows_open_without_a_sealed_value_or_a_way_to_overwrite_it(administrator, model):
    rows = model._default_manager.exclude(**NOT_SHOWN.get(model._meta.label, {"pk": None}))
    keys = list(rows.values_list("pk", flat=True)[:3])
    wanted = {
        address(model, "changelist"): {200},
        address(model, "add"): {200, 403},  # not everything has a form for a new one
        **{address(model, "change", key): {200} for key in keys},
    }

    answers = {page: administrator.get(page) for page in wanted}

    closed = {page: answer.status_code for page, answer in answers.items()}
    assert {page: status for page, status in closed.items() if status not in wanted[page]} == {}
    assert [page for page, answer in answers.items() if "•••" in answer.content.decode()] == []


@pytest.mark.parametrize("model", MODELS, ids=label)
def test_the_list_can_be_searched_for_anything(administrator, model):
    answers = {text: administrator.get(address(model, "changelist"), {"q": text}) for text in RUBBISH}

    assert {text: answer.status_code for text, answer in answers.items() if not permitted(answer)} == {}


@pytest.mark.parametrize("model", MODELS, ids=label)
def test_the_list_can_be_asked_for_anything(administrator, model):
    asked = [{"p": "x", "o": "99.x"}, {"id__exact": "x"}, {"nobody__has": "it", "e": "1"}]
    asked += [{"p": "9" * 400, "all": "1", "_facets": "True"}]

    answers = [(query, administrator.get(address(model, "changelist"), query)) for query in asked]

    assert [(query, answer.status_code) for query, answer in answers if not permitted(answer)] == []


@pytest.mark.parametrize("model", MODELS, ids=label)
def test_an_empty_form_saves_nothing(administrator, model):
    before = model._default_manager.count()

    answer = administrator.post(address(model, "add"), {})

    assert answer.status_code in {200, 403}
    assert model._default_manager.count() == before


@pytest.mark.parametrize("model", MODELS, ids=label)
def test_a_row_that_is_not_there_leads_back(administrator, model):
    below = address(model, "changelist")

    answers = {
        key: administrator.get(f"{below}{key}/change/").status_code for key in ("0", "x", "9" * 30, "\x00")
    }

    assert set(answers.values()) <= {302, 404}


@pytest.mark.parametrize("role", [role for role in ROLES if role != "anon"])
def test_without_the_right_to_enter_there_is_no_back_office(scene, role):
    client = scene.client(role, api=False)

    answers = {model: client.get(address(model, "changelist")).status_code for model in MODELS}

    assert set(answers.values()) == {302}


@pytest.mark.parametrize("role", ["site", "clerk", "org", "vol"])
def test_a_staff_mark_alone_opens_no_list(scene, role):
    user = scene.world.users[role]
    User.objects.filter(pk=user.pk).update(is_staff=True)
    client = scene.client(role, api=False)

    answers = {label(model): client.get(address(model, "changelist")).status_code for model in MODELS}

    assert {name: status for name, status in answers.items() if status != 403} == {}


@pytest.mark.parametrize("role", ["staff", "super"])
def test_staff_see_no_accounts_and_no_floor(scene, role):
    user = scene.world.users[role]
    User.objects.filter(pk=user.pk).update(is_staff=True)
    client = scene.client(role, api=False)

    closed = {label(model) for model in MODELS if client.get(address(model, "changelist")).status_code == 403}

    assert {"accounts.User", "core.AuditEntry", "core.OutboxEvent"} <= closed


# Objects of the world by what they are: all of them lie in Guiyang.
OURS = {
    "accounts.Organization": "organization",
    "points.Donation": "donation",
    "points.Donor": "donor",
    "points.OtherAward": "other_award",
    "points.Product": "product",
    "points.Redemption": "redemption",
    "points.ServiceSlot": "slot",
    "points.RuleSet": "draft_rule_set",
    "points.Store": "store",
    "venues.Site": "site",
    "volunteers.Activity": "activity",
    "volunteers.Attendance": "attendance",
    "volunteers.PaperSheet": "sheet",
    "volunteers.Qualification": "qualification",
    "volunteers.ScanAnnulment": "annulment",
    "volunteers.ServiceRecord": "record",
    "volunteers.Shift": "shift",
    "volunteers.SignUp": "sign_up",
    "volunteers.Volunteer": "volunteer",
    "volunteers.VolunteerCard": "card",
}


@pytest.mark.parametrize("name", OURS)
def test_staff_elsewhere_see_no_row_of_ours(scene, staff_elsewhere, name):
    page = address(apps.get_model(name), "change", getattr(scene.world, OURS[name]).pk)

    assert staff_elsewhere.get(page).status_code == 302


def test_the_photograph_of_a_sheet_stays_out_of_the_back_office(scene, administrator):
    sheet = scene.world.sheet

    text = administrator.get(address(type(sheet), "change", sheet.pk)).content.decode()

    assert sheet.digest in text
    assert "picture" not in text


# --- writing ---------------------------------------------------------------------------------------------


def programme(scene: Scene, region: str) -> dict[str, str]:
    return {
        "name": "牵手",
        "organization": str(scene.world.organization.pk),
        "region": region,
        "goal": "陪伴",
        "starts_on": "2026-01-01",
        "ends_on": "2026-12-31",
        "state": "running",
        "competent_department": "",
    }


def test_staff_enter_rows_of_their_own_region(scene, staff_elsewhere):
    answer = staff_elsewhere.post(address(Programme, "add"), programme(scene, ELSEWHERE))

    assert answer.status_code == 302
    assert Programme.objects.get(name="牵手").region_id == ELSEWHERE


def test_staff_enter_no_row_of_another_region(scene, staff_elsewhere):
    answer = staff_elsewhere.post(address(Programme, "add"), programme(scene, COMMUNITY))

    assert answer.status_code == 403
    assert Programme.objects.filter(name="牵手").count() == 0


def test_staff_move_no_row_to_another_region(scene, staff_elsewhere):
    staff_elsewhere.post(address(Programme, "add"), programme(scene, ELSEWHERE))
    made = Programme.objects.get(name="牵手")

    answer = staff_elsewhere.post(address(Programme, "change", made.pk), programme(scene, COMMUNITY))

    made.refresh_from_db()
    assert (answer.status_code, made.region_id) == (403, ELSEWHERE)


def organization(credit_code: str) -> dict[str, str]:
    return {
        "name": "互助会",
        "kind": "charity",
        "credit_code": credit_code,
        "region": COMMUNITY,
        "is_active": "on",
    }


@pytest.mark.parametrize(("typed", "kept"), [("91350100m000100y43", "91350100M000100Y43"), ("", None)])
def test_a_credit_code_is_checked_and_kept_in_capitals(administrator, typed, kept):
    administrator.post(address(Organization, "add"), organization(typed))

    assert Organization.objects.get(name="互助会").credit_code == kept


@pytest.mark.parametrize("typed", ["91350100M000100Y4Z", "91350100M000100Y44", "x"])
def test_a_wrong_credit_code_is_said_on_the_form(administrator, typed):
    answer = administrator.post(address(Organization, "add"), organization(typed))

    assert answer.status_code == 200
    assert "统一社会信用代码不正确" in answer.content.decode()
    assert Organization.objects.filter(name="互助会").count() == 0


def user_form(user: User, *, initial: int = 0, **rows: str) -> dict[str, str]:
    return {
        "username": "someone",
        "display_name": "",
        "is_active": "on",
        "memberships-TOTAL_FORMS": "1",
        "memberships-INITIAL_FORMS": str(initial),
        "memberships-0-user": str(user.pk),
        **{f"memberships-0-{name}": value for name, value in rows.items()},
    }


def test_a_role_given_in_the_back_office_is_audited(scene, administrator):
    user = User.objects.create(username="someone")

    answer = administrator.post(
        address(User, "change", user.pk),
        user_form(user, role="supervisor", scope_type="region", scope_id="5201"),
    )

    membership = Membership.objects.get(user=user)
    assert answer.status_code == 302
    assert membership.granted_by_id == scene.world.users["admin"].pk
    assert (
        AuditEntry.objects.get(action="membership.granted", target_id=membership.pk).actor_id
        == membership.granted_by_id
    )


def test_a_role_taken_back_in_the_back_office_is_audited(scene, administrator):
    user = User.objects.create(username="someone")
    membership = MembershipFactory(user=user)

    answer = administrator.post(
        address(User, "change", user.pk), user_form(user, initial=1, id=str(membership.pk), DELETE="on")
    )

    assert answer.status_code == 302
    assert Membership.objects.filter(user=user).count() == 0
    assert AuditEntry.objects.get(action="membership.revoked").detail == {
        "user_id": user.pk,
        "role": "platform_admin",
        "scope_type": "platform",
        "scope_id": "",
    }


def test_a_role_in_a_scope_that_does_not_fit_is_said_on_the_form(administrator):
    user = User.objects.create(username="someone")

    answer = administrator.post(
        address(User, "change", user.pk), user_form(user, role="supervisor", scope_type="site", scope_id="x")
    )

    assert answer.status_code == 200
    assert Membership.objects.filter(user=user).count() == 0
