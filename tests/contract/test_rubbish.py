"""Addresses and forms with anything in them: a page may refuse, it never breaks."""

from collections.abc import Callable

import pytest
from django.db import transaction
from django.http import QueryDict
from django.utils import timezone

from tests.contract.matrix import Row, body_of, rows
from tests.contract.scene import Scene

pytestmark = pytest.mark.django_db

RUBBISH = (
    "",
    "x",
    "-1",
    "0",
    "９９",
    "²",
    "1e999",
    "9" * 30,
    "9" * 5000,
    "\x00",
    "a\x00b",
    "\ud800".encode("utf-8", "surrogatepass"),
    b"\xff\xfe",
    "'; DROP TABLE core_auditentry; --",
    "<script>alert(1)</script>",
    "%(x)s {y} %s",
    "//evil.example/",
    "2026-13-45",
    "520102001001\n",
)
LONG_FORM = 16
WORST = ("9" * 5000, "a\x00b", b"\xff\xfe", "9" * 30)
# What pages read from their address.
PAGE_PARAMETERS = (
    "board",
    "c",
    "category",
    "done",
    "from",
    "kind",
    "ids",
    "key",
    "known",
    "next",
    "page",
    "period",
    "q",
    "record",
    "region",
    "region_level_0",
    "region_level_1",
    "site",
    "state",
    "ticket",
    "until",
)
# What lists of the API read.
LIST_PARAMETERS = (
    "activity",
    "code",
    "cursor",
    "date",
    "format",
    "kind",
    "near",
    "page_size",
    "parent",
    "scope",
    "scope_id",
    "search",
    "state",
    "status",
    "store",
    "volunteer",
    "year",
)
# What a form may send besides what `BODIES` holds.
OPTIONAL = {
    "POST /s/{token}": ("captured", "captured_at", "sent_at", "owner", "lat", "lng", "accuracy", "device"),
    "POST /scans/annul/": ("nonce", "reason", "other"),
    "POST /me/attendances/{forgotten}/propose/": ("left_at", "note"),
    "POST /register/": ("sex", "birth_date", "skills", "guardian_name", "guardian_phone", "region_level_0"),
    "POST /shelf/{store}/": (
        "quantity-x",
        "quantity-999999999999999999999",
        "quantity-²",
        "slot-x",
        "expected",
    ),
    "POST /manage/stores/{store}/slots/": ("act", "slot", "booking"),
    "POST /counter/": (
        "code",
        "step",
        "who",
        "redemption",
        "pickup",
        "line-x",
        "add",
        "pick",
        "otp",
        "store",
    ),
    "POST /counter/list/": ("serial", "signature"),
    "POST /manage/attendances/approve/": ("shift",),
    "POST /manage/rules/{draft_rule_set}/": ("do", "rates-count", "multipliers-0-days", "months-count"),
    "POST /manage/rules/{draft_rule_set}/preview/": ("rates-count", "day", "starts_at", "earlier_minutes"),
    "POST /manage/shifts/{paper_shift}/paper/": ("note",),
    "POST /manage/giving/{inspection}/": ("valuation", "official_ticket", "ticket_code", "reason"),
    "POST /manage/giving/money/": (
        *("official_ticket", "ticket_code", "purpose", "designation", "beneficiary", "unrelated", "again"),
    ),
    "POST /manage/stores/{store}/policy/": ("most_redemptions",),
    "POST /manage/giving/pledge/": ("r0-promised_expiry", "planned_on", "beneficiary", "unrelated"),
    "POST /manage/giving/donors/": ("contact", "credit_code", "id_number", "show_amount"),
    "POST /me/giving/donors/{own_donor}/": ("picture", "show_picture"),
    "POST /me/giving/{inspection}/": ("reason", "waived"),
}
READS = [
    row
    for row in rows()
    if row.method == "GET" and not row.address.startswith(("/api/schema/", "/api/docs/", "/metrics"))
]
FORMS = [row for row in rows() if row.method == "POST" and not row.address.startswith("/api/")]
ROLE_OF = {
    "/api/v1/volunteers/": "staff",
    "/manage/volunteers": "staff",
    "/manage/integrity": "staff",
    "/api/v1/integrity": "staff",
    "/api/v1/giving/questions": "staff",
    "/api/v1/giving": "clerk",
    "/api/v1/appeals": "staff",
    "/api/v1/events": "admin",
    "/manage/events": "admin",
    "/counter": "clerk",
    "/manage/returns": "clerk",
    "/manage/offline-lists": "org",
    "/manage/rules": "staff",
    "/manage/questions": "staff",
    "/manage/appeals": "staff",
    "/manage/giving": "clerk",
    "/receipts": "staff",
    "/manage/household": "staff",
    "/manage/relief": "staff",
    "/manage/ballots": "staff",
    "/api/v1/volunteers/household": "staff",
    "/api/v1/relief": "staff",
    "/manage": "site",
}


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The names that were looked for in addresses and forms so far: what nobody looks for breaks nothing."""
    names: set[str] = set()
    lookups = ("__getitem__", "__contains__", "getlist", "_getlist")

    def noting(lookup: Callable[..., object]) -> Callable[..., object]:
        def noted(query: QueryDict, name: str, *rest: object, **options: object) -> object:
            names.add(name)
            return lookup(query, name, *rest, **options)

        return noted

    for name in lookups:
        monkeypatch.setattr(QueryDict, name, noting(getattr(QueryDict, name)))
    return names


def role_for(row: Row) -> str:
    """Somebody the page is for."""
    return next((role for prefix, role in ROLE_OF.items() if row.address.startswith(prefix)), "vol")


def address_of(row: Row, scene: Scene) -> str:
    return row.address.partition("#")[0].format(**scene.world.places(timezone.now()))


def broken(scene: Scene, row: Row, asked: list[tuple[str, dict]]) -> list[tuple[str, object, int]]:
    """Make the requests, undo each, and return those we failed at."""
    client = scene.client(role_for(row), api=row.address.startswith("/api/"))
    address = address_of(row, scene)
    failed: list[tuple[str, object, int]] = []
    for method, data in asked:
        with transaction.atomic():
            answer = getattr(client, method)(address, data)
            transaction.set_rollback(True)
        if answer.status_code >= 500:
            failed.append((method, data, answer.status_code))
    return failed


@pytest.mark.parametrize("row", READS, ids=[row.name for row in READS])
def test_no_query_breaks_a_page(scene, row):
    """All parameters at once: what a page does not read it does not notice."""
    asked = [("get", dict.fromkeys(PAGE_PARAMETERS + LIST_PARAMETERS, rubbish)) for rubbish in RUBBISH[::2]]

    assert broken(scene, row, asked) == []


PAGES = [row for row in READS if not row.address.startswith(("/api/", "/health/"))]


@pytest.mark.parametrize("row", PAGES, ids=[row.name for row in PAGES])
def test_no_single_parameter_breaks_a_page(scene, row, looked_at):
    """One parameter at a time, so that the refusal of one does not hide another."""
    assert broken(scene, row, [("get", {})]) == []
    asked = [("get", {name: rubbish}) for name in PAGE_PARAMETERS if name in looked_at for rubbish in WORST]

    assert broken(scene, row, asked) == []


@pytest.mark.parametrize("row", FORMS, ids=[row.name for row in FORMS])
def test_no_form_breaks_a_page(scene, row):
    """Each field in turn holds rubbish, the others what they should; and once all of them do."""
    good = body_of(row, scene.world, timezone.now())
    fields = [*good, "next", *OPTIONAL.get(row.name, ())]
    every = (*WORST[:3], "-1")
    asked = [
        ("post", {**good, field: rubbish})
        for place, field in enumerate(fields)
        # A long form is made of the same few kinds of field: there each gets one kind of rubbish in turn.
        for rubbish in (every if len(fields) <= LONG_FORM else [every[place % len(every)]])
    ]
    asked += [("post", {}), *(("post", dict.fromkeys(fields, rubbish)) for rubbish in RUBBISH)]

    assert broken(scene, row, asked) == []


@pytest.mark.parametrize("row", FORMS, ids=[row.name for row in FORMS])
def test_no_form_leads_to_another_site(scene, row):
    """`next` is where one came from, on this site."""
    client = scene.client(role_for(row), api=False)
    good = body_of(row, scene.world, timezone.now())

    led = []
    for elsewhere in ("https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"):
        with transaction.atomic():
            answer = client.post(address_of(row, scene), {**good, "next": elsewhere})
            transaction.set_rollback(True)
        led.append(answer.headers.get("Location", "/"))

    assert [place for place in led if not place.startswith("/") or place.startswith(("//", "/\\"))] == []
