"""The code on the screen: what it proves, and everything that is not it."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core import codes
from backend.core.codes import TokenExpired, TokenForged, TokenMalformed
from venues.sites import qr

SECRET = b"a secret of this test"
AT = datetime(2026, 9, 15, 2, 0, 10, tzinfo=UTC)


def key(site_id: int = 7, version: int = 1) -> bytes:
    return qr.derive_key(secret=SECRET, site_id=site_id, key_version=version)


def mint(site_id: int = 7, version: int = 1, at: datetime = AT) -> str:
    return qr.mint(site_id=site_id, key_version=version, key=key(site_id, version), at=at)


def test_a_token_names_its_site_key_version_and_window():
    token = mint()

    said = qr.verify(token, keys={1: key()}, at=AT)

    assert said == qr.ReadToken(site_id=7, key_version=1, window=int(AT.timestamp()) // 30)


def test_a_token_is_forty_characters_that_need_no_escaping_in_an_address():
    assert len(mint(site_id=2**56 - 1, version=65535)) == 40
    assert set(mint()) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def test_the_token_stays_the_same_within_a_window_and_changes_with_the_next():
    begin = qr.read(mint()).starts_at

    assert mint(at=begin) == mint(at=begin + timedelta(seconds=29))
    assert mint(at=begin) != mint(at=begin + timedelta(seconds=30))


@pytest.mark.parametrize("seconds", [-30, 0, 29, 30, 59])
def test_a_token_counts_in_its_window_and_one_window_either_side(seconds):
    token = mint(at=AT)
    begin = qr.read(token).starts_at

    assert qr.verify(token, keys={1: key()}, at=begin + timedelta(seconds=seconds)).site_id == 7


@pytest.mark.parametrize("seconds", [-31, 60, 3600])
def test_a_token_from_another_time_has_expired(seconds):
    token = mint(at=AT)
    begin = qr.read(token).starts_at

    with pytest.raises(TokenExpired) as refusal:
        qr.verify(token, keys={1: key()}, at=begin + timedelta(seconds=seconds))

    assert str(refusal.value) == "这个码已过期，请扫新的码。"


def test_tolerance_widens_the_windows_that_count():
    token = mint(at=AT)
    late = qr.read(token).starts_at + timedelta(seconds=119)

    assert qr.verify(token, keys={1: key()}, at=late, tolerance=3).site_id == 7


def test_a_token_signed_with_another_sites_key_is_forged():
    token = qr.mint(site_id=7, key_version=1, key=key(site_id=8), at=AT)

    with pytest.raises(TokenForged):
        qr.verify(token, keys={1: key()}, at=AT)


def test_a_key_version_that_never_was_is_forged():
    with pytest.raises(TokenForged):
        qr.verify(mint(version=3), keys={2: key(version=2)}, at=AT)


def test_a_retired_key_version_has_expired():
    with pytest.raises(TokenExpired):
        qr.verify(mint(version=1), keys={3: key(version=3)}, at=AT)


def test_without_any_key_every_token_is_forged():
    with pytest.raises(TokenForged):
        qr.verify(mint(), keys={}, at=AT)


@pytest.mark.parametrize("position", range(30))
def test_changing_any_byte_breaks_the_token(position):
    raw = bytearray(base64.urlsafe_b64decode(mint()))
    raw[position] ^= 1
    changed = base64.urlsafe_b64encode(bytes(raw)).decode()

    with pytest.raises((TokenForged, TokenExpired, TokenMalformed)):
        qr.verify(changed, keys={1: key()}, at=AT)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "A" * 40,  # site 0
        "hello",
        mint()[:-1],
        mint() + "A",
        mint()[:-1] + "=",
        mint()[:-1] + "+",
        mint()[:-1] + "码",
        mint()[:-1] + "\x00",
        " " + mint()[1:],
        base64.urlsafe_b64encode(b"\xff" * 30).decode(),  # a kind nobody has
    ],
)
def test_a_text_that_is_no_token_is_malformed(text):
    with pytest.raises(TokenMalformed):
        qr.read(text)


def test_keys_differ_by_site_and_by_version():
    assert len({key(1, 1), key(1, 2), key(2, 1), key(11, 1), key(1, 11)}) == 5
    assert len(key()) == 32


def test_only_the_current_version_counts_long_after_a_rotation():
    rotated = AT - qr.ROTATION_GRACE

    assert qr.accepted_versions(key_version=2, key_rotated_at=rotated, at=AT) == (2,)


def test_the_previous_version_counts_as_long_as_a_screen_has_codes_of_it():
    rotated = AT - qr.ROTATION_GRACE + timedelta(seconds=1)

    assert qr.accepted_versions(key_version=2, key_rotated_at=rotated, at=AT) == (2, 1)


def test_a_site_that_never_rotated_has_one_version():
    assert qr.accepted_versions(key_version=1, key_rotated_at=None, at=AT) == (1,)


@given(
    site_id=st.integers(1, 2**56 - 1),
    version=st.integers(1, 65535),
    second=st.integers(1_700_000_000, 4_000_000_000),
    drift=st.integers(0, 29),
)
def test_every_minted_token_verifies_for_its_own_time(site_id, version, second, drift):
    at = datetime.fromtimestamp(second, tz=UTC)
    token = mint(site_id, version, at)

    said = qr.verify(token, keys={version: key(site_id, version)}, at=at + timedelta(seconds=drift))

    assert (said.site_id, said.key_version) == (site_id, version)
    assert said.starts_at <= at < said.ends_at


@given(st.text(max_size=60))
def test_no_text_a_stranger_writes_is_ever_accepted(text):
    with pytest.raises((TokenMalformed, TokenForged, TokenExpired)):
        qr.verify(text, keys={1: key()}, at=AT)


def poster(site_id: int = 7, version: int = 1) -> str:
    return qr.mint_poster(site_id=site_id, poster_version=version, key=poster_key(site_id, version))


def poster_key(site_id: int = 7, version: int = 1) -> bytes:
    return qr.derive_poster_key(secret=SECRET, site_id=site_id, poster_version=version)


@pytest.mark.parametrize("days", [-1, 0, 1, 3650])
def test_a_poster_counts_at_any_time(days):
    said = qr.verify(poster(), keys={1: poster_key()}, at=AT + timedelta(days=days))

    assert (said.site_id, said.is_poster) == (7, True)


def test_a_poster_of_an_earlier_edition_has_expired():
    with pytest.raises(TokenExpired):
        qr.verify(poster(), keys={2: poster_key(version=2)}, at=AT)


def test_a_screens_key_signs_no_poster():
    with pytest.raises(TokenForged):
        qr.verify(poster(), keys={1: key()}, at=AT)


def test_a_volunteers_code_is_no_sites_code():
    key_of_pass = codes.derive_key(secret=SECRET, kind=codes.Kind.PASS, subject_id=7, version=1)
    token = codes.mint(kind=codes.Kind.PASS, subject_id=7, version=1, key=key_of_pass, at=AT)

    with pytest.raises(TokenMalformed):
        qr.read(token)
