"""Addresses of scanning and attendances."""

from django.urls import path

from volunteers.attendance import api

urlpatterns = [
    path("scans/", api.ScanCreate.as_view(), name="scan-list"),
    path("scans/batch/", api.ScanBatch.as_view(), name="scan-batch"),
    path("attendances/", api.AttendanceList.as_view(), name="attendance-list"),
    path("attendances/<int:pk>/", api.AttendanceDetail.as_view(), name="attendance-detail"),
]
