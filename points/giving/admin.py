"""Giving in the back office: donors are entered and asked, donations are read."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from unfold.admin import TabularInline

from backend.accounts.admin_scope import ScopedAdmin
from points.giving import services
from points.giving.models import Donation, DonationLine, Donor
from points.ledger.admin import ReadOnly
from points.market.admin import ThroughServices, acting


@admin.register(Donor)
class DonorAdmin(ThroughServices):
    """The contact is sealed and not shown here."""

    fixed = ("region", "credit_code")
    fields = ("name", "kind", "region", "credit_code", "consent", "show_amount")
    list_display = ("id", "name", "kind", "region", "consent", "show_amount")
    list_filter = ("kind", "consent")
    list_select_related = ("region",)
    search_fields = ("name", "credit_code")
    autocomplete_fields = ("region",)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001 – Django's signature
        actor = acting(request)
        now = timezone.now()
        if not change:
            made = services.add_donor(
                name=obj.name,
                kind=obj.kind,
                region=obj.region,
                credit_code=obj.credit_code,
                consent=obj.consent,
                show_amount=obj.show_amount,
                actor=actor,
                at=now,
            )
            obj.pk = made.pk
            return
        obj.save(update_fields=["name", "kind"])
        services.set_donor_consent(
            donor=obj, consent=obj.consent, show_amount=obj.show_amount, actor=actor, at=now
        )


class DonationLineInline(ReadOnly, TabularInline):
    model = DonationLine
    fields = ("product", "quantity", "expires_on", "batch")
    extra = 0


@admin.register(Donation)
class DonationAdmin(ReadOnly, ScopedAdmin):
    list_display = (
        "number",
        "donor",
        "kind",
        "organization",
        "store",
        "amount_fen",
        "received_on",
        "handled_by",
    )
    list_filter = ("kind",)
    list_select_related = ("donor", "organization", "store", "handled_by")
    search_fields = ("number", "official_ticket", "ticket_code")
    date_hierarchy = "received_on"
    inlines = (DonationLineInline,)
