"""Secrets from the environment, and the refusals that keep a production site from starting without them."""

import base64
import binascii
import hashlib
from dataclasses import dataclass

import environ
from django.core.exceptions import ImproperlyConfigured

_DEV = "jishan-development-only-"
_KEY_BYTES = 32
_MIN_SECRET = 50


@dataclass(frozen=True)
class Secrets:
    """The four secrets of an installation."""

    secret_key: str
    field_keys: dict[str, bytes]
    index_key: bytes
    qr_secret: bytes


def load_secrets(env: environ.Env, *, production: bool, demo: bool) -> Secrets:
    """Read the secrets; development gets fixed ones, production gets none it did not bring.

    :raises ImproperlyConfigured: in production with demo mode, or a secret missing, short or default.
    """
    if production and demo:
        raise ImproperlyConfigured(
            "JISHAN_DEMO must be off in production: demo accounts and codes are public."
        )

    def text(name: str) -> str:
        value: str = env.str(name, default="")
        if production and (len(value) < _MIN_SECRET or _DEV in value):
            raise ImproperlyConfigured(
                f"{name} is missing, shorter than {_MIN_SECRET} characters or a default."
            )
        return value or (_DEV + name) * 3

    field_keys = _field_keys(env.str("JISHAN_FIELD_KEYS", default=""))
    if production and not field_keys:
        raise ImproperlyConfigured("JISHAN_FIELD_KEYS is missing: ID numbers could not be encrypted.")
    return Secrets(
        secret_key=text("SECRET_KEY"),
        field_keys=field_keys or {"dev": hashlib.sha256(_DEV.encode()).digest()},
        index_key=text("JISHAN_INDEX_KEY").encode(),
        qr_secret=text("JISHAN_QR_SECRET").encode(),
    )


def _field_keys(text: str) -> dict[str, bytes]:
    """`k2:<base64>,k1:<base64>` → keys in that order; the first one seals."""
    keys: dict[str, bytes] = {}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        name, _, encoded = part.partition(":")
        try:
            key = base64.b64decode(encoded, validate=True)
        except binascii.Error as error:
            raise ImproperlyConfigured(f"JISHAN_FIELD_KEYS: key {name!r} is not base64.") from error
        if len(key) != _KEY_BYTES:
            raise ImproperlyConfigured(f"JISHAN_FIELD_KEYS: key {name!r} must be {_KEY_BYTES} bytes.")
        keys[name] = key
    return keys
