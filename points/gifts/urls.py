"""Addresses of the gifts, below /api/v1/."""

from django.urls import path

from points.gifts import api

urlpatterns = [path("points/gifts/", api.GiftList.as_view(), name="gift-list")]
