"""Codes in QR pictures: they come back as they were made, and nobody else can make one."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core import codes
from backend.core.codes import Claim, Kind, TokenExpired, TokenForged, TokenMalformed

SECRET = b"s" * 32
NINE = datetime(2026, 9, 15, 1, 0, tzinfo=UTC)
WINDOW = timedelta(seconds=30)
LASTING = {Kind.POSTER, Kind.CARD}

kinds = st.sampled_from(Kind)
subjects = st.integers(1, codes.MAX_SUBJECT)
versions = st.integers(1, codes.MAX_VERSION)
moments = st.datetimes(datetime(1970, 1, 2), datetime(2105, 1, 1), timezones=st.just(UTC))


def key_of(kind, subject_id, version):
    return codes.derive_key(secret=SECRET, kind=kind, subject_id=subject_id, version=version)


def code_of(kind, subject_id=7, version=1, at=NINE):
    key = key_of(kind, subject_id, version)
    moment = None if kind in LASTING else at
    return codes.mint(kind=kind, subject_id=subject_id, version=version, key=key, at=moment)


def verified(code, kind, subject_id=7, version=1, *, at=NINE, tolerance=1):
    keys = {version: key_of(kind, subject_id, version)}
    return codes.verify(code, keys=keys, at=at, tolerance=tolerance)


@given(kinds, subjects, versions, moments)
def test_every_kind_comes_back_as_it_was_made(kind, subject_id, version, at):
    code = code_of(kind, subject_id, version, at)

    window = 0 if kind in LASTING else codes.window_of(at)
    assert len(code) == codes.CODE_LENGTH
    assert verified(code, kind, subject_id, version, at=at) == Claim(kind, subject_id, version, window)
    assert codes.read(code) == Claim(kind, subject_id, version, window)


@given(st.binary(min_size=30, max_size=30))
def test_no_bytes_a_stranger_writes_are_a_code_of_ours(raw):
    code = base64.urlsafe_b64encode(raw).decode()

    with pytest.raises((TokenMalformed, TokenForged, TokenExpired)):
        verified(code, Kind.SCREEN)


@given(st.text(max_size=60))
def test_no_text_a_stranger_writes_is_a_code_of_ours(text):
    with pytest.raises((TokenMalformed, TokenForged)):
        verified(text, Kind.CARD)


@given(kinds, st.integers(0, 39), st.sampled_from("AZaz09-_"))
def test_a_code_with_one_character_changed_is_none_of_ours(kind, place, character):
    code = code_of(kind)
    changed = code[:place] + character + code[place + 1 :]
    if changed == code:
        return

    with pytest.raises((TokenMalformed, TokenForged, TokenExpired)):
        verified(changed, kind)


@pytest.mark.parametrize("signer", Kind)
@pytest.mark.parametrize("kind", Kind)
def test_the_key_of_one_kind_signs_no_other(kind, signer):
    if kind is signer:
        assert verified(code_of(kind), kind).kind is kind
        return
    forged = codes.mint(
        kind=kind,
        subject_id=7,
        version=1,
        key=key_of(signer, 7, 1),
        at=None if kind in LASTING else NINE,
    )

    with pytest.raises(TokenForged):
        verified(forged, kind)


@pytest.mark.parametrize("kind", Kind)
def test_the_key_of_one_subject_signs_for_no_other(kind):
    forged = codes.mint(
        kind=kind, subject_id=8, version=1, key=key_of(kind, 7, 1), at=None if kind in LASTING else NINE
    )

    with pytest.raises(TokenForged):
        verified(forged, kind, subject_id=8)


def test_keys_differ_by_secret_kind_subject_and_version():
    made = {
        codes.derive_key(secret=secret, kind=kind, subject_id=subject_id, version=version)
        for secret in (SECRET, b"t" * 32)
        for kind in Kind
        for subject_id in (1, 11)
        for version in (1, 11)
    }

    assert len(made) == 2 * len(Kind) * 2 * 2


@pytest.mark.parametrize("kind", [Kind.SCREEN, Kind.PASS])
@pytest.mark.parametrize(
    ("later", "tolerance", "counts"),
    [(0, 0, True), (1, 0, False), (1, 1, True), (-1, 1, True), (2, 1, False), (-2, 1, False), (4, 4, True)],
)
def test_a_code_that_rotates_counts_for_its_windows(kind, later, tolerance, counts):
    code, at = code_of(kind), NINE + WINDOW * later

    if counts:
        assert verified(code, kind, at=at, tolerance=tolerance).subject_id == 7
    else:
        with pytest.raises(TokenExpired):
            verified(code, kind, at=at, tolerance=tolerance)


@pytest.mark.parametrize("kind", [Kind.POSTER, Kind.CARD])
def test_a_printed_code_counts_until_its_key_goes(kind):
    code = code_of(kind)

    assert verified(code, kind, at=NINE + timedelta(days=3000)).version == 1
    with pytest.raises(TokenExpired):
        codes.verify(code, keys={2: key_of(kind, 7, 2)}, at=NINE)


def test_a_version_nobody_has_is_forged():
    with pytest.raises(TokenForged):
        codes.verify(code_of(Kind.CARD, version=3), keys={2: key_of(Kind.CARD, 7, 2)}, at=NINE)


def test_without_any_key_nothing_is_ours():
    with pytest.raises(TokenForged):
        codes.verify(code_of(Kind.PASS), keys={}, at=NINE)


@pytest.mark.parametrize(
    "text",
    ["", "A" * 39, "A" * 41, "A" * 39 + "=", "A" * 39 + "é", "A" * 39 + "\n", " " * 40, "A" * 40, "_" * 40],
)
def test_what_cannot_be_a_code_is_malformed(text):
    with pytest.raises(TokenMalformed):
        codes.read(text)


@pytest.mark.parametrize("kind", Kind)
def test_a_lasting_kind_has_no_window_and_a_rotating_one_has(kind):
    wrong = codes.mint(
        kind=kind, subject_id=7, version=1, key=key_of(kind, 7, 1), at=NINE if kind in LASTING else None
    )

    with pytest.raises(TokenMalformed):
        codes.read(wrong)


def test_a_claim_tells_its_half_minute():
    claim = codes.read(code_of(Kind.PASS, at=NINE + timedelta(seconds=44)))

    assert (claim.starts_at, claim.ends_at) == (NINE + WINDOW, NINE + 2 * WINDOW)
