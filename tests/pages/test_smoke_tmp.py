import pytest
from tests.pages.scenes import *
from tests.pages import scenes
pytestmark = pytest.mark.django_db

def show(r):
    print(r.status_code, len(r.content))
    return r

def test_all():
    v = make_volunteer(); shift = make_shift(); place = make_place(v, shift)
    shop = make_shop(products=3); d = make_donation(shop)
    red = make_redemption(v, shop)
    site = shift.activity.site
    m = manager_of(site)
    w = make_waiting(activity=shift.activity)
    w2 = make_waiting(activity=shift.activity, flags=["late"])
    tok = code_on_screen(site)
    bad = []
    for user, urls in [
        (None, ["/", "/activities/", "/boards/", "/boards/?board=donors", "/boards/?board=honors", f"/donations/{d.number}/", "/login/", "/staff/login/", f"/shifts/{shift.pk}/", "/nothing/"]),
        (v.user, ["/", "/me/", "/me/records/", "/me/points/", "/shifts/", f"/shifts/{shift.pk}/", f"/s/{tok}", "/shelf/", f"/shelf/{shop.store.pk}/", "/me/redemptions/", f"/me/redemptions/{red.pk}/", "/scans/waiting/", "/counter/"]),
        (m, ["/manage/", f"/manage/sites/{site.pk}/display/", f"/manage/sites/{site.pk}/display/codes", "/manage/attendances/", "/manage/attendances/fresh/"]),
        (shop.clerk, ["/counter/"]),
    ]:
        for url in urls:
            try:
                r = browser(user).get(url)
                print(url, r.status_code, len(r.content))
            except Exception as e:
                import traceback
                bad.append((url, traceback.format_exc()[-900:]))
    for b in bad: print(*b)
    assert not bad
    r = browser(shop.clerk).post("/counter/", {"code": red.code, "step": "find"}); print(r.status_code, len(r.content))
    r = browser(shop.clerk).post("/counter/", {"code": red.code, "step": "collect"}); print(r.status_code, r.headers.get("Location"))
    r = browser(v.user).post(f"/s/{tok}", {"intent": "in", "nonce": "abc", "device": "x"}, headers={"X-Requested-With": "fetch"}); print(r.status_code, r.content.decode())
