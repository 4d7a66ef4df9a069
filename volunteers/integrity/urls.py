"""Addresses of signals, samples and scores."""

from django.urls import path

from volunteers.integrity import api

urlpatterns = [
    path("integrity/signals/", api.SignalList.as_view(), name="signal-list"),
    path("integrity/signals/<int:pk>/clear/", api.SignalClear.as_view(), name="signal-clear"),
    path("integrity/signals/<int:pk>/confirm/", api.SignalConfirm.as_view(), name="signal-confirm"),
    path("integrity/audits/", api.AuditList.as_view(), name="audit-list"),
    path("integrity/audit-items/<int:pk>/decide/", api.AuditItemDecide.as_view(), name="audit-item-decide"),
    path("integrity/scores/", api.ScoreList.as_view(), name="score-list"),
]
