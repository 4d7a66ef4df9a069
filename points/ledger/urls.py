"""Addresses of the ledger, below /api/v1/."""

from django.urls import path

from points.ledger import api

urlpatterns = [
    path("points/balance/", api.BalanceDetail.as_view(), name="balance"),
    path("points/entries/", api.EntryList.as_view(), name="entry-list"),
]
