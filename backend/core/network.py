"""Where a request came from."""

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request


def client_address(request: HttpRequest | Request) -> str:
    """Return the caller's address: behind `PROXY_COUNT` trusted proxies, what the outermost saw."""
    count: int = settings.PROXY_COUNT
    forwarded = [
        part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()
    ]
    if count and forwarded:
        return str(forwarded[-min(count, len(forwarded))])
    return str(request.META.get("REMOTE_ADDR", ""))
