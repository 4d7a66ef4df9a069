"""Addresses of ballots, below /api/v1/."""

from django.urls import path

from points.ballots import api

urlpatterns = [
    path("market/ballots/", api.BallotList.as_view(), name="ballot-list"),
    path("market/ballots/program/", api.BallotProgram.as_view(), name="ballot-program"),
    path("market/ballots/<int:pk>/", api.BallotDetail.as_view(), name="ballot-detail"),
    path("market/ballots/<int:pk>/entries/", api.BallotEntries.as_view(), name="ballot-entries"),
    path("market/ballots/<int:pk>/cancel/", api.BallotCancel.as_view(), name="ballot-cancel"),
]
