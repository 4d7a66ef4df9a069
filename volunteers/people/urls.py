"""Addresses of the people API."""

from django.urls import path

from volunteers.people import api, passes_api

urlpatterns = [
    path("volunteers/", api.VolunteerList.as_view(), name="volunteer-list"),
    path("volunteers/me/", api.VolunteerMe.as_view(), name="volunteer-me"),
    path("volunteers/me/pass/", passes_api.MyPass.as_view(), name="volunteer-pass"),
    path("volunteers/me/consents/<slug:kind>/", api.VolunteerConsent.as_view(), name="volunteer-consent"),
    path("volunteers/<int:pk>/approve/", api.VolunteerApprove.as_view(), name="volunteer-approve"),
    path("volunteers/<int:pk>/reject/", api.VolunteerReject.as_view(), name="volunteer-reject"),
    path("volunteers/<int:pk>/card/", passes_api.VolunteerCardView.as_view(), name="volunteer-card"),
]
