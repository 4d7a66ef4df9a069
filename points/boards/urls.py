"""Addresses of the boards, below /api/v1/."""

from django.urls import path

from points.boards import api

urlpatterns = [
    path("boards/donors/", api.DonorBoard.as_view(), name="board-donors"),
    path("boards/honors/", api.HonorBoard.as_view(), name="board-honors"),
    path("boards/hours/", api.HoursBoard.as_view(), name="board-hours"),
]
