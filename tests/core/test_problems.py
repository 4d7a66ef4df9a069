"""What a refusal, a lost race and our own failure look like on the wire."""

import pytest
from django.test import Client

from backend.core.errors import Refusal, refusal_coded
from backend.core.models import AuditEntry, OutboxEvent

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.core.addresses")]

PROBLEM = "application/problem+json"


@pytest.fixture
def browser() -> Client:
    """A client that looks at 500s instead of raising them."""
    return Client(raise_request_exception=False)


def problem(*, status, title, code, detail, errors=()):
    return {
        "type": f"urn:jishan:problem:{code}",
        "title": title,
        "status": status,
        "code": code,
        "detail": detail,
        "errors": list(errors),
    }


def test_a_refusal_is_a_problem_document_in_chinese(browser):
    answer = browser.get("/api/refuse/forbidden/")

    assert answer.status_code == 403
    assert answer["Content-Type"] == PROBLEM
    assert answer["Content-Language"] == "zh-hans"
    assert answer.json() == problem(
        status=403, title="Forbidden", code="forbidden", detail="您没有办理这件事的权限。"
    )


def test_a_refusal_fills_its_sentence_and_points_at_its_field(browser):
    answer = browser.get("/api/refuse/code-wrong/")

    assert answer.json() == problem(
        status=400,
        title="Bad Request",
        code="code_wrong",
        detail="验证码不对，还可以试 2 次。",
        errors=[{"pointer": "/code", "code": "code_wrong", "detail": "验证码不对，还可以试 2 次。"}],
    )


def test_a_json_pointer_is_kept_as_it_is(browser):
    answer = browser.get("/api/refuse/pointer/")

    assert [error["pointer"] for error in answer.json()["errors"]] == ["/lines/0/quantity"]


def test_what_is_no_json_is_refused_without_the_parsers_words(browser):
    answer = browser.post("/api/order/", "{'store': 1", content_type="application/json")

    assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")
    assert answer.json()["detail"] == "提交的内容格式不对，读不懂。"


def test_a_limit_says_when_to_come_back(browser):
    answer = browser.get("/api/refuse/too-many/")

    assert (answer.status_code, answer["Retry-After"]) == (429, "42")
    assert answer.json()["detail"] == "操作太频繁，请 42 秒后再试。"


def test_busy_says_when_to_come_back(browser):
    answer = browser.get("/api/refuse/busy/")

    assert (answer.status_code, answer["Retry-After"]) == (409, "1")


def test_a_refusal_without_a_wait_has_no_retry_after(browser):
    assert "Retry-After" not in browser.get("/api/refuse/forbidden/").headers


def test_field_errors_carry_pointers_into_nested_input(browser):
    answer = browser.post(
        "/api/order/",
        {"lines": [{"product": 1, "quantity": 1}, {"product": "x", "quantity": 0}]},
        content_type="application/json",
    )

    assert answer.status_code == 400
    assert answer["Content-Type"] == PROBLEM
    body = answer.json()
    assert (body["code"], body["detail"]) == ("invalid", "提交的内容有误，请检查后重试。")
    assert body["errors"] == [
        {"pointer": "/store", "code": "required", "detail": "该字段是必填项。"},
        {"pointer": "/lines/1/product", "code": "invalid", "detail": "请填写合法的整数值。"},
        {"pointer": "/lines/1/quantity", "code": "min_value", "detail": "请确保该值大于或者等于 1。"},
    ]


def test_an_error_of_the_whole_input_has_a_pointer_too(browser):
    answer = browser.post("/api/order/", {"store": 0, "lines": []}, content_type="application/json")

    assert answer.json()["errors"] == [
        {"pointer": "/non_field_errors", "code": "no_pair", "detail": "no such pair"}
    ]


@pytest.mark.parametrize("language", ["en", "en-GB,en;q=0.9", "fr,en;q=0.5"])
def test_english_readers_get_english(browser, language):
    answer = browser.post(
        "/api/order/", {"lines": []}, content_type="application/json", headers={"Accept-Language": language}
    )

    assert answer["Content-Language"] == "en"
    assert answer.json()["errors"] == [
        {"pointer": "/store", "code": "required", "detail": "This field is required."}
    ]


def test_a_refusal_is_told_in_english_with_its_numbers(browser):
    answer = browser.get("/api/refuse/code-wrong/", headers={"Accept-Language": "en"})

    assert answer.json()["detail"] == "That code is not right. Tries left: 2."


@pytest.mark.parametrize("language", ["", "zh-CN", "zh-Hans-CN,zh;q=0.9,en;q=0.8", "ja", "*", "\x00;q=x"])
def test_everybody_else_gets_chinese(browser, language):
    answer = browser.post(
        "/api/order/", {"lines": []}, content_type="application/json", headers={"Accept-Language": language}
    )

    assert answer["Content-Language"] == "zh-hans"


def test_a_claimed_constraint_reads_like_the_refusal_that_claims_it(browser):
    answer = browser.post("/api/credit-code-twice/")

    assert answer["Content-Type"] == PROBLEM
    assert answer.json() == problem(
        status=409,
        title="Conflict",
        code="credit_code_taken",
        detail="这个统一社会信用代码已经登记。",
    )


def test_an_unclaimed_constraint_is_a_conflict_and_names_no_table(browser):
    answer = browser.post("/api/done-and-dead/")

    assert answer.json() == problem(
        status=409,
        title="Conflict",
        code="conflict",
        detail="这项内容与已有的记录冲突，没有保存。",
    )
    assert OutboxEvent.objects.count() == 0


def test_a_database_that_gives_up_is_unavailable_for_the_moment(browser):
    answer = browser.get("/api/slow-query/")

    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert answer["Content-Type"] == PROBLEM
    assert answer.json() == problem(
        status=503,
        title="Service Unavailable",
        code="unavailable",
        detail="服务正在恢复，请稍后再试；已提交的内容不会丢失。",
    )


def test_a_value_no_column_can_hold_is_the_callers_mistake(browser):
    answer = browser.get("/api/huge-number/")

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


@pytest.mark.parametrize("address", ["/api/broken/", "/api/plain-broken/"])
def test_our_own_failure_says_so_and_nothing_else(browser, address):
    answer = browser.get(address)

    assert answer.status_code == 500
    assert answer["Content-Type"] == PROBLEM
    assert answer.json() == problem(
        status=500,
        title="Internal Server Error",
        code="server_error",
        detail="我们这边出了问题，已经记录下来。请稍后再试。",
    )


def test_our_own_failure_is_logged_with_its_trace_and_without_the_phone(browser, printed):
    browser.get("/api/broken/")

    assert "RuntimeError: the secret is [phone]" in printed.getvalue()
    assert "13800001234" not in printed.getvalue()


def test_an_address_that_is_nobodys_is_a_problem_in_the_api(browser):
    answer = browser.get("/api/nobody/")

    assert answer["Content-Type"] == PROBLEM
    assert answer.json() == problem(
        status=404, title="Not Found", code="not_found", detail="没有这个页面，请从首页进入。"
    )


def test_a_request_django_cannot_read_is_a_problem_in_the_api(browser):
    answer = browser.get("/api/plain-suspicious/")

    assert answer.json() == problem(
        status=400, title="Bad Request", code="invalid", detail="这个请求读不懂，请返回重试。"
    )


@pytest.mark.parametrize(
    ("method", "headers", "status", "code"),
    [
        ("delete", {}, 405, "method_not_allowed"),
        ("get", {"Accept": "text/html"}, 406, "not_acceptable"),
    ],
)
def test_the_librarys_own_refusals_are_problems(browser, method, headers, status, code):
    answer = getattr(browser, method)("/api/refuse/forbidden/", headers=headers)

    assert (answer.status_code, answer["Content-Type"], answer.json()["code"]) == (status, PROBLEM, code)


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"<order/>", "text/xml", 415),
        (b"\xff", "application/json", 400),
        (b"{", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"store": NaN, "lines": []}', "application/json", 400),
        (b'{"store": 1e999, "lines": []}', "application/json", 400),
        (b'{"store": ' + b"9" * 5000 + b', "lines": []}', "application/json", 400),
        (b'{"store": "\\ud800", "lines": []}', "application/json", 400),
        (b'{"store": "1\\u0000", "lines": []}', "application/json", 400),
        (b"null", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"", "application/json", 400),
    ],
)
def test_rubbish_is_refused_as_a_problem(browser, body, kind, status):
    answer = browser.post("/api/order/", body, content_type=kind)

    assert (answer.status_code, answer["Content-Type"]) == (status, PROBLEM)
    assert AuditEntry.objects.count() == 0


def test_a_code_of_an_earlier_version_is_told_as_a_refusal_all_the_same():
    told = refusal_coded("no_longer_known")

    assert (type(told), str(told)) == (Refusal, str(Refusal.message))
