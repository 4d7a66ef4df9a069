"""Coming in over the wire."""

from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from backend.accounts.models import Membership, OneTimeCode, User
from tests.accounts.conftest import PHONE

pytestmark = pytest.mark.django_db

PASSWORD = "an ordinary passphrase"


@pytest.fixture
def clerk():
    return User.objects.create_superuser("clerk", PASSWORD, display_name="柜台")


def post(client, address, body, **headers):
    return client.post(f"/api/v1/auth/{address}", body, content_type="application/json", headers=headers)


def code_of(answer):
    return answer.status_code, answer.json()["code"]


# --- codes -----------------------------------------------------------------------------------------------


def test_a_code_is_on_its_way(client, sms):
    answer = post(client, "otp/", {"phone": "138 0000 1234"})

    assert (answer.status_code, answer.json()) == (202, {"expires_in": 300})
    assert [phone for phone, _ in sms] == [PHONE]


def test_demo_mode_answers_with_the_code(client, sms, settings):
    settings.DEMO = True

    answer = post(client, "otp/", {"phone": PHONE})

    assert answer.json() == {"expires_in": 300, "demo_code": sms[0][1]}


def test_a_second_code_too_soon_says_when(client, sms, settings):
    settings.OTP_PER_PHONE = "1/minute"
    post(client, "otp/", {"phone": PHONE})

    answer = post(client, "otp/", {"phone": PHONE})

    assert code_of(answer) == (429, "code_too_soon")
    assert 1 <= int(answer["Retry-After"]) <= 60
    assert answer.json()["errors"][0]["pointer"] == "/phone"


@pytest.mark.usefixtures("redis_away")
def test_codes_are_sent_while_redis_is_away(client, sms):
    assert post(client, "otp/", {"phone": PHONE}).status_code == 202


def test_a_carrier_that_is_away_is_our_trouble_not_a_crash(client, sms, settings):
    client.raise_request_exception = False
    settings.SMS_BACKEND = "tests.accounts.carriers.UnreachableSms"

    assert code_of(post(client, "otp/", {"phone": PHONE})) == (503, "code_not_sent")


@pytest.mark.parametrize(
    "body", [{}, {"phone": ""}, {"phone": None}, {"phone": []}, {"phone": "x" * 31}, [], "1", None]
)
def test_no_phone_no_code(client, sms, body):
    answer = post(client, "otp/", body)

    assert code_of(answer) == (400, "invalid")
    assert OneTimeCode.objects.count() == 0


# --- tokens ----------------------------------------------------------------------------------------------


def tokens_by_code(client, sms):
    post(client, "otp/", {"phone": PHONE})
    return post(client, "token/", {"phone": PHONE, "code": sms[-1][1]})


def test_phone_and_code_give_tokens_that_work(client, sms):
    answer = tokens_by_code(client, sms)

    me = client.get("/api/v1/auth/me/", headers={"Authorization": f"Bearer {answer.json()['access']}"})
    assert answer.status_code == 200
    assert me.json() == {
        "id": User.objects.get().pk,
        "username": None,
        "display_name": "",
        "phone": "138****1234",
        "memberships": [],
    }


def test_username_and_password_give_tokens_that_work(client, clerk, now):
    Membership.objects.create(
        user=clerk, role="store_clerk", scope_type="store", scope_id="7", granted_at=now
    )

    answer = post(client, "token/", {"username": "clerk", "password": PASSWORD})

    me = client.get("/api/v1/auth/me/", headers={"Authorization": f"Bearer {answer.json()['access']}"})
    assert me.json() == {
        "id": clerk.pk,
        "username": "clerk",
        "display_name": "柜台",
        "phone": None,
        "memberships": [{"role": "store_clerk", "scope_type": "store", "scope_id": "7"}],
    }


def test_a_wrong_code_says_how_many_tries_are_left(client, sms):
    post(client, "otp/", {"phone": PHONE})
    wrong = f"{(int(sms[-1][1]) + 1) % 10**6:06d}"

    answer = post(client, "token/", {"phone": PHONE, "code": wrong})

    assert code_of(answer) == (400, "code_wrong")
    assert answer.json()["detail"] == "验证码不对，还可以试 4 次。"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/phone"),
        ({"phone": PHONE}, "/code"),
        ({"username": "clerk"}, "/password"),
        ({"password": PASSWORD}, "/phone"),
        ({"code": "123456"}, "/phone"),
        ({"phone": PHONE, "code": "1" * 11}, "/code"),
        ({"username": "x" * 61, "password": PASSWORD}, "/username"),
        ({"username": "x\x00", "password": PASSWORD}, "/username"),
    ],
)
def test_half_a_pair_is_refused_naming_the_other_half(client, body, pointer):
    answer = post(client, "token/", body)

    assert code_of(answer) == (400, "invalid")
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


@pytest.mark.parametrize(
    ("username", "password"),
    [("clerk", "wrong"), ("nobody", PASSWORD), ("clerk", PASSWORD + " "), ("CLERK", PASSWORD)],
)
def test_a_wrong_password_and_an_unknown_name_look_the_same(client, clerk, username, password):
    answer = post(client, "token/", {"username": username, "password": password})

    assert code_of(answer) == (401, "credentials_wrong")
    assert answer.json()["detail"] == "用户名或密码不对。"


def test_somebody_without_a_password_cannot_use_one(client, sms):
    tokens_by_code(client, sms)
    User.objects.update(username="volunteer")

    assert code_of(post(client, "token/", {"username": "volunteer", "password": ""}))[0] == 400
    assert code_of(post(client, "token/", {"username": "volunteer", "password": "!"})) == (
        401,
        "credentials_wrong",
    )


def test_passwords_are_kept_as_argon2(clerk):
    assert clerk.password.startswith("argon2$argon2id$")


# --- the lock-out ----------------------------------------------------------------------------------------


def try_passwords(client, times, *, username="clerk", password="wrong"):  # noqa: S107 – nobody's
    return [post(client, "token/", {"username": username, "password": password}) for _ in range(times)]


def test_five_wrong_passwords_lock_the_door(client, clerk):
    answers = try_passwords(client, 6)

    assert [code_of(answer) for answer in answers] == [
        *[(401, "credentials_wrong")] * 4,
        *[(429, "account_locked")] * 2,
    ]
    last = answers[-1]
    assert (last["Content-Type"], last["Retry-After"]) == ("application/problem+json", "900")
    assert last.json()["detail"] == "密码错误次数太多，请 15 分钟后再试。"


def test_a_locked_door_does_not_open_with_the_right_password(client, clerk):
    try_passwords(client, 5)

    (answer,) = try_passwords(client, 1, password=PASSWORD)

    assert code_of(answer) == (429, "account_locked")


def test_the_right_password_forgets_the_wrong_ones(client, clerk):
    try_passwords(client, 4)
    try_passwords(client, 1, password=PASSWORD)

    assert [code_of(answer)[0] for answer in try_passwords(client, 4)] == [401] * 4


def test_a_stranger_elsewhere_does_not_lock_the_clerk_out(client, clerk):
    try_passwords(client, 5)

    elsewhere = client.post(
        "/api/v1/auth/token/",
        {"username": "clerk", "password": PASSWORD},
        content_type="application/json",
        REMOTE_ADDR="10.0.0.9",
    )

    assert elsewhere.status_code == 200


def test_a_locked_name_does_not_lock_another(client, clerk):
    try_passwords(client, 5, username="somebody")

    (answer,) = try_passwords(client, 1, password=PASSWORD)

    assert answer.status_code == 200


# --- tokens over time ------------------------------------------------------------------------------------


def test_a_refresh_gives_a_new_pair_and_ends_the_old_one(client, sms):
    old = tokens_by_code(client, sms).json()["refresh"]

    fresh = post(client, "token/refresh/", {"refresh": old})
    again = post(client, "token/refresh/", {"refresh": old})
    onward = post(client, "token/refresh/", {"refresh": fresh.json()["refresh"]})

    assert (fresh.status_code, sorted(fresh.json())) == (200, ["access", "refresh"])
    assert code_of(again) == (401, "token_not_valid")
    assert onward.status_code == 200


def test_a_token_problem_points_at_no_field(client):
    answer = post(client, "token/refresh/", {"refresh": "rubbish"})

    assert code_of(answer) == (401, "token_not_valid")
    assert answer.json()["errors"] == []


def test_an_access_token_does_not_refresh(client, clerk):
    assert post(client, "token/refresh/", {"refresh": str(AccessToken.for_user(clerk))}).status_code == 401


def test_a_refresh_token_gives_no_access(client, clerk):
    token = str(RefreshToken.for_user(clerk))

    assert client.get("/api/v1/auth/me/", headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_tokens_end(client, clerk):
    access = AccessToken.for_user(clerk)
    access.set_exp(from_time=timezone.now() - timedelta(hours=1))

    answer = client.get("/api/v1/auth/me/", headers={"Authorization": f"Bearer {access}"})

    assert code_of(answer) == (401, "token_not_valid")


def test_a_closed_account_gets_no_tokens_by_code(client, sms):
    tokens_by_code(client, sms)
    User.objects.update(is_active=False)

    assert code_of(tokens_by_code(client, sms)) == (403, "account_disabled")


def test_a_closed_account_gets_no_tokens_by_password(client, clerk):
    User.objects.update(is_active=False)

    assert code_of(post(client, "token/", {"username": "clerk", "password": PASSWORD})) == (
        401,
        "credentials_wrong",
    )


def test_a_closed_accounts_tokens_stop_working(client, sms):
    pair = tokens_by_code(client, sms).json()
    User.objects.update(is_active=False)

    me = client.get("/api/v1/auth/me/", headers={"Authorization": f"Bearer {pair['access']}"})
    fresh = post(client, "token/refresh/", {"refresh": pair["refresh"]})

    assert (me.status_code, fresh.status_code) == (401, 401)


# --- who am I --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer x", "Bearer a.b.c", "Bearer \xff", "Basic YTpi", "Bearer a b"]
)
def test_without_a_good_token_there_is_no_me(client, header):
    headers = {} if header is None else {"Authorization": header}

    answer = client.get("/api/v1/auth/me/", headers=headers)

    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["WWW-Authenticate"] == 'Bearer realm="api"'


def test_me_is_two_queries(client, clerk, django_assert_num_queries):
    token = AccessToken.for_user(clerk)

    with django_assert_num_queries(2):
        client.get("/api/v1/auth/me/", headers={"Authorization": f"Bearer {token}"})


def test_a_session_counts_too(client, clerk):
    client.force_login(clerk, backend="django.contrib.auth.backends.ModelBackend")

    assert client.get("/api/v1/auth/me/").json()["username"] == "clerk"
