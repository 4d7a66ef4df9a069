"""One-time codes: hashed, five minutes, five tries, used once."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from backend.accounts import services
from backend.accounts.errors import (
    AccountDisabled,
    CodeExpired,
    CodeNotSent,
    CodeTooSoon,
    CodeWrong,
    PhoneInvalid,
)
from backend.accounts.models import OneTimeCode, User
from backend.accounts.sms import ConsoleSms, sender
from backend.core.crypto import blind_index
from backend.core.errors import TooManyRequests
from tests.accounts.conftest import PHONE

pytestmark = pytest.mark.django_db

ADDRESS = "10.0.0.9"


def request(at, *, phone=PHONE, address=ADDRESS):
    return services.request_code(phone=phone, address=address, at=at)


def verify(code, at, *, phone=PHONE, address=ADDRESS):
    return services.verify_code(phone=phone, code=code, address=address, at=at)


def sent_code(sms, at):
    request(at)
    return sms[-1][1]


def wrong(code):
    return f"{(int(code) + 1) % 10**6:06d}"


# --- asking for one --------------------------------------------------------------------------------------


def test_a_code_of_six_digits_is_sent_to_the_normalised_phone(sms, now):
    sent = request(now, phone="+86 138-0000-1234")

    ((phone, code),) = sms
    assert phone == PHONE
    assert (len(code), code.isdecimal()) == (6, True)
    assert (sent.expires_in, sent.demo_code) == (300, None)


def test_demo_mode_shows_the_code(sms, settings, now):
    settings.DEMO = True

    assert request(now).demo_code == sms[-1][1]


def test_a_code_is_kept_hashed_and_the_phone_as_an_index(sms, now):
    code = sent_code(sms, now)

    with connection.cursor() as cursor:
        cursor.execute("SELECT c::text FROM accounts_onetimecode c")
        (row,) = cursor.fetchone()
    assert code not in row.replace(str(now), "")
    assert PHONE not in row
    assert OneTimeCode.objects.get().phone_index == blind_index(PHONE, purpose="accounts.phone")


def test_codes_of_two_phones_are_hashed_apart(sms, now):
    assert services._hash("a", "123456") != services._hash("b", "123456")


def test_no_phone_is_no_code(sms, now):
    with pytest.raises(PhoneInvalid):
        request(now, phone="12345")

    assert (sms, OneTimeCode.objects.count()) == ([], 0)


def test_a_carrier_that_cannot_be_reached_is_said(sms, settings, now):
    settings.SMS_BACKEND = "tests.accounts.carriers.UnreachableSms"

    with pytest.raises(CodeNotSent) as refused:
        request(now)

    assert refused.value.status == 503


def test_the_console_carrier_logs_neither_phone_nor_code(settings, caplog):
    settings.SMS_BACKEND = "backend.accounts.sms.ConsoleSms"
    carrier = sender()

    carrier.send_code(phone=PHONE, code="271828")

    assert isinstance(carrier, ConsoleSms)
    assert [text in caplog.text for text in ("sms_not_sent", PHONE, "271828")] == [True, False, False]


# --- using one -------------------------------------------------------------------------------------------


def test_the_first_visit_makes_a_user_without_a_password(sms, now):
    user = verify(sent_code(sms, now), now)

    assert User.objects.get() == user
    assert (user.phone.open(), user.username, user.has_usable_password()) == (PHONE, None, False)
    assert (user.is_staff, user.is_superuser, user.is_active) == (False, False, True)


def test_the_second_visit_finds_the_same_user(sms, now):
    first = verify(sent_code(sms, now), now)

    second = verify(sent_code(sms, now), now, phone="+86 138 0000 1234")

    assert second == first


def test_a_code_works_to_the_end_of_its_five_minutes(sms, now):
    code = sent_code(sms, now)

    verify(code, now + timedelta(minutes=5, microseconds=-1))

    assert User.objects.count() == 1


def test_a_code_is_dead_after_five_minutes(sms, now):
    code = sent_code(sms, now)

    with pytest.raises(CodeExpired):
        verify(code, now + timedelta(minutes=5))

    assert User.objects.count() == 0


def test_a_code_works_once(sms, now):
    code = sent_code(sms, now)
    verify(code, now)

    with pytest.raises(CodeExpired):
        verify(code, now)


def test_a_code_of_another_phone_does_not_work(sms, now):
    code = sent_code(sms, now)

    with pytest.raises(CodeExpired):
        verify(code, now, phone="13900001234")


def test_a_new_code_kills_the_old_one(sms, now):
    old = sent_code(sms, now)
    new = sent_code(sms, now + timedelta(minutes=1))

    with pytest.raises(CodeWrong):
        verify(old, now + timedelta(minutes=1))

    assert verify(new, now + timedelta(minutes=1)).phone.open() == PHONE


def test_wrong_tries_are_counted_although_they_are_refused(sms, now):
    code = sent_code(sms, now)
    left = []

    for _ in range(5):
        with pytest.raises(CodeWrong) as refused:
            verify(wrong(code), now)
        left.append(refused.value.data["tries_left"])

    assert left == [4, 3, 2, 1, 0]
    with pytest.raises(CodeExpired):
        verify(code, now)  # even the right one


def test_the_fifth_try_may_still_be_right(sms, now):
    code = sent_code(sms, now)
    for _ in range(4):
        with pytest.raises(CodeWrong):
            verify(wrong(code), now)

    assert verify(code, now).phone.open() == PHONE


@pytest.mark.parametrize("rubbish", ["", "1", "12345", "1234567", "abcdef", "１２３４５６", "積善", "\x00"])
def test_rubbish_is_a_wrong_code(sms, now, rubbish):
    sent_code(sms, now)

    with pytest.raises(CodeWrong):
        verify(rubbish, now)


def test_a_closed_account_stays_closed(sms, now):
    user = verify(sent_code(sms, now), now)
    User.objects.filter(pk=user.pk).update(is_active=False)

    with pytest.raises(AccountDisabled):
        verify(sent_code(sms, now), now)


# --- two at once -----------------------------------------------------------------------------------------


def live_code_as_seen(*, lock):
    """The pk of the live code as a transaction sees it, with or without the lock of the service."""
    codes = OneTimeCode.objects.filter(used_at__isnull=True)
    return (codes.select_for_update(skip_locked=True) if lock else codes).values_list("pk", flat=True).first()


def in_thread(work):
    result = []

    def run():
        try:
            with transaction.atomic():
                result.append(work())
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(20)
    return result[0]


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_two_would_see_the_same_live_code(sms, now):
    sent_code(sms, now)

    with transaction.atomic():
        mine = live_code_as_seen(lock=False)
        theirs = in_thread(lambda: live_code_as_seen(lock=False))

    assert mine == theirs


@pytest.mark.django_db(transaction=True)
def test_with_the_lock_only_one_sees_it(sms, now):
    sent_code(sms, now)

    with transaction.atomic():
        mine = live_code_as_seen(lock=True)
        theirs = in_thread(lambda: live_code_as_seen(lock=True))

    assert (mine is None, theirs) == (False, None)


@pytest.mark.django_db(transaction=True)
def test_a_code_lets_one_of_many_in(sms, now):
    code = sent_code(sms, now)
    barrier = threading.Barrier(6)
    outcomes = []

    def try_it():
        try:
            barrier.wait(20)
            outcomes.append(verify(code, now).pk)
        except CodeExpired:
            outcomes.append("too late")
        finally:
            connection.close()

    threads = [threading.Thread(target=try_it) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert sorted(outcomes, key=str) == sorted([User.objects.get().pk, *["too late"] * 5], key=str)


@pytest.mark.django_db(transaction=True)
def test_a_phone_is_one_user_however_many_arrive_first():
    barrier = threading.Barrier(6)
    users = []

    def arrive():
        try:
            barrier.wait(20)
            users.append(services.user_of_phone(phone=PHONE).pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=arrive) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert users == [User.objects.get().pk] * 6


# --- limits ----------------------------------------------------------------------------------------------


def test_a_phone_gets_one_code_a_minute(sms, settings, now):
    settings.OTP_PER_PHONE = "1/minute;10/day"
    request(now)

    with pytest.raises(CodeTooSoon) as refused:
        request(now, address="10.0.0.10", phone="+86" + PHONE)

    assert 1 <= refused.value.data["retry_after"] <= 60
    assert len(sms) == 1
    request(now, phone="13900001234")


def test_a_phone_gets_ten_codes_a_day(sms, settings, now):
    settings.OTP_PER_PHONE = "1000/minute;10/day"
    for _ in range(10):
        request(now)

    with pytest.raises(CodeTooSoon) as refused:
        request(now)

    assert 60 < refused.value.data["retry_after"] <= 86_400


def test_an_address_asks_for_a_limited_number_of_phones(sms, settings, now):
    settings.OTP_PER_ADDRESS = "2/hour"
    for number in range(2):
        request(now, phone=f"1380000000{number}")

    with pytest.raises(CodeTooSoon):
        request(now, phone="13800000009")

    assert len(sms) == 2
    request(now, phone="13800000009", address="10.0.0.10")


def test_an_address_tries_a_limited_number_of_codes(sms, settings, now):
    settings.OTP_VERIFY_PER_ADDRESS = "2/hour"
    for number in range(2):
        with pytest.raises(CodeExpired):
            verify("123456", now, phone=f"1380000000{number}")

    with pytest.raises(TooManyRequests) as refused:
        verify("123456", now, phone="13800000009")

    assert 1 <= refused.value.data["retry_after"] <= 3600


@pytest.mark.usefixtures("redis_away")
def test_without_redis_the_process_counts_for_itself(sms, settings, now):
    settings.OTP_PER_PHONE = "1/minute"
    request(now)

    with pytest.raises(CodeTooSoon):
        request(now)

    assert len(sms) == 1


def test_limits_are_counted_for_all_processes_together(sms, settings, now, valkey):
    settings.OTP_PER_PHONE = "1/minute"
    request(now)

    assert any(b"otp-phone" in key for key in valkey.scan_iter())
    assert not any(PHONE.encode() in key for key in valkey.scan_iter())
