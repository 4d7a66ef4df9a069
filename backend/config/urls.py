"""Every address of the site, one line per context."""

from django.contrib import admin
from django.urls import include, path
from django_prometheus.exports import ExportToDjangoView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView
from rest_framework.permissions import AllowAny

from backend.config import health

urlpatterns = [
    # The API first: Django tries one address after the other, and the pages have over a hundred.
    path("api/v1/", include("backend.accounts.urls")),
    path("api/v1/", include("backend.regions.urls")),
    path("api/v1/", include("venues.urls")),
    path("api/v1/", include("volunteers.urls")),
    path("api/v1/", include("points.urls")),
    path("api/v1/", include("backend.oversight.urls")),
    path("api/schema/", SpectacularAPIView.as_view(permission_classes=[AllowAny]), name="schema"),
    path(
        "api/docs/",
        SpectacularSwaggerView.as_view(url_name="schema", permission_classes=[AllowAny]),
        name="api-docs",
    ),
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
    path("metrics", ExportToDjangoView, name="prometheus-metrics"),
    path("admin/", admin.site.urls),
    path("", include("backend.pages.urls")),
]
handler400 = "backend.core.problems.bad_request"
handler404 = "backend.core.problems.not_found"
handler500 = "backend.core.problems.server_error"
