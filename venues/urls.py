"""Addresses of the venues API."""

from django.urls import path

from venues.sites import api

urlpatterns = [
    path("sites/", api.SiteList.as_view(), name="site-list"),
    path("sites/<int:pk>/", api.SiteDetail.as_view(), name="site-detail"),
    path("sites/<int:pk>/qr/", api.SiteQr.as_view(), name="site-qr"),
    path("sites/<int:pk>/qr.png", api.SiteQrPng.as_view(), name="site-qr-png"),
    path("sites/<int:pk>/qr.svg", api.SiteQrSvg.as_view(), name="site-qr-svg"),
    path("sites/<int:pk>/rotate-key/", api.SiteRotateKey.as_view(), name="site-rotate-key"),
]
