"""Addresses of dry runs and recomputations, below /api/v1/."""

from django.urls import path

from points.revision import api

urlpatterns = [
    path("points/rule-sets/<int:pk>/dry-runs/", api.DryRunStart.as_view(), name="dry-run-start"),
    path("points/rule-sets/<int:pk>/recompute/", api.RecomputeStart.as_view(), name="recompute-start"),
    path("points/revisions/<int:pk>/", api.RevisionDetail.as_view(), name="revision-detail"),
    path("points/revisions/<int:pk>/cancel/", api.RevisionCancel.as_view(), name="revision-cancel"),
    path("points/revisions/<int:pk>/resume/", api.RevisionResume.as_view(), name="revision-resume"),
]
