"""Addresses of the statement's details and files, below /api/v1/."""

from django.urls import path

from points.statements import api

urlpatterns = [
    path("points/entries/<int:pk>/", api.EntryDetail.as_view(), name="entry-detail"),
    path("points/entries/export.csv", api.EntriesCsv.as_view(), name="entry-csv"),
    path("points/entries/export.xlsx", api.EntriesXlsx.as_view(), name="entry-xlsx"),
]
