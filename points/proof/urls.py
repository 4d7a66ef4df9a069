"""Addresses of the proof, below /api/v1/."""

from django.urls import path

from points.proof import api

urlpatterns = [
    path("proof/days/", api.DayList.as_view(), name="proof-day-list"),
    path("proof/days/<str:day>/", api.DayDetail.as_view(), name="proof-day-detail"),
    path("proof/days/<str:day>/export/", api.DayExport.as_view(), name="proof-day-export"),
    path("proof/chain/", api.Chain.as_view(), name="proof-chain"),
    path("proof/program/", api.Program.as_view(), name="proof-program"),
    path("points/proof/", api.OwnStatement.as_view(), name="proof-statement"),
]
