"""Addresses of this context, below /api/v1/."""

from django.urls import URLPattern, path

from points.ledger import api as ledger
from points.scoring import api as scoring

urlpatterns: list[URLPattern] = [
    path("points/balance/", ledger.BalanceDetail.as_view(), name="balance"),
    path("points/entries/", ledger.EntryList.as_view(), name="entry-list"),
    path("points/rule-sets/", scoring.RuleSetList.as_view(), name="rule-set-list"),
    path("points/rule-sets/<int:pk>/", scoring.RuleSetDetail.as_view(), name="rule-set-detail"),
    path("points/rule-sets/<int:pk>/preview/", scoring.RuleSetPreview.as_view(), name="rule-set-preview"),
]
