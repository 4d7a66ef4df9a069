"""Addresses of the rule sets, below /api/v1/."""

from django.urls import path

from points.scoring import api, other_api

urlpatterns = [
    path("points/other-awards/", other_api.OtherAwardList.as_view(), name="other-award-list"),
    path(
        "points/other-awards/<int:pk>/approve/",
        other_api.OtherAwardApprove.as_view(),
        name="other-award-approve",
    ),
    path(
        "points/other-awards/<int:pk>/reject/",
        other_api.OtherAwardReject.as_view(),
        name="other-award-reject",
    ),
    path("points/rule-sets/", api.RuleSetList.as_view(), name="rule-set-list"),
    path("points/rule-sets/schema/", api.RuleSetSchema.as_view(), name="rule-set-schema"),
    path("points/rule-sets/<int:pk>/", api.RuleSetDetail.as_view(), name="rule-set-detail"),
    path("points/rule-sets/<int:pk>/preview/", api.RuleSetPreview.as_view(), name="rule-set-preview"),
    path("points/rule-sets/<int:pk>/review/", api.RuleSetReview.as_view(), name="rule-set-review"),
    path("points/rule-sets/<int:pk>/return/", api.RuleSetReturn.as_view(), name="rule-set-return"),
    path("points/rule-sets/<int:pk>/activate/", api.RuleSetActivation.as_view(), name="rule-set-activate"),
    path("points/rule-sets/<int:pk>/retire/", api.RuleSetRetirement.as_view(), name="rule-set-retire"),
]
