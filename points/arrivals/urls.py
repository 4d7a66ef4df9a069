"""Addresses below /api/v1/."""

from django.urls import path

from points.arrivals import api

urlpatterns = [path("points/pending/", api.PendingDetail.as_view(), name="points-pending")]
