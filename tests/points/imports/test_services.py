"""A table is checked whole, taken in whole or not at all, and its rows are forgotten."""

from datetime import date, timedelta

import pytest
from django.core.cache import cache
from django.db import OperationalError

from backend.accounts.models import Membership
from backend.accounts.scopes import Role, actor_for
from backend.core.errors import Forbidden, NotFound
from backend.core.models import AuditEntry
from points.giving.models import Donor
from points.imports import queries, services
from points.imports.errors import (
    ColumnsMissing,
    ImportAlreadyOpen,
    ImportHasFaults,
    ImportMoveRefused,
    ImportTargetMissing,
)
from points.imports.models import ImportJob
from points.imports.resources import GoodsResource
from points.imports.states import ImportKind, ImportState
from points.market.models import Batch, Product
from tests.factories.accounts import StaffFactory, make_staff
from tests.factories.database import guards_of, refused_by
from tests.factories.market import ProductFactory, StoreFactory, clerk_of
from tests.factories.regions import RegionFactory
from tests.points.imports.files import GOODS, HAT, RICE, text, xlsx

pytestmark = pytest.mark.django_db


@pytest.fixture
def store():
    return StoreFactory.create()


@pytest.fixture
def clerk(store):
    return clerk_of(store)


def goods(store, clerk, *rows, now):
    return services.upload(
        kind=ImportKind.GOODS,
        content=xlsx(GOODS, *rows),
        file_name="一月.xlsx",
        store=store,
        actor=clerk,
        at=now,
    )


def worked(job, now):
    assert services.advance(at=now)
    job.refresh_from_db()
    return job


def test_goods_are_checked_shown_and_taken_in(store, clerk, now):
    known = ProductFactory.create(store=store, barcode="6901234567892", name="大米")
    job = goods(store, clerk, RICE, HAT, now=now)
    assert (job.state, job.rows, queries.percent(job)) == (ImportState.CHECKING, 2, 0)

    worked(job, now)
    assert (job.state, job.made, job.known, job.faults) == (ImportState.CHECKED, 1, 1, [])
    assert job.preview[0]["name"] == "大米"
    assert (Product.objects.count(), Batch.objects.count()) == (1, 0)

    services.run(job_id=job.pk, actor=clerk, at=now)
    worked(job, now)
    assert (job.state, job.content, queries.percent(job)) == (ImportState.DONE, None, 100)
    batch = Batch.objects.get(product=known)
    assert (batch.on_hand, batch.expires_on) == (50, date(2027, 6, 30))
    assert Product.objects.get(name="草帽").points == 12
    assert not services.advance(at=now)
    assert AuditEntry.objects.filter(action__startswith="import.").count() == 2


def test_one_wrong_row_and_nothing_is_written(store, clerk, now):
    wrong = [
        ("", "袋", "粮油", 10, "", "", ""),
        ("面粉", "袋", "谷物", 10, "", "", ""),
        ("面粉", "袋", "粮油", 1.5, "", "", ""),
        ("面粉", "袋", "粮油", 10, "", -1, ""),
        ("面粉", "袋", "粮油", 10, "", 10**9 + 1, ""),
        ("面粉", "袋", "粮油", 10, "", 5, "2020-01-01"),
        ("面粉", "袋", "粮油", 10, "", 5, "明年"),
        ("面粉" * 100, "袋", "粮油", 10, "", "", ""),
        ("<script>alert(1)</script>", "袋", "粮油", 10, "", "", ""),
        ("面粉", "<b>袋</b>", "粮油", 10, "", "", ""),
    ]
    job = worked(goods(store, clerk, RICE, *wrong, now=now), now)

    assert (job.state, job.faulty) == (ImportState.CHECKED, len(wrong))
    assert [(fault["row"], fault["column"]) for fault in job.faults] == [
        (3, "名称"),
        (4, "类别"),
        (5, "积分"),
        (6, "数量"),
        (7, "数量"),
        (8, "保质期至"),
        (9, "保质期至"),
        (10, "名称"),
        (11, "名称"),
        (12, "单位"),
    ]
    with pytest.raises(ImportHasFaults):
        services.run(job_id=job.pk, actor=clerk, at=now)
    assert not Product.objects.exists()


def test_what_became_wrong_since_the_check_stops_the_whole_import(store, clerk, now):
    job = worked(goods(store, clerk, HAT, RICE, now=now), now)
    later = now + timedelta(days=365)  # the rice has expired meanwhile
    services.run(job_id=job.pk, actor=clerk, at=now)

    worked(job, later)

    assert (job.state, [fault["row"] for fault in job.faults]) == (ImportState.CHECKED, [3])
    assert not Product.objects.exists()


def test_a_role_taken_away_since_the_upload_stops_the_import(store, clerk, now):
    job = worked(goods(store, clerk, HAT, now=now), now)
    services.run(job_id=job.pk, actor=clerk, at=now)
    Membership.objects.filter(user_id=clerk.user_id).delete()

    worked(job, now)

    assert (job.state, job.faulty) == (ImportState.CHECKED, 1)
    assert not Product.objects.exists()


def test_donors_are_hidden_and_their_telephone_numbers_are_not_kept(now):
    staff = make_staff(Role.COMMUNITY_STAFF, "520102")
    region = RegionFactory.create()
    rows = [
        ("名称", "类型", "统一社会信用代码", "联系电话"),
        ("便民超市", "企业商家", "91350100M000100Y43", "13900000000"),
        ("好人", "individual", "", ""),
    ]
    actor = actor_for(staff)
    job = services.upload(
        kind=ImportKind.DONORS, content=text(*rows), file_name="d.csv", region=region, actor=actor, at=now
    )
    worked(job, now)
    services.run(job_id=job.pk, actor=actor, at=now)
    worked(job, now)

    assert set(Donor.objects.values_list("name", "consent")) == {("便民超市", "hidden"), ("好人", "hidden")}
    assert "13900000000" not in str(list(ImportJob.objects.values()))
    again = services.upload(
        kind=ImportKind.DONORS, content=text(*rows[:2]), file_name="e", region=region, actor=actor, at=now
    )
    assert (worked(again, now).known, again.made, again.faults) == (1, 0, [])


def test_who_keeps_neither_the_store_nor_its_donors_imports_nothing(store, clerk, now):
    other = clerk_of(StoreFactory.create(region=RegionFactory.create()))
    nobody = actor_for(StaffFactory.create())
    for actor, refusal in [(other, NotFound), (nobody, Forbidden)]:
        with pytest.raises(refusal):
            goods(store, actor, HAT, now=now)
    with pytest.raises(ImportTargetMissing):
        goods(None, clerk, HAT, now=now)
    job = goods(store, clerk, HAT, now=now)
    with pytest.raises(NotFound):
        services.run(job_id=job.pk, actor=other, at=now)


def test_headings_may_be_in_either_language_and_in_any_order_but_not_missing(store, clerk, now):
    rows = [("points", "Name", "unit", "category", "what else"), (3, "茶", "盒", "Food", "x")]
    job = services.upload(
        kind=ImportKind.GOODS, content=text(*rows), file_name="x", store=store, actor=clerk, at=now
    )
    assert worked(job, now).faults == []
    with pytest.raises(ColumnsMissing, match="单位"):
        services.upload(
            kind=ImportKind.GOODS,
            content=text(("名称", "类别", "积分"), ("茶", "食品", 3)),
            file_name="x",
            store=store,
            actor=clerk,
            at=now,
        )


def test_an_open_file_is_not_uploaded_twice_and_an_import_that_is_over_does_not_move(store, clerk, now):
    job = goods(store, clerk, RICE, now=now)
    content = xlsx(GOODS, HAT)
    first = services.upload(
        kind=ImportKind.GOODS, content=content, file_name="a", store=store, actor=clerk, at=now
    )
    with pytest.raises(ImportAlreadyOpen):
        services.upload(
            kind=ImportKind.GOODS, content=content, file_name="b", store=store, actor=clerk, at=now
        )
    services.cancel(job_id=first.pk, actor=clerk, at=now)
    first.refresh_from_db()
    assert (first.state, first.content) == (ImportState.CANCELLED, None)
    for move in (services.run, services.cancel):
        with pytest.raises(ImportMoveRefused):
            move(job_id=first.pk, actor=clerk, at=now)
    with pytest.raises(ImportMoveRefused):  # not checked yet
        services.run(job_id=job.pk, actor=clerk, at=now)


def test_what_is_not_the_files_fault_leaves_the_job_as_it_was(store, clerk, now, monkeypatch):
    job = goods(store, clerk, HAT, now=now)

    def away(*_args: object) -> None:
        raise OperationalError

    monkeypatch.setattr(GoodsResource, "do_instance_save", away)
    with pytest.raises(OperationalError):
        services.advance(at=now)

    job.refresh_from_db()
    assert job.state == ImportState.CHECKING


def test_progress_is_told_while_the_work_is_going_on(store, clerk, now):
    job = goods(store, clerk, HAT, now=now)
    cache.set(queries.progress_key(job.pk), 1)

    assert queries.percent(job) == 99
    worked(job, now)
    assert cache.get(queries.progress_key(job.pk)) is None


def test_the_database_keeps_imports_sound(store, clerk, now):
    job = goods(store, clerk, HAT, now=now)
    rows = ImportJob.objects.filter(pk=job.pk)
    copy = ImportJob.objects.get(pk=job.pk)
    copy.pk = None
    refused = {
        "import_kind_known": {"kind": "x"},
        "import_state_known": {"state": "x", "content": None, "finished_at": now},
        "import_target_of_kind": {"kind": "donors"},
        "import_without_faults": {"state": "importing", "faulty": 1},
        "import_rows_forgotten": {"content": None},
        "import_is_a_fact": {"digest": "0"},
        "import_state_moves": {"state": "done"},
    }
    for constraint, change in refused.items():
        fresh = ImportJob.objects.get(pk=job.pk)
        fresh.pk, fresh.digest = None, constraint
        if constraint in ("import_is_a_fact", "import_state_moves", "import_rows_forgotten"):
            with refused_by(constraint):
                rows.update(**change)
            continue
        for name, value in change.items():
            setattr(fresh, name, value)
        with refused_by(constraint):
            fresh.save(force_insert=True)
    with refused_by("import_open_once"):
        copy.save(force_insert=True)
    with refused_by("import_kept"):
        rows.delete()
    assert guards_of(ImportJob) == {*refused, "import_open_once", "import_kept"}
