"""Addresses of relief, below /api/v1/."""

from django.urls import path

from points.relief import api, share_api

urlpatterns = [
    path("relief/keepers/", api.KeeperList.as_view(), name="relief-keeper-list"),
    path("relief/keepers/<int:pk>/end/", api.KeeperEnd.as_view(), name="relief-keeper-end"),
    path("relief/cases/", api.CaseList.as_view(), name="relief-case-list"),
    path("relief/cases/<int:pk>/", api.CaseDetail.as_view(), name="relief-case-detail"),
    path("relief/cases/<int:pk>/reviews/", api.CaseReviews.as_view(), name="relief-case-reviews"),
    path("relief/cases/<int:pk>/issues/", api.CaseIssues.as_view(), name="relief-case-issues"),
    path("relief/issues/<int:pk>/code/", api.IssueCode.as_view(), name="relief-issue-code"),
    path("relief/issues/<int:pk>/cancel/", api.IssueCancel.as_view(), name="relief-issue-cancel"),
    path("relief/shares/", share_api.ShareList.as_view(), name="relief-share-list"),
    path("relief/shares/<int:pk>/", share_api.Share.as_view(), name="relief-share"),
    path("relief/totals/", share_api.Totals.as_view(), name="relief-totals"),
]
