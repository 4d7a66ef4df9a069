"""Addresses of giving, below /api/v1/."""

from django.urls import path

from points.giving import api

urlpatterns = [
    path("giving/donors/", api.DonorList.as_view(), name="donor-list"),
    path("giving/donors/<int:pk>/", api.DonorDetail.as_view(), name="donor-detail"),
    path("giving/donations/", api.DonationList.as_view(), name="donation-list"),
    path("giving/donations/<str:number>/trace/", api.DonationTrace.as_view(), name="donation-trace"),
]
