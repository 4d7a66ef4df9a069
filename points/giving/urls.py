"""Addresses of giving, below /api/v1/."""

from django.urls import path

from points.giving import api, donor_api, intake_api, question_api, trace_api

urlpatterns = [
    path("giving/donors/", api.DonorList.as_view(), name="donor-list"),
    path("giving/donors/claim/", donor_api.DonorClaim.as_view(), name="donor-claim"),
    path("giving/donors/<int:pk>/consent/", donor_api.DonorConsent.as_view(), name="donor-consent"),
    path("giving/donors/<int:pk>/identity/", donor_api.DonorIdentity.as_view(), name="donor-identity"),
    path("giving/donors/<int:pk>/", api.DonorDetail.as_view(), name="donor-detail"),
    path("giving/donations/", api.DonationList.as_view(), name="donation-list"),
    path("giving/donations/<str:number>/trace/", trace_api.DonationTrace.as_view(), name="donation-trace"),
    path(
        "giving/donations/<str:number>/questions/",
        question_api.DonationQuestions.as_view(),
        name="donation-questions",
    ),
    path("giving/questions/", question_api.QuestionList.as_view(), name="question-list"),
    path(
        "giving/questions/<int:pk>/answers/", question_api.QuestionAnswers.as_view(), name="question-answers"
    ),
    path("giving/questions/<str:ticket>/", question_api.QuestionDetail.as_view(), name="question-detail"),
    path("giving/intakes/", intake_api.IntakeList.as_view(), name="intake-list"),
    path("giving/intakes/<int:pk>/receive/", intake_api.IntakeReceive.as_view(), name="intake-receive"),
    path("giving/intakes/<int:pk>/inspect/", intake_api.IntakeInspect.as_view(), name="intake-inspect"),
    path("giving/intakes/<int:pk>/sign/", intake_api.IntakeSign.as_view(), name="intake-sign"),
    path("giving/intakes/<int:pk>/refuse/", intake_api.IntakeRefuse.as_view(), name="intake-refuse"),
    path("giving/intakes/<int:pk>/withdraw/", intake_api.IntakeWithdraw.as_view(), name="intake-withdraw"),
    path("giving/receipts/<str:number>/verify/", donor_api.ReceiptVerify.as_view(), name="receipt-verify"),
    path("giving/receipts/<str:number>/revoke/", donor_api.ReceiptRevoke.as_view(), name="receipt-revoke"),
]
