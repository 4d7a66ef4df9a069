"""Addresses below /api/v1/."""

from django.urls import path

from backend.oversight import api

urlpatterns = [
    path("events/", api.EventList.as_view(), name="event-list"),
    path("events/<int:pk>/retry/", api.EventRetry.as_view(), name="event-retry"),
]
