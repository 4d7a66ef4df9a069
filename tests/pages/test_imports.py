"""Goods and donors from a spreadsheet: what the clerk sees at each step, and what is in the shop after it."""

import csv
from collections.abc import Sequence
from io import BytesIO, StringIO

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from backend.accounts.models import User
from backend.accounts.scopes import Role
from points.giving.models import Donor
from points.imports import services
from points.imports.models import ImportJob
from points.imports.states import ImportState
from points.market.models import Batch, Product, Store
from tests.factories.accounts import make_staff
from tests.factories.market import StoreFactory, make_clerk
from tests.factories.regions import make_path
from tests.pages.scenes import browser
from tests.points.imports.files import GOODS, HAT, bomb, picture, text, unrelated_archive, xlsx

pytestmark = pytest.mark.django_db
IMPORTS = reverse("pages:imports")
RICE = ("大米", "袋", "粮油", 44, "6901234567892", 50, f"{timezone.localdate().year + 1}-06-30")


@pytest.fixture
def store() -> Store:
    return StoreFactory.create(region=make_path(), name="新华社区慈善超市")


@pytest.fixture
def clerk(store: Store) -> User:
    return make_clerk(store)


def upload(client: Client, target: str, content: bytes, *, name: str = "一月.xlsx") -> HttpResponse:
    """Send a file as a browser does."""
    file = BytesIO(content)
    file.name = name
    answer: HttpResponse = client.post(IMPORTS, {"target": target, "file": file})
    return answer


def sheet(client: Client, store: Store, *rows: Sequence[object]) -> ImportJob:
    """Upload a sheet of goods and return what came of it."""
    upload(client, f"store-{store.pk}", xlsx(GOODS, *rows))
    return ImportJob.objects.latest("pk")


def page(client: Client, job: ImportJob) -> str:
    return client.get(reverse("pages:import", args=[job.pk])).content.decode()


def test_a_sheet_goes_from_the_upload_over_a_look_at_it_onto_the_shelf(clerk: User, store: Store) -> None:
    client = browser(clerk)
    assert "还没有上传过表格。" in client.get(IMPORTS).content.decode()
    job = sheet(client, store, RICE, HAT)

    checking = page(client, job)
    assert ("正在检查 2 行，还没有写入任何东西。" in checking, "hx-get" in checking) == (True, True)
    assert ('data-testid="run"' in checking, 'data-testid="cancel"' in checking) == (False, True)
    services.advance(at=timezone.now())
    checked = page(client, job)
    assert "检查通过：将新建 2 项，另有 0 项已经存在" in checked
    assert ("6901234567892" in checked, "导入 2 行" in checked, "hx-get" in checked) == (True, True, False)
    assert not Product.objects.exists(), "nothing before somebody said so"
    client.post(reverse("pages:import-run", args=[job.pk]))
    importing = page(client, job)
    assert ("正在导入 2 行" in importing, 'data-testid="cancel"' in importing) == (True, False)
    services.advance(at=timezone.now())

    assert "已导入：新建 2 项，已有 0 项。" in page(client, job)
    assert list(Product.objects.order_by("pk").values_list("name", "points")) == [("大米", 44), ("草帽", 12)]
    assert Batch.objects.get().on_hand == 50
    listed = client.get(IMPORTS).content.decode()
    assert ("一月.xlsx" in listed, "已导入" in listed) == (True, True)
    again = client.post(reverse("pages:import-run", args=[job.pk]))
    assert (again.status_code, "这次导入现在是“已导入”" in again.content.decode()) == (409, True)
    assert Batch.objects.count() == 1


def test_wrong_rows_are_listed_by_line_and_column_and_nothing_is_taken_in(clerk: User, store: Store) -> None:
    client = browser(clerk)
    job = sheet(
        client,
        store,
        RICE,
        ("", "袋", "粮油", 10, "", "", ""),
        ("面粉", "袋", "<i>谷物", 10, "", "", ""),
        ("面粉", "袋", "粮油", 0, "", "", ""),
        ("面粉", "袋", "粮油", 10, "", 10**9, ""),
        ("面粉", "袋", "粮油", 10, "", 1.5, ""),
        ("面粉", "袋", "粮油", 10, "123", "", ""),
        ("面粉", "袋", "粮油", 10, "", 5, "2020-01-01"),
    )
    services.advance(at=timezone.now())

    html = page(client, job)
    rows = html.split('data-testid="faults"')[1].split("</table>")[0].split("<tr><td>")[1:]
    told = [row.replace("</td>", "|").replace("<td>", "").split("|")[:2] for row in rows]
    columns = ["名称", "类别", "积分", "数量", "数量", "条码", "保质期至"]
    assert [(line, column.split(">")[-1]) for line, column in told] == [
        (str(line), column) for line, column in enumerate(columns, start=3)
    ]
    listed = client.get(IMPORTS).content.decode()
    assert ("7 行有问题</span>" in listed, "已检查" in listed) == (True, False), "not by its colour alone"
    assert ("7 行有问题，没有写入任何一行。" in html, 'data-testid="run"' in html) == (True, False)
    assert ("<i>谷物" in html, "&lt;i&gt;谷物" in html) == (False, True)
    forced = client.post(reverse("pages:import-run", args=[job.pk]))
    assert (forced.status_code, "表格里还有 7 行有问题" in forced.content.decode()) == (409, True)
    assert not services.advance(at=timezone.now())
    assert not Product.objects.exists()


def test_what_is_no_table_is_refused_at_the_file_and_leaves_no_trace(clerk: User, store: Store) -> None:
    client, mine = browser(clerk), f"store-{store.pk}"
    for name, content in {
        "a picture that was renamed": picture(),
        "a zip bomb": bomb(),
        "a zip without a sheet": unrelated_archive(),
        "half a zip": xlsx(GOODS, RICE)[:-400],
        "nothing": b"",
        "a heading alone": xlsx(GOODS),
        "no column of points": xlsx(GOODS[:3], RICE[:3]),
        "a column twice": xlsx((*GOODS, "积分"), (*RICE, 1)),
        "text with NUL": b"name,unit\x00",
        "too much": b"name\n" * 500_000,
        "too many rows": text(GOODS, *[HAT] * 5001),
    }.items():
        answer = upload(client, mine, content)
        html = answer.content.decode()
        told = (answer.status_code in (400, 422), 'data-testid="error-file"' in html)
        assert told == (True, True), (name, answer.status_code)
        assert f'value="{mine}" selected' in html, "where it was to go is kept"
    no_file = client.post(IMPORTS, {"target": mine})
    nothing = client.post(IMPORTS)

    assert [answer.status_code for answer in (no_file, nothing)] == [422, 422]
    assert 'data-testid="error-target"' in nothing.content.decode()
    assert not ImportJob.objects.exists()


def test_the_same_file_waits_once_and_may_come_again_after_it_was_let_be(clerk: User, store: Store) -> None:
    client = browser(clerk)
    content = text(GOODS, HAT)
    upload(client, f"store-{store.pk}", content, name='../<b>"二月".csv')
    first = ImportJob.objects.get()
    twice = upload(client, f"store-{store.pk}", content)

    assert (twice.status_code, "同一个文件已经上传" in twice.content.decode()) == (409, True)
    assert ("<b>" in page(client, first).split("<main")[1].split("data-testid")[0]) is False
    client.post(reverse("pages:import-cancel", args=[first.pk]))
    assert "已放弃，没有写入任何一行。" in page(client, first)
    assert client.post(reverse("pages:import-cancel", args=[first.pk])).status_code == 409
    assert upload(client, f"store-{store.pk}", content).status_code == 302
    first.refresh_from_db()
    assert (first.state, first.content) == (ImportState.CANCELLED, None)


def test_a_shop_and_an_import_of_somebody_else_are_not_reached(clerk: User, store: Store) -> None:
    job = sheet(browser(clerk), store, HAT)
    services.advance(at=timezone.now())
    other = browser(make_clerk(StoreFactory.create(region=store.region)))

    refused = upload(other, f"store-{store.pk}", text(GOODS, HAT))
    looked = other.get(reverse("pages:import", args=[job.pk])).status_code
    acted = [
        other.post(reverse(f"pages:import-{act}", args=[job.pk])).status_code for act in ("run", "cancel")
    ]

    assert (refused.status_code, 'data-testid="error-target"' in refused.content.decode()) == (422, True)
    assert store.name not in other.get(IMPORTS).content.decode()
    assert (looked, acted) == (404, [404, 404])
    job.refresh_from_db()
    assert (job.state, ImportJob.objects.count()) == (ImportState.CHECKED, 1)


def test_donors_come_in_hidden_and_their_telephone_is_not_shown_back(store: Store) -> None:
    client = browser(make_staff(Role.COMMUNITY_STAFF, store.region_id))
    rows = [("名称", "类型", "联系电话"), ("便民超市", "企业商家", "13800001234")]
    upload(client, f"region-{store.region_id}", text(*rows, encoding="gb18030"), name="捐赠人.csv")
    job = ImportJob.objects.get()
    services.advance(at=timezone.now())

    checked = page(client, job)
    assert ("便民超市" in checked, "13800001234" in checked) == (True, False)
    client.post(reverse("pages:import-run", args=[job.pk]))
    services.advance(at=timezone.now())

    donor = Donor.objects.get()
    assert (donor.name, donor.consent, donor.show_amount) == ("便民超市", "hidden", False)
    assert "便民超市" not in browser().get(reverse("pages:boards"), {"board": "donors"}).content.decode()


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_template_itself_passes_the_check(clerk: User, store: Store, form: str) -> None:
    client = browser(clerk)
    template = client.get(reverse("pages:import-template", args=["goods", form]))
    upload(client, f"store-{store.pk}", template.content, name=f"template.{form}")
    services.advance(at=timezone.now())

    job = ImportJob.objects.get()
    assert (job.faults, job.made, job.state) == ([], 1, ImportState.CHECKED)
    if form == "csv":
        heading, example = csv.reader(StringIO(template.content.decode("utf-8-sig")))
        assert (heading[0], len(heading)) == ("名称", len(example))
    for wrong in ("users", "goods"):
        address = reverse("pages:import-template", args=[wrong, "pdf" if wrong == "goods" else form])
        assert client.get(address).status_code == 404
