"""Addresses of decisions, service records, corrections and objections."""

from django.urls import path

from volunteers.records import api, ticket_api

urlpatterns = [
    path("attendances/approve/", api.AttendanceApproveMany.as_view(), name="attendance-approve-many"),
    path("attendances/overdue/", ticket_api.AttendanceOverdue.as_view(), name="attendance-overdue"),
    path("attendances/<int:pk>/approve/", api.AttendanceApprove.as_view(), name="attendance-approve"),
    path("attendances/<int:pk>/reject/", api.AttendanceReject.as_view(), name="attendance-reject"),
    path("records/", api.RecordList.as_view(), name="record-list"),
    path("records/<int:pk>/corrections/", ticket_api.RecordCorrections.as_view(), name="record-corrections"),
    path("corrections/", ticket_api.CorrectionList.as_view(), name="correction-list"),
    path("corrections/<int:pk>/approve/", ticket_api.CorrectionApprove.as_view(), name="correction-approve"),
    path("corrections/<int:pk>/refuse/", ticket_api.CorrectionRefuse.as_view(), name="correction-refuse"),
    path("objections/", ticket_api.ObjectionList.as_view(), name="objection-list"),
    path("objections/<str:ticket>/", ticket_api.ObjectionTicket.as_view(), name="objection-ticket"),
    path("objections/<int:pk>/accept/", ticket_api.ObjectionAccept.as_view(), name="objection-accept"),
    path("objections/<int:pk>/uphold/", ticket_api.ObjectionUphold.as_view(), name="objection-uphold"),
    path("objections/<int:pk>/dismiss/", ticket_api.ObjectionDismiss.as_view(), name="objection-dismiss"),
    path("objections/<int:pk>/withdraw/", ticket_api.ObjectionWithdraw.as_view(), name="objection-withdraw"),
]
