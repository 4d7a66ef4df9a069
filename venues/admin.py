"""The back-office pages of this context, gathered for Django; each lives in its feature."""

from venues.sites.admin import SiteAdmin

__all__ = ["SiteAdmin"]
