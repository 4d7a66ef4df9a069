import pytest, time, cProfile, pstats
from datetime import timedelta
from django.utils import timezone
from tests.factories.attendance import *
from tests.factories.accounts import UserFactory
from tests.factories.volunteers import *
from volunteers.attendance import services
from volunteers.attendance.facts import Location
from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import AccessToken
from django.db import connection
from django.test.utils import CaptureQueriesContext

@pytest.mark.urls("w3urls")
@pytest.mark.django_db
def test_perf():
    at = timezone.now()
    shift = ShiftFactory(capacity=1000, starts_at=at+timedelta(minutes=5))
    site = shift.activity.site
    vols = [VolunteerFactory(consents=["privacy","location"]) for _ in range(400)]
    for v in vols: SignUpFactory(shift=shift, volunteer=v)
    toks = [f"Bearer {AccessToken.for_user(v.user)}" for v in vols]
    c = APIClient()
    def go(i):
        r = c.post("/api/v1/scans/", {"token": code_of(site, timezone.now()), "intent":"in","nonce":f"n{i}","device":"phone","location":{"lat":26.5784,"lng":106.7136,"accuracy_m":20}}, format="json", HTTP_AUTHORIZATION=toks[i])
        assert r.status_code==201 and r.data["result"]=="accepted", r.data
    with CaptureQueriesContext(connection) as q:
        go(0)
    for x in q.captured_queries: print(x["time"], x["sql"][:2000]); print()
    t=time.perf_counter(); tc=time.process_time()
    for i in range(1,200): go(i)
    print("ms/req", (time.perf_counter()-t)/199*1000, "cpu", (time.process_time()-tc)/199*1000)
    p=cProfile.Profile(); p.enable()
    for i in range(200,400): go(i)
    p.disable()
    pstats.Stats(p).sort_stats("cumulative").print_stats(90)
