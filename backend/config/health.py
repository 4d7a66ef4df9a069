"""Whether this process is alive, and whether it can serve."""

from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from redis.exceptions import RedisError


def live(_request: HttpRequest) -> JsonResponse:
    """Say that the process answers; touches nothing else."""
    return JsonResponse({"status": "ok"})


def ready(_request: HttpRequest) -> JsonResponse:
    """Say whether PostgreSQL and Redis answer: 200, or 503 naming what does not.

    Without Redis the facts are still kept (the outbox waits in PostgreSQL), so it is reported as degraded
    and only a lost database makes the process unready.
    """
    parts = {"database": _database(), "redis": _redis()}
    status = "unavailable" if not parts["database"] else "ok" if parts["redis"] else "degraded"
    body = {"status": status, "parts": {name: "ok" if up else "down" for name, up in parts.items()}}
    return JsonResponse(body, status=200 if parts["database"] else 503)


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _redis() -> bool:
    try:
        cache.set("health", "ok", 5)
    except (RedisError, OSError):
        return False
    return True
