"""The models of this context, gathered for Django; each lives in its feature."""

from venues.sites.models import Site

__all__ = ["Site"]
