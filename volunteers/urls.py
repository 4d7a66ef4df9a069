"""Addresses of the volunteers API, gathered for Django; each list lives in its feature."""

from volunteers.activities.urls import urlpatterns as activities
from volunteers.attendance.urls import urlpatterns as attendance
from volunteers.integrity.urls import urlpatterns as integrity
from volunteers.people.urls import urlpatterns as people
from volunteers.records.urls import urlpatterns as records

urlpatterns = [*people, *activities, *attendance, *records, *integrity]
