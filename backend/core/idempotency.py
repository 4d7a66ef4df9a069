"""`Idempotency-Key`: the same key and body get the same answer; the effect happens once.

The answer is stored in the transaction that makes the effect, so there is no moment at which one exists
without the other. A key is bound to a fingerprint of its request: reuse with another body is refused (422).
"""

import functools
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec

from django.conf import settings
from django.db import connection, transaction
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from backend.core.errors import Busy, Invalid, Refusal
from backend.core.models import RememberedAnswer

_MAX_KEY = 200

# One statement for both. It may have looked just before the first request committed and got the lock just
# after: then this one runs on, meets `remembered_answer_unique_key`, leaves nothing behind, and is `Busy`.
_CLAIM = """
    SELECT pg_try_advisory_xact_lock(%(lock)s), answer.fingerprint, answer.status, answer.body
      FROM (SELECT) AS always
      LEFT JOIN core_rememberedanswer AS answer ON answer.user_id = %(user)s AND answer.key = %(key)s
"""
_REMEMBER = """
    INSERT INTO core_rememberedanswer (user_id, key, fingerprint, status, body, created_at)
    VALUES (%(user)s, %(key)s, %(fingerprint)s, %(status)s, %(body)s, %(at)s)
"""

P = ParamSpec("P")
Handler = Callable[Concatenate[Any, Request, P], HttpResponse]


class IdempotencyKeyReused(Refusal):
    """The key was used for another request."""

    code = "idempotency_key_reused"
    status = 422
    message = _("这个 Idempotency-Key 已用于另一个请求，请换一个新的。")


def idempotent(method: Handler[P]) -> Handler[P]:
    """Wrap a DRF handler so that an `Idempotency-Key` header makes it happen once.

    :raises IdempotencyKeyReused: the key belongs to a different request (422).
    :raises Busy: the first request with this key is still running (409, Retry-After).
    """

    @functools.wraps(method)
    def wrapper(view: Any, request: Request, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        key = request.headers.get("Idempotency-Key", "")
        if not key:
            return method(view, request, *args, **kwargs)
        if len(key) > _MAX_KEY or not key.isprintable():
            raise Invalid(field="Idempotency-Key")
        with transaction.atomic():
            remembered = _claim(request, key)
            if remembered is not None:
                return _replay(remembered)
            response = method(view, request, *args, **kwargs)
            _remember(request, key, response)
            return response

    return wrapper


def _caller(request: Request) -> int:
    return request.user.pk or 0  # 0: callers who are nobody share their keys


def _fingerprint(request: Request) -> str:
    text = f"{request.method} {request.get_full_path()}\n".encode()
    # Not the API renderer: what the view will refuse (infinity, half a character) has a print too.
    # Keyed, because a body may hold an ID number, which a plain hash would let anybody guess.
    body = text + json.dumps(request.data, sort_keys=True).encode()
    return hmac.new(settings.INDEX_KEY, body, hashlib.sha256).hexdigest()


def _claim(request: Request, key: str) -> RememberedAnswer | None:
    """Take the key for this transaction, or return the answer it already has."""
    user_id = _caller(request)
    lock = int.from_bytes(hashlib.sha256(f"{user_id}:{key}".encode()).digest()[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"lock": lock, "user": user_id, "key": key})
        mine, fingerprint, status, body = cursor.fetchone() or (False, None, 0, "")
    if not mine:
        raise Busy
    if fingerprint is None:
        return None
    if fingerprint != _fingerprint(request):
        raise IdempotencyKeyReused
    return RememberedAnswer(status=status, body=body)


def _remember(request: Request, key: str, response: HttpResponse) -> None:
    data = getattr(response, "data", None)
    with connection.cursor() as cursor:  # as plain as the claim: every write that may be repeated passes here
        cursor.execute(
            _REMEMBER,
            {
                "user": _caller(request),
                "key": key,
                "fingerprint": _fingerprint(request),
                "status": response.status_code,
                "body": JSONRenderer().render(data).decode(),
                "at": timezone.now(),
            },
        )


def _replay(remembered: RememberedAnswer) -> HttpResponse:
    response = HttpResponse(
        remembered.body.encode(), status=remembered.status, content_type="application/json"
    )
    response["Idempotency-Replayed"] = "true"
    return response
