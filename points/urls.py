"""Addresses of this context, below /api/v1/; each feature lists its own."""

from points.appeals.urls import urlpatterns as appeals
from points.arrivals.urls import urlpatterns as arrivals
from points.ballots.urls import urlpatterns as ballots
from points.boards.urls import urlpatterns as boards
from points.gifts.urls import urlpatterns as gifts
from points.giving.urls import urlpatterns as giving
from points.imports.urls import urlpatterns as imports
from points.ledger.urls import urlpatterns as ledger
from points.market.urls import urlpatterns as market
from points.proof.urls import urlpatterns as proof
from points.relief.urls import urlpatterns as relief
from points.revision.urls import urlpatterns as revision
from points.scoring.urls import urlpatterns as scoring
from points.statements.urls import urlpatterns as statements
from points.stockroom.urls import urlpatterns as stockroom
from points.storebook.urls import urlpatterns as storebook

urlpatterns = [
    *ledger,
    *statements,
    *gifts,
    *scoring,
    *revision,
    *market,
    *stockroom,
    *storebook,
    *relief,
    *ballots,
    *giving,
    *appeals,
    *proof,
    *boards,
    *arrivals,
    *imports,
]
