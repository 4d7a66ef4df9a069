"""The addresses people see."""

from django.urls import path

from backend.pages import (
    approvals,
    clerk,
    integrity,
    manager,
    paper,
    poster,
    public,
    redeeming,
    review,
    scan,
    scanner,
    session,
    volunteer,
)

app_name = "pages"
urlpatterns = [
    # for everybody
    path("", public.home, name="home"),
    path("activities/", public.activities, name="activities"),
    path("boards/", public.board, name="boards"),
    path("donations/<str:number>/", public.donation, name="donation"),
    # coming and going
    path("login/", session.phone_login, name="login"),
    path("staff/login/", session.staff_login, name="staff-login"),
    path("logout/", session.leave, name="logout"),
    path("register/", session.register, name="register"),
    path("register/regions/", session.region_steps, name="register-regions"),
    # a volunteer
    path("me/", volunteer.me, name="me"),
    path("me/consents/", volunteer.consent, name="consent"),
    path("me/records/", volunteer.my_records, name="records"),
    path("me/points/", volunteer.my_points, name="points"),
    path("me/redemptions/", redeeming.redemptions, name="redemptions"),
    path("me/redemptions/<int:redemption_id>/", redeeming.redemption, name="redemption"),
    path("me/redemptions/<int:redemption_id>/cancel/", redeeming.cancel, name="redemption-cancel"),
    path("shifts/", volunteer.shifts, name="shifts"),
    path("shifts/<int:shift_id>/", volunteer.shift, name="shift"),
    path("shifts/<int:shift_id>/sign-up/", volunteer.sign_up, name="sign-up"),
    path("sign-ups/<int:sign_up_id>/cancel/", volunteer.cancel_sign_up, name="sign-up-cancel"),
    path("s/<str:token>", scan.scan, name="scan"),
    path("scans/waiting/", scan.waiting, name="scan-waiting"),
    path("scans/offline/", scan.offline, name="scan-offline"),
    path("sw.js", scan.service_worker, name="service-worker"),
    path("shelf/", redeeming.stores, name="shelf"),
    path("shelf/<int:store_id>/", redeeming.shelf, name="shelf-store"),
    # a site manager
    path("manage/", manager.home, name="manage"),
    path("manage/sites/<int:site_id>/display/", manager.display, name="display"),
    path("manage/sites/<int:site_id>/display/codes", manager.display_codes, name="display-codes"),
    path("manage/sites/<int:site_id>/scanner/", scanner.scanner, name="scanner"),
    path("manage/sites/<int:site_id>/scanner/names/", scanner.names, name="scanner-names"),
    path("manage/sites/<int:site_id>/poster/", poster.poster, name="poster"),
    path("manage/attendances/", review.overview, name="approvals"),
    path("manage/shifts/<int:shift_id>/", review.shift, name="review"),
    path("manage/shifts/<int:shift_id>/fresh/", review.fresh, name="review-fresh"),
    path("manage/attendances/approve/", approvals.approve_many, name="approve-many"),
    path("manage/attendances/<int:attendance_id>/", approvals.attendance, name="attendance"),
    path("manage/attendances/<int:attendance_id>/approve/", approvals.approve, name="approve"),
    path("manage/attendances/<int:attendance_id>/adjust/", approvals.adjust, name="adjust"),
    path("manage/attendances/<int:attendance_id>/reject/", approvals.reject, name="reject"),
    path("manage/attendances/<int:attendance_id>/ask/", approvals.ask, name="ask"),
    path("manage/shifts/<int:shift_id>/paper/", paper.paper, name="paper"),
    path("manage/sheets/<int:sheet_id>/photo/", paper.photo, name="sheet-photo"),
    # those who look for fraud
    path("manage/integrity/", integrity.queue, name="integrity"),
    path("manage/integrity/audits/", integrity.audits, name="integrity-audits"),
    path("manage/integrity/scores/", integrity.score_list, name="integrity-scores"),
    path("manage/integrity/signals/<int:signal_id>/clear/", integrity.clear, name="signal-clear"),
    path("manage/integrity/signals/<int:signal_id>/confirm/", integrity.confirm, name="signal-confirm"),
    path("manage/integrity/audit-items/<int:item_id>/decide/", integrity.decide, name="audit-decide"),
    # a clerk
    path("counter/", clerk.counter, name="counter"),
]
