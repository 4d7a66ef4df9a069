"""Reading imports: one's own, and nobody else's."""

from django.core.cache import cache
from django.db.models import Q, QuerySet
from redis.exceptions import RedisError

from backend.accounts.scopes import Actor
from backend.regions.models import Region
from points.imports.models import ImportJob
from points.imports.states import WORKING
from points.market.models import Store
from points.market.queries import KEEPERS_BY_REGION, stores_kept_by

_WHOLE = 100
_CODE_LENGTH = 12
_MOST_OFFERED = 300


def imports_of(actor: Actor) -> QuerySet[ImportJob]:
    """Return what the actor uploaded: rows of a file are not for colleagues who did not see it."""
    return (
        ImportJob.objects.filter(asked_by_id=actor.user_id).select_related("store", "region").order_by("-pk")
    )


def stores_for(actor: Actor) -> QuerySet[Store]:
    """Return the stores the actor may fill."""
    return stores_kept_by(actor).select_related("region").order_by("name", "pk")[:_MOST_OFFERED]


def communities_for(actor: Actor) -> QuerySet[Region]:
    """Return the places whose donors the actor keeps: those of their scope itself, and of their stores."""
    scopes = [prefix.ljust(_CODE_LENGTH, "0") for prefix in actor.regions(*KEEPERS_BY_REGION) if prefix]
    homes = stores_kept_by(actor).order_by().values("region_id")
    found = Region.objects.filter(Q(code__in=scopes) | Q(code__in=homes))
    return found.order_by("code")[:_MOST_OFFERED]


def progress_key(job_id: int) -> str:
    """Name where a worker tells how many rows of a job are behind it."""
    return f"import-progress:{job_id}"


def percent(job: ImportJob) -> int:
    """How far a worker is with this job, in whole percent; 100 when it waits for somebody or is over."""
    if job.state not in WORKING:
        return _WHOLE
    try:
        behind = cache.get(progress_key(job.pk), 0)
    except RedisError:  # how far it is can be looked up later; that it goes on does not depend on it
        behind = 0
    return min(_WHOLE - 1, behind * _WHOLE // job.rows) if job.rows else 0
