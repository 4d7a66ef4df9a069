"""Addresses of decisions and service records."""

from django.urls import path

from volunteers.records import api

urlpatterns = [
    path("attendances/approve/", api.AttendanceApproveMany.as_view(), name="attendance-approve-many"),
    path("attendances/<int:pk>/approve/", api.AttendanceApprove.as_view(), name="attendance-approve"),
    path("attendances/<int:pk>/reject/", api.AttendanceReject.as_view(), name="attendance-reject"),
    path("records/", api.RecordList.as_view(), name="record-list"),
]
