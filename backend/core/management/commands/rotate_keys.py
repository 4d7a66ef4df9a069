"""Seal every personal value anew under the first key of JISHAN_FIELD_KEYS."""

from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import models, transaction

from backend.core.crypto import Sealed, SealedField


class Command(BaseCommand):
    """Re-encrypt in place, row by row; safe to stop and run again."""

    help = "Re-encrypt sealed columns under the newest key"

    def handle(self, *args: Any, **options: Any) -> None:
        """Walk every sealed column of every model."""
        for model in apps.get_models():
            for field in model._meta.concrete_fields:
                if isinstance(field, SealedField):
                    count = reseal(model, field.attname)
                    self.stdout.write(f"{model._meta.label}.{field.attname}: {count}")


def reseal(model: type[models.Model], column: str) -> int:
    """Re-encrypt the rows of one column that an older key sealed; return how many."""
    count = 0
    rows = model._default_manager.exclude(**{column: None})
    for pk in rows.values_list("pk", flat=True).iterator():
        with transaction.atomic():
            row = rows.select_for_update().get(pk=pk)
            value: Sealed = getattr(row, column)
            if not value.is_current:
                rows.filter(pk=pk).update(**{column: value.resealed()})
                count += 1
    return count
