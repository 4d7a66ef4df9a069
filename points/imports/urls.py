"""Addresses of imports, below /api/v1/."""

from django.urls import path

from points.imports import api

urlpatterns = [
    path("imports/", api.ImportList.as_view(), name="import-list"),
    path("imports/<int:pk>/", api.ImportDetail.as_view(), name="import-detail"),
    path("imports/<int:pk>/run/", api.ImportRun.as_view(), name="import-run"),
    path("imports/<int:pk>/cancel/", api.ImportCancel.as_view(), name="import-cancel"),
]
