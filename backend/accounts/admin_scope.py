"""The back office shows staff the rows of their own regions only."""

from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from backend.accounts.backends import remembered_actor
from backend.accounts.models import User
from backend.accounts.scopes import region_q


class ScopedAdmin(ModelAdmin):
    """A ModelAdmin whose rows lie in regions; `region_path` leads from the row to the region's code."""

    region_path: ClassVar[str] = "region"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the rows inside the caller's regions; a platform administrator sees all."""
        rows: QuerySet[Any] = super().get_queryset(request)
        if not isinstance(request.user, User):
            return rows.none()
        return rows.filter(region_q(remembered_actor(request.user).regions(), self.region_path))

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:  # noqa: FBT001 – Django's signature
        """Save a row that lies, and stays, inside the caller's regions.

        :raises PermissionDenied: the form names a place elsewhere; the admin's transaction undoes the row.
        """
        super().save_model(request, obj, form, change)
        if not self.get_queryset(request).filter(pk=obj.pk).exists():
            raise PermissionDenied
