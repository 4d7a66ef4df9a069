"""Addresses of giving, below /api/v1/."""

from django.urls import path

from points.giving import api, question_api, trace_api

urlpatterns = [
    path("giving/donors/", api.DonorList.as_view(), name="donor-list"),
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
]
