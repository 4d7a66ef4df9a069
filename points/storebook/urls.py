"""Addresses of statements, below /api/v1/."""

from django.urls import path

from points.storebook import api

urlpatterns = [
    path("market/stores/<int:pk>/statements/", api.StatementList.as_view(), name="statement-list"),
    path(
        "market/stores/<int:pk>/statements/<str:period>/",
        api.StatementDetail.as_view(),
        name="statement-detail",
    ),
    path(
        "market/stores/<int:pk>/statements/<str:period>/export.xlsx",
        api.StatementXlsx.as_view(),
        name="statement-xlsx",
    ),
]
