"""Addresses of appeals, below /api/v1/."""

from django.urls import path

from points.appeals import api

urlpatterns = [
    path("appeals/", api.AppealList.as_view(), name="appeal-list"),
    path("appeals/<int:pk>/", api.AppealDetail.as_view(), name="appeal-detail"),
    path("appeals/<int:pk>/needs/", api.AppealNeeds.as_view(), name="appeal-needs"),
    path("appeals/<int:pk>/gifts/", api.AppealGifts.as_view(), name="appeal-gifts"),
    path("appeals/<int:pk>/reports/", api.AppealReports.as_view(), name="appeal-reports"),
    path("appeals/<int:pk>/end-rescue/", api.AppealRescueEnd.as_view(), name="appeal-rescue-end"),
    path("appeals/<int:pk>/close/", api.AppealClose.as_view(), name="appeal-close"),
]
