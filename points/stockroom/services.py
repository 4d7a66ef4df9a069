"""Shelves and products, as the keepers of a store arrange them; counts, transfers, recalls have own files."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from backend.accounts.scopes import Actor
from backend.core import audit
from backend.core.errors import NotFound
from backend.core.words import plain_line
from points.market import stock
from points.market.choices import ProductCategory, ProductStatus
from points.market.models import SHELF_CODE_FORM, Product, ShelfLocation, Store
from points.market.rules import MOST_OF_A_BATCH
from points.stockroom.errors import (
    LocationInvalid,
    LocationUnknown,
    MinimumStockInvalid,
    ProductInvalid,
)

# What a keeper may change of a product after it was made; the form of the page lists the same.
EDITABLE = ("name", "unit", "category", "points", "barcode", "status", "location_id", "minimum_stock")
_LONGEST = {"name": 80, "unit": 10}
_NAME_LENGTH = 40


def add_location(*, store: Store, code: str, name: str, actor: Actor, at: datetime) -> ShelfLocation:
    """Name a place where goods stand.

    :raises Forbidden, NotFound: the actor does not keep this store.
    :raises LocationInvalid: no short code, or no plain name. :raises LocationTaken: from the database.
    """
    stock.require_keeper(actor, store)
    written, named = code.strip().upper(), plain_line(name, most=_NAME_LENGTH)
    if not re.fullmatch(SHELF_CODE_FORM, written):
        raise LocationInvalid(field="code")
    if not named:
        raise LocationInvalid(field="name")
    with transaction.atomic():
        made = ShelfLocation.objects.create(store=store, code=written, name=named)
        audit.record(actor=actor, action="shelf_location.add", target=made, at=at)
    return made


def add_product(*, store: Store, fields: Mapping[str, Any], actor: Actor, at: datetime) -> Product:
    """Put a new product on the store's shelf; `fields` are some of EDITABLE.

    :raises Forbidden, NotFound: the actor does not keep this store.
    :raises ProductInvalid, BarcodeInvalid, LocationUnknown, MinimumStockInvalid: a field cannot be right.
    :raises BarcodeTaken: from the database.
    """
    stock.require_keeper(actor, store)
    sound = _sound(store, fields)
    with transaction.atomic():
        made = stock.create_product(
            store=store,
            name=sound.pop("name", ""),
            unit=sound.pop("unit", ""),
            category=sound.pop("category", ""),
            points=sound.pop("points", 0),
            barcode=sound.pop("barcode", None),
            actor=actor,
            at=at,
        )
        _write(made, sound)
    return made


def change_product(*, product_id: int, fields: Mapping[str, Any], actor: Actor, at: datetime) -> Product:
    """Change what the keeper may change of a product (`EDITABLE`); what is not named stays.

    :raises Forbidden, NotFound: no such product in a store the actor keeps.
    :raises ProductInvalid, BarcodeInvalid, LocationUnknown, MinimumStockInvalid: a field cannot be right.
    :raises BarcodeTaken: from the database.
    """
    with transaction.atomic():
        product = (
            Product.objects.select_for_update(of=("self",), no_key=True)
            .select_related("store")
            .filter(pk=product_id)
            .first()
        )
        if product is None:
            raise NotFound(field="product")
        stock.require_keeper(actor, product.store)
        sound = _sound(product.store, fields)
        changed = sorted(name for name, value in sound.items() if getattr(product, name) != value)
        _write(product, sound)
        if changed:
            audit.record(
                actor=actor, action="product.change", target=product, at=at, detail={"fields": changed}
            )
    return product


def _write(product: Product, fields: Mapping[str, Any]) -> None:
    if not fields:
        return
    for name, value in fields.items():
        setattr(product, name, value)
    product.save(update_fields=[name.removesuffix("_id") for name in fields])


def _sound(store: Store, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields as they are written, or refuse the first that cannot be right."""
    sound = {name: fields[name] for name in EDITABLE if name in fields}
    for name, most in _LONGEST.items():
        if name in sound:
            sound[name] = plain_line(sound[name], most=most)
            if not sound[name]:
                raise ProductInvalid(field=name)
    for name, known in (("category", ProductCategory.values), ("status", ProductStatus.values)):
        if name in sound and sound[name] not in known:
            raise ProductInvalid(field=name)
    if "barcode" in sound:
        sound["barcode"] = stock.read_barcode(sound["barcode"])
    minimum, place = sound.get("minimum_stock"), sound.get("location_id")
    if minimum is not None and not 1 <= minimum <= MOST_OF_A_BATCH:
        raise MinimumStockInvalid(field="minimum_stock", most=MOST_OF_A_BATCH)
    if place is not None and not ShelfLocation.objects.filter(pk=place, store=store).exists():
        raise LocationUnknown(field="location")
    return sound
