"""Every page of the back office opens, for those who may, and for nobody else."""

import pytest
from django.contrib import admin
from django.db.models import Model
from django.urls import reverse

from backend.accounts.models import User
from tests.contract.scene import Scene, session_of
from tests.contract.world import ROLES

pytestmark = pytest.mark.django_db

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
RUBBISH = ("'", '"><script>', "%", "_", "\\", "\x00", "积善", "9" * 400, "' OR 1=1 --", "a b  c", "-1")


@pytest.fixture
def administrator(scene: Scene):
    """A client of the platform administrator, who may enter the back office."""
    user = scene.world.users["admin"]
    assert user is not None
    User.objects.filter(pk=user.pk).update(is_staff=True)
    return scene.client("admin", api=False)


def address(model: type[Model], page: str, *arguments: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=arguments)


def label(model: type[Model]) -> str:
    return model._meta.label


def permitted(answer) -> bool:
    return answer.status_code in {200, 302, 403}


def test_the_first_page_opens(administrator):
    assert administrator.get("/admin/").status_code == 200


@pytest.mark.parametrize("model", MODELS, ids=label)
def test_the_list_opens(administrator, model):
    assert administrator.get(address(model, "changelist")).status_code == 200


@pytest.mark.parametrize("model", MODELS, ids=label)
def test_the_list_can_be_searched_for_anything(administrator, model):
    answers = {text: administrator.get(address(model, "changelist"), {"q": text}) for text in RUBBISH}

    assert {text: answer.status_code for text, answer in answers.items() if not permitted(answer)} == {}


@pytest.mark.parametrize("model", MODELS, ids=label)
def test_the_list_can_be_asked_for_anything(administrator, model):
    asked = [{"p": "x"}, {"o": "99.x"}, {"all": "1"}, {"id__exact": "x"}, {"nobody__has": "it"}, {"e": "1"}]
    asked += [{"p": "9" * 400}, {"_facets": "True"}]

    answers = [(query, administrator.get(address(model, "changelist"), query)) for query in asked]

    assert [(query, answer.status_code) for query, answer in answers if not permitted(answer)] == []


@pytest.mark.parametrize("model", MODELS, ids=label)
def test_the_form_for_a_new_one_opens_where_there_is_one(administrator, model):
    assert administrator.get(address(model, "add")).status_code in {200, 403}


@pytest.mark.parametrize("model", MODELS, ids=label)
def test_an_empty_form_saves_nothing(administrator, model):
    before = model._default_manager.count()

    answer = administrator.post(address(model, "add"), {})

    assert answer.status_code in {200, 403}
    assert model._default_manager.count() == before


@pytest.mark.parametrize("model", MODELS, ids=label)
def test_every_row_opens(administrator, model):
    keys = list(model._default_manager.values_list("pk", flat=True)[:3])

    answers = {key: administrator.get(address(model, "change", key)).status_code for key in keys}

    assert answers == dict.fromkeys(keys, 200)


@pytest.mark.parametrize("model", MODELS, ids=label)
@pytest.mark.parametrize("key", ["0", "x", "9" * 30, "\x00"])
def test_a_row_that_is_not_there_leads_back(administrator, model, key):
    assert administrator.get(f"/admin/{model._meta.app_label}/{model._meta.model_name}/{key}/change/").status_code in {302, 404}


@pytest.mark.parametrize("model", MODELS, ids=label)
def test_no_page_shows_a_sealed_value_or_a_way_to_overwrite_it(administrator, model):
    keys = list(model._default_manager.values_list("pk", flat=True)[:1])
    pages = [address(model, "changelist"), address(model, "add"), *(address(model, "change", key) for key in keys)]

    shown = [page for page in pages if "•••" in administrator.get(page).content.decode()]

    assert shown == []


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

    closed = {
        label(model)
        for model in MODELS
        if client.get(address(model, "changelist")).status_code == 403
    }

    assert {"accounts.User", "core.AuditEntry", "core.OutboxEvent"} <= closed


@pytest.mark.parametrize("model", MODELS, ids=label)
def test_staff_elsewhere_see_no_row_of_ours(scene, model):
    """Lists of what lies in regions show the rows of one's own regions only."""
    user = scene.world.users["staff2"]
    User.objects.filter(pk=user.pk).update(is_staff=True)
    client = scene.client("staff2", api=False)
    ours = OURS.get(model._meta.label)
    keys = [] if ours is None else [getattr(scene.world, ours).pk]

    answers = [client.get(address(model, "change", key)).status_code for key in keys]

    assert set(answers) <= {302, 403}


OURS = {
    "accounts.Organization": "organization",
    "points.Donation": "donation",
    "points.Donor": "donor",
    "points.Product": "product",
    "points.Redemption": "redemption",
    "points.Store": "store",
    "venues.Site": "site",
    "volunteers.Activity": "activity",
    "volunteers.Attendance": "attendance",
    "volunteers.ServiceRecord": "record",
    "volunteers.Shift": "shift",
    "volunteers.Volunteer": "volunteer",
}
