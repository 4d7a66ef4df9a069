"""The site's addresses plus the yardstick."""

from django.urls import path

from backend.config import urls
from tests.benchmarks.bare.views import BareCheckIn

urlpatterns = [*urls.urlpatterns, path("bare/", BareCheckIn.as_view())]
