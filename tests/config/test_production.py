"""A production site starts with its own secrets or not at all, and then checks clean."""

import base64
import os
import subprocess
import sys
from pathlib import Path

import environ
import pytest
from django.core.exceptions import ImproperlyConfigured

from backend.config.secrets import load_secrets

ROOT = Path(__file__).resolve().parents[2]


def key(letter, length=32):
    return base64.b64encode(letter.encode() * length).decode()


GOOD = {
    "SECRET_KEY": "s3cret-Of-the-site!" * 4,
    "JISHAN_INDEX_KEY": "index-of-the-site/" * 4,
    "JISHAN_QR_SECRET": "scans-of-the-site?" * 4,
    "JISHAN_FIELD_KEYS": f"k2:{key('b')},k1:{key('a')}",
}


@pytest.fixture
def secrets(monkeypatch):
    """`secrets(production=…, **environment)` reads the secrets of exactly that environment."""

    def load(*, production=True, demo=False, **values):
        for name in GOOD:
            monkeypatch.delenv(name, raising=False)
        for name, value in values.items():
            monkeypatch.setenv(name, value)
        return load_secrets(environ.Env(), production=production, demo=demo)

    return load


def without(name):
    return {kept: value for kept, value in GOOD.items() if kept != name}


# --- secrets ---------------------------------------------------------------------------------------------


def test_production_takes_the_secrets_it_is_given(secrets):
    given = secrets(**GOOD)

    assert given.secret_key == GOOD["SECRET_KEY"]
    assert given.index_key == GOOD["JISHAN_INDEX_KEY"].encode()
    assert given.qr_secret == GOOD["JISHAN_QR_SECRET"].encode()
    assert list(given.field_keys.items()) == [("k2", b"b" * 32), ("k1", b"a" * 32)]  # the first one seals


@pytest.mark.parametrize("name", GOOD)
def test_production_refuses_to_start_without_a_secret(secrets, name):
    with pytest.raises(ImproperlyConfigured, match=name):
        secrets(**without(name))


@pytest.mark.parametrize("name", [name for name in GOOD if name != "JISHAN_FIELD_KEYS"])
@pytest.mark.parametrize("value", ["", "short", "x" * 49])
def test_production_refuses_a_short_secret(secrets, name, value):
    with pytest.raises(ImproperlyConfigured, match=name):
        secrets(**GOOD | {name: value})


def test_production_refuses_the_secrets_of_development(secrets):
    defaults = secrets(production=False)

    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY"):
        secrets(**GOOD | {"SECRET_KEY": defaults.secret_key})


def test_production_refuses_demo_mode(secrets):
    with pytest.raises(ImproperlyConfigured, match="JISHAN_DEMO"):
        secrets(demo=True, **GOOD)


@pytest.mark.parametrize(
    ("keys", "complaint"),
    [
        ("k1:not base64!", "not base64"),
        (f"k1:{key('a', 16)}", "32 bytes"),
        (f"k2:{key('b')},k1:{key('a', 33)}", "'k1' must be 32 bytes"),
        ("k1", "32 bytes"),
        (key("a"), "32 bytes"),
    ],
)
@pytest.mark.parametrize("production", [True, False])
def test_a_malformed_field_key_is_named(secrets, production, keys, complaint):
    with pytest.raises(ImproperlyConfigured, match=complaint):
        secrets(production=production, **GOOD | {"JISHAN_FIELD_KEYS": keys})


@pytest.mark.parametrize("nothing", ["", " ", ","])
def test_no_field_key_is_no_production(secrets, nothing):
    with pytest.raises(ImproperlyConfigured, match="JISHAN_FIELD_KEYS"):
        secrets(**GOOD | {"JISHAN_FIELD_KEYS": nothing})


def test_development_needs_nothing(secrets):
    given = secrets(production=False, demo=True)

    assert given == secrets(production=False, demo=True)
    assert len({given.secret_key, given.index_key.decode(), given.qr_secret.decode()}) == 3


# --- the settings module itself --------------------------------------------------------------------------


def manage(*arguments, **values):
    """Run manage.py as a production site would, in a process of its own."""
    kept = {
        name: os.environ[name] for name in ("PATH", "HOME", "DATABASE_URL", "REDIS_URL") if name in os.environ
    }
    production = {
        "JISHAN_ENV": "production",
        "ALLOWED_HOSTS": "jishan.example",
        "PUBLIC_BASE_URL": "https://jishan.example",
        **GOOD,
    }
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**kept, **production, **values},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return done.returncode, done.stdout + done.stderr


def test_a_production_site_checks_clean():
    code, printed = manage("check", "--deploy", "--fail-level", "WARNING")

    assert (code, printed) == (0, "System check identified no issues (0 silenced).\n")


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY is missing"),
        ({"JISHAN_DEMO": "on"}, "JISHAN_DEMO must be off"),
        ({"JISHAN_FIELD_KEYS": ""}, "JISHAN_FIELD_KEYS is missing"),
    ],
)
def test_manage_py_refuses_with_one_sentence(values, complaint):
    code, printed = manage("check", **values)

    assert code != 0
    assert complaint in printed
