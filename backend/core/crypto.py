"""Personal data at rest: AES-256-GCM under rotating keys, found again through a keyed hash.

PIPL Art 51 (encryption), 居民身份证法 Art 13 (confidentiality), rules.md F “Storage”. A sealed value never
opens by itself: `Sealed.open()` is the only door, and a service that shows one in full writes an audit row.
"""

import base64
import hashlib
import hmac
import os
from dataclasses import dataclass
from typing import Any, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import models
from django.db.models.query_utils import DeferredAttribute

_NONCE_BYTES = 12


class SealBroken(Exception):  # noqa: N818 – names the event
    """A sealed value cannot be opened: unknown key, wrong purpose or altered text."""


@dataclass(frozen=True)
class Sealed:
    """A value encrypted for one purpose. Its text form is always hidden."""

    token: str
    purpose: str

    @classmethod
    def seal(cls, text: str, purpose: str) -> Self:
        """Encrypt under the first key; the purpose is authenticated: no value moves to another field."""
        name, key = next(iter(settings.FIELD_KEYS.items()))
        nonce = os.urandom(_NONCE_BYTES)
        sealed = AESGCM(key).encrypt(nonce, text.encode(), purpose.encode())
        return cls(f"{name}:{base64.b64encode(nonce + sealed).decode()}", purpose)

    def open(self) -> str:
        """Decrypt.

        :raises SealBroken: the key is gone, or the text was altered or taken from another field.
        """
        name, _, encoded = self.token.partition(":")
        key = settings.FIELD_KEYS.get(name)
        if key is None:
            raise SealBroken(f"no key named {name}")
        try:
            raw = base64.b64decode(encoded, validate=True)
            return AESGCM(key).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], self.purpose.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise SealBroken("altered") from error

    @property
    def is_current(self) -> bool:
        """Whether the newest key sealed it; if not, `rotate_keys` will seal it anew."""
        return self.token.partition(":")[0] == next(iter(settings.FIELD_KEYS))

    def resealed(self) -> "Sealed":
        """Return the same value under the newest key."""
        return type(self).seal(self.open(), self.purpose)

    def __str__(self) -> str:
        """Never the value."""
        return "•••"

    __repr__ = __str__


class _SealsOnAssignment(DeferredAttribute):
    """The attribute behind a `SealedField`: no instance ever carries the plain text, saved or not."""

    def __set__(self, instance: models.Model, value: object) -> None:
        """Keep the sealed form."""
        instance.__dict__[self.field.attname] = self.field.to_python(value)


class SealedField(models.TextField[Any, Any]):
    """A column of sealed text. Accepts `str` (sealed on the way in) or `Sealed`; gives `Sealed` or None."""

    descriptor_class = _SealsOnAssignment

    def __init__(self, *args: Any, purpose: str = "", **kwargs: Any) -> None:
        """Bind the column to the purpose its values are sealed for."""
        self.purpose = purpose
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        """Describe the field to migrations."""
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "purpose": self.purpose}

    def from_db_value(self, value: str | None, expression: object, connection: object) -> Sealed | None:
        """Wrap the column's text; nothing is decrypted."""
        return None if value is None else Sealed(value, self.purpose)

    def to_python(self, value: Any) -> Sealed | None:
        """Seal a plain string."""
        if value is None or isinstance(value, Sealed):
            return value
        return Sealed.seal(str(value), self.purpose)

    def get_prep_value(self, value: Any) -> str | None:
        """Write the sealed text."""
        sealed = self.to_python(value)
        return None if sealed is None else sealed.token


def blind_index(value: str, *, purpose: str) -> str:
    """Return a keyed hash (64 hex characters) that finds equal values without revealing them."""
    message = f"{purpose}\x00{value}".encode()
    return hmac.new(settings.INDEX_KEY, message, hashlib.sha256).hexdigest()
