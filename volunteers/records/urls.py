"""Addresses of decisions, service records, corrections and objections."""

from django.urls import path

from volunteers.records import api, api_tickets

urlpatterns = [
    path("attendances/approve/", api.AttendanceApproveMany.as_view(), name="attendance-approve-many"),
    path("attendances/overdue/", api_tickets.AttendanceOverdue.as_view(), name="attendance-overdue"),
    path("attendances/<int:pk>/approve/", api.AttendanceApprove.as_view(), name="attendance-approve"),
    path("attendances/<int:pk>/reject/", api.AttendanceReject.as_view(), name="attendance-reject"),
    path("records/", api.RecordList.as_view(), name="record-list"),
    path("records/<int:pk>/corrections/", api_tickets.RecordCorrections.as_view(), name="record-corrections"),
    path("corrections/", api_tickets.CorrectionList.as_view(), name="correction-list"),
    path("corrections/<int:pk>/approve/", api_tickets.CorrectionApprove.as_view(), name="correction-approve"),
    path("corrections/<int:pk>/refuse/", api_tickets.CorrectionRefuse.as_view(), name="correction-refuse"),
    path("objections/", api_tickets.ObjectionList.as_view(), name="objection-list"),
    path("objections/<str:ticket>/", api_tickets.ObjectionTicket.as_view(), name="objection-ticket"),
    path("objections/<int:pk>/accept/", api_tickets.ObjectionAccept.as_view(), name="objection-accept"),
    path("objections/<int:pk>/uphold/", api_tickets.ObjectionUphold.as_view(), name="objection-uphold"),
    path("objections/<int:pk>/dismiss/", api_tickets.ObjectionDismiss.as_view(), name="objection-dismiss"),
    path("objections/<int:pk>/withdraw/", api_tickets.ObjectionWithdraw.as_view(), name="objection-withdraw"),
]
