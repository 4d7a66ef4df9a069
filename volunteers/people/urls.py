"""Addresses of the people API."""

from django.urls import path

from volunteers.people import api, household_api, passes_api

urlpatterns = [
    path("volunteers/", api.VolunteerList.as_view(), name="volunteer-list"),
    path("volunteers/me/", api.VolunteerMe.as_view(), name="volunteer-me"),
    path("volunteers/me/pass/", passes_api.MyPass.as_view(), name="volunteer-pass"),
    path("volunteers/me/household/", household_api.MyHousehold.as_view(), name="my-household"),
    path("volunteers/households/", household_api.HouseholdList.as_view(), name="household-list"),
    path("volunteers/households/<int:pk>/", household_api.HouseholdDetail.as_view(), name="household-detail"),
    path(
        "volunteers/households/<int:pk>/members/",
        household_api.HouseholdMembers.as_view(),
        name="household-members",
    ),
    path(
        "volunteers/households/<int:pk>/members/<int:volunteer>/",
        household_api.HouseholdMemberView.as_view(),
        name="household-member",
    ),
    path(
        "volunteers/households/<int:pk>/close/",
        household_api.HouseholdClose.as_view(),
        name="household-close",
    ),
    path(
        "volunteers/households/<int:pk>/reveal/",
        household_api.HouseholdReveal.as_view(),
        name="household-reveal",
    ),
    path(
        "volunteers/household-requests/",
        household_api.HouseholdRequestList.as_view(),
        name="household-request-list",
    ),
    path(
        "volunteers/household-requests/<int:pk>/answer/",
        household_api.HouseholdRequestAnswer.as_view(),
        name="household-request-answer",
    ),
    path("volunteers/me/consents/<slug:kind>/", api.VolunteerConsent.as_view(), name="volunteer-consent"),
    path("volunteers/<int:pk>/approve/", api.VolunteerApprove.as_view(), name="volunteer-approve"),
    path("volunteers/<int:pk>/reject/", api.VolunteerReject.as_view(), name="volunteer-reject"),
    path("volunteers/<int:pk>/card/", passes_api.VolunteerCardView.as_view(), name="volunteer-card"),
]
