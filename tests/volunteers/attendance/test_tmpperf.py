import pytest, time
from datetime import timedelta
from django.utils import timezone
from tests.factories.attendance import *
from tests.factories.volunteers import *
from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import AccessToken

@pytest.mark.urls("w3urls")
@pytest.mark.django_db(transaction=True)
def test_perf():
    at = timezone.now()
    shift = ShiftFactory(capacity=3000, starts_at=at+timedelta(minutes=5))
    site = shift.activity.site
    vols = [VolunteerFactory(consents=["privacy","location"]) for _ in range(1200)]
    for v in vols: SignUpFactory(shift=shift, volunteer=v)
    toks = [f"Bearer {AccessToken.for_user(v.user)}" for v in vols]
    c = APIClient()
    def go(i):
        r = c.post("/api/v1/scans/", {"token": code_of(site, timezone.now()), "intent":"in","nonce":f"n{i}","device":"phone","location":{"lat":26.5784,"lng":106.7136,"accuracy_m":20}}, format="json", HTTP_AUTHORIZATION=toks[i])
        assert r.status_code==201 and r.data["result"]=="accepted", r.data
    def bare(i):
        r = c.post("/api/v1/bare/", {"token": "x"*40, "nonce":f"n{i}","shift":shift.pk,"site":site.pk}, format="json", HTTP_AUTHORIZATION=toks[i])
        assert r.status_code==201, r.data
    from django.db import connection
    with connection.cursor() as k: k.execute("ANALYZE")
    for i in range(50): go(i); bare(600+i)
    n=50
    for rnd in range(5):
        for name, f, base in (("scan", go, 0), ("bare", bare, 600)):
            t=time.perf_counter(); tc=time.process_time()
            for i in range(n, n+100): f(base+i)
            print(name, "ms", round((time.perf_counter()-t)/100*1000,2), "cpu", round((time.process_time()-tc)/100*1000,2))
        n+=100
