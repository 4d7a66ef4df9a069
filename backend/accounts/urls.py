"""Addresses of the accounts API."""

from django.urls import path

from backend.accounts import api

urlpatterns = [
    path("auth/otp/", api.CodeRequest.as_view(), name="auth-otp"),
    path("auth/token/", api.TokenObtain.as_view(), name="auth-token"),
    path("auth/token/refresh/", api.TokenRefresh.as_view(), name="auth-token-refresh"),
    path("auth/me/", api.Me.as_view(), name="auth-me"),
]
