"""Addresses of the regions API."""

from django.urls import path, re_path

from backend.regions import api

urlpatterns = [
    path("regions/", api.RegionList.as_view(), name="region-list"),
    re_path(r"^regions/(?P<code>\d{12})/$", api.RegionDetail.as_view(), name="region-detail"),
]
