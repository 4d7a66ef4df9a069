"""Addresses of the activities API."""

from django.urls import path

from volunteers.activities import api

urlpatterns = [
    path("activities/", api.ActivityList.as_view(), name="activity-list"),
    path("shifts/", api.ShiftList.as_view(), name="shift-list"),
    path("shifts/<int:pk>/", api.ShiftDetail.as_view(), name="shift-detail"),
    path("shifts/<int:pk>/sign-ups/", api.ShiftSignUps.as_view(), name="shift-sign-ups"),
    path("sign-ups/", api.SignUpList.as_view(), name="sign-up-list"),
    path("sign-ups/<int:pk>/", api.SignUpDetail.as_view(), name="sign-up-detail"),
]
