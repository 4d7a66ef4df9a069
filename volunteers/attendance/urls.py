"""Addresses of scanning and attendances."""

from django.urls import path

from volunteers.attendance import api, paper_api, policy_api, talk_api

urlpatterns = [
    path("scans/", api.ScanCreate.as_view(), name="scan-list"),
    path("scans/batch/", api.ScanBatch.as_view(), name="scan-batch"),
    path("scans/annul/", talk_api.ScanAnnul.as_view(), name="scan-annul"),
    path("attendances/", api.AttendanceList.as_view(), name="attendance-list"),
    path("attendances/<int:pk>/", api.AttendanceDetail.as_view(), name="attendance-detail"),
    path("attendances/<int:pk>/propose/", talk_api.AttendancePropose.as_view(), name="attendance-propose"),
    path("attendances/<int:pk>/ask/", talk_api.AttendanceAsk.as_view(), name="attendance-ask"),
    path("attendances/<int:pk>/answer/", talk_api.AttendanceAnswer.as_view(), name="attendance-answer"),
    path("paper-sheets/", paper_api.PaperSheetCreate.as_view(), name="paper-sheet-list"),
    path("check-in-policies/", policy_api.PolicyList.as_view(), name="check-in-policy-list"),
]
