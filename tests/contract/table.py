# ruff: noqa: E501 – the table is as wide as there are roles
"""Who may do what: every route of the API and of the pages, for every role.

    vol          a volunteer, whose sign-up, attendance and redemption are in the addresses
    vol2         another one, in Chengdu
    site, clerk, org, staff, super
                 manager of the site, clerk of the store, manager of the organization that has both,
                 community staff of the township, supervisor of the city; none of them a volunteer
    site2 …      the same roles over other objects, in Chengdu
    admin        platform administrator

An entry is the status of the answer. `login` and `reg` are the redirects that lead to signing in and to
registering. `200=` (or `302=`) answers, and changes nothing, although the method could. Everything else follows
from the entry: a safe method and a refusal change nothing, and what is done by an unsafe one is done.

`{names}` are filled from the world, a `#label` tells requests of one route apart, and bodies are in `BODIES`.
"""

TABLE = """
                                                    anon  vol  vol2 site site2 clerk clerk2 org  org2 staff staff2 super admin

# coming in
POST   /api/v1/auth/otp/                            202   202  202  202  202   202   202    202  202  202   202    202   202
POST   /api/v1/auth/token/                          200   200  200  200  200   200   200    200  200  200   200    200   200
POST   /api/v1/auth/token/refresh/                  200   200  200  200  200   200   200    200  200  200   200    200   200
GET    /api/v1/auth/me/                             401   200  200  200  200   200   200    200  200  200   200    200   200
GET    /api/v1/regions/                             200   200  200  200  200   200   200    200  200  200   200    200   200
GET    /api/v1/regions/{region}/                    200   200  200  200  200   200   200    200  200  200   200    200   200

# places
GET    /api/v1/sites/                               200   200  200  200  200   200   200    200  200  200   200    200   200
GET    /api/v1/sites/{site}/                        200   200  200  200  200   200   200    200  200  200   200    200   200
GET    /api/v1/sites/{closed_site}/                 404   404  404  404  404   404   404    200  404  200   404    200   200
GET    /api/v1/sites/{site}/qr/                     401   403  403  200  404   403   403    200  404  200   404    403   200
GET    /api/v1/sites/{site}/qr.png                  401   403  403  200  404   403   403    200  404  200   404    403   200
GET    /api/v1/sites/{site}/qr.svg                  401   403  403  200  404   403   403    200  404  200   404    403   200
POST   /api/v1/sites/{site}/rotate-key/             401   403  403  200  404   403   403    200  404  200   404    403   200

# people
GET    /api/v1/volunteers/                          401   403  403  403  403   403   403    403  403  200   200    200   200
POST   /api/v1/volunteers/                          401   409  409  201  201   201   201    201  201  201   201    201   201
GET    /api/v1/volunteers/me/                       401   200  200  404  404   404   404    404  404  404   404    404   404
PATCH  /api/v1/volunteers/me/                       401   200  200  404  404   404   404    404  404  404   404    404   404
PUT    /api/v1/volunteers/me/consents/honor_board/  401   200  200  404  404   404   404    404  404  404   404    404   404
POST   /api/v1/volunteers/{applicant}/approve/      401   403  403  403  403   403   403    403  403  200   404    403   200
POST   /api/v1/volunteers/{applicant}/reject/       401   403  403  403  403   403   403    403  403  200   404    403   200
GET    /api/v1/volunteers/me/pass/                  401   200  200  404  404   404   404    404  404  404   404    404   404
POST   /api/v1/volunteers/{volunteer}/card/         401   201  404  404  404   404   404    404  404  201   404    404   201
DELETE /api/v1/volunteers/{volunteer}/card/         401   204  404  404  404   404   404    404  404  204   404    404   204

# service
GET    /api/v1/activities/                          200   200  200  200  200   200   200    200  200  200   200    200   200
GET    /api/v1/shifts/                              200   200  200  200  200   200   200    200  200  200   200    200   200
GET    /api/v1/shifts/{shift}/                      200   200  200  200  200   200   200    200  200  200   200    200   200
POST   /api/v1/shifts/{coming_shift}/sign-ups/      401   200= 201  404  404   404   404    404  404  404   404    404   404
GET    /api/v1/sign-ups/                            401   200  200  404  404   404   404    404  404  404   404    404   404
DELETE /api/v1/sign-ups/{sign_up}/                  401   204  404  404  404   404   404    404  404  404   404    404   404
POST   /api/v1/scans/                               401   201  201  404  404   404   404    404  404  404   404    404   404
POST   /api/v1/scans/#for-vol                       401   403  403  201  404   403   403    201  404  201   404    403   201
POST   /api/v1/scans/batch/                         401   200  200  200= 200=  200=  200=   200= 200= 200=  200=   200=  200=
POST   /api/v1/scans/batch/#for-vol                 401   200= 200= 200  200=  200=  200=   200  200= 200   200=   200=  200
POST   /api/v1/scans/annul/                         401   200  404  404  404   404   404    404  404  404   404    404   404
GET    /api/v1/attendances/                         401   200  200  200  200   200   200    200  200  200   200    200   200
GET    /api/v1/attendances/{attendance}/            401   200  404  200  404   404   404    200  404  200   404    200   200
POST   /api/v1/attendances/{attendance}/approve/    401   403  403  200  404   403   403    200  404  200   404    403   200
POST   /api/v1/attendances/{attendance}/reject/     401   403  403  200  404   403   403    200  404  200   404    403   200
POST   /api/v1/attendances/{forgotten}/propose/     401   200  404  404  404   404   404    404  404  404   404    404   404
POST   /api/v1/attendances/{attendance}/ask/        401   403  403  200  404   403   403    200  404  200   404    403   200
POST   /api/v1/attendances/{forgotten}/answer/      401   200  404  404  404   404   404    404  404  404   404    404   404
POST   /api/v1/paper-sheets/                        401   403  403  201  404   403   403    201  404  201   404    403   201
GET    /api/v1/check-in-policies/                   401   200  200  200  200   200   200    200  200  200   200    200   200
POST   /api/v1/check-in-policies/#platform          401   404  404  404  404   404   404    404  404  404   404    404   201
POST   /api/v1/check-in-policies/#region            401   404  404  404  404   404   404    404  404  201   404    404   201
POST   /api/v1/check-in-policies/#organization      401   404  404  404  404   404   404    201  404  201   404    404   201
POST   /api/v1/attendances/approve/                 401   403  403  200  200=  403   403    200  200= 200   200=   403   200
GET    /api/v1/records/                             401   200  200  200  200   200   200    200  200  200   200    200   200

# what is argued about, and what waits too long: the organization's manager wrote the record
GET    /api/v1/attendances/overdue/                 401   403  403  200  200   403   403    200  200  200   200    200   200
POST   /api/v1/records/{record}/corrections/        401   201  404  201  404   404   404    201  404  201   404    403   201
GET    /api/v1/corrections/                         401   200  200  200  200   200   200    200  200  200   200    200   200
POST   /api/v1/corrections/{correction}/approve/    401   403  403  200  404   403   403    403  404  200   404    403   200
POST   /api/v1/corrections/{correction}/refuse/     401   403  403  200  404   403   403    403  404  200   404    403   200
GET    /api/v1/objections/                          401   200  200  200  200   200   200    200  200  200   200    200   200
POST   /api/v1/objections/                          201   201  201  201  201   201   201    201  201  201   201    201   201
GET    /api/v1/objections/{ticket}/                 200   200  200  200  200   200   200    200  200  200   200    200   200
POST   /api/v1/objections/{objection}/accept/       401   403  403  200  404   403   403    200  404  200   404    403   200
POST   /api/v1/objections/{open_objection}/uphold/  401   403  403  200  404   403   403    200  404  200   404    403   200
POST   /api/v1/objections/{open_objection}/dismiss/ 401   403  403  200  404   403   403    200  404  200   404    403   200
POST   /api/v1/objections/{open_objection}/withdraw/ 401  404  404  404  404   404   404    404  404  404   404    200   404
# integrity: staff review in their regions, supervisors read
GET    /api/v1/integrity/signals/                   401   403  403  403  403   403   403    403  403  200   200    200   200
POST   /api/v1/integrity/signals/{signal}/clear/    401   403  403  403  403   403   403    403  403  200   404    403   200
POST   /api/v1/integrity/signals/{signal}/confirm/  401   403  403  403  403   403   403    403  403  200   404    403   200
GET    /api/v1/integrity/audits/                    401   403  403  403  403   403   403    403  403  200   200    200   200
POST   /api/v1/integrity/audit-items/{audit_item}/decide/ 401 403 403 403 403  403   403    403  403  200   404    403   200
GET    /api/v1/integrity/scores/                    401   403  403  403  403   403   403    403  403  200   200    200   200

# points
GET    /api/v1/points/balance/                      401   200  200  404  404   404   404    404  404  404   404    404   404
GET    /api/v1/points/balance/?volunteer={volunteer} 401  200  403  403  403   403   403    403  403  200   404    200   200
GET    /api/v1/points/entries/                      401   200  200  404  404   404   404    404  404  404   404    404   404
GET    /api/v1/points/entries/?volunteer={volunteer} 401  200  403  403  403   403   403    403  403  200   404    200   200
GET    /api/v1/points/proof/                        401   200  200  404  404   404   404    404  404  404   404    404   404
GET    /api/v1/proof/days/                          200   200  200  200  200   200   200    200  200  200   200    200   200
GET    /api/v1/proof/days/{proof_day}/              200   200  200  200  200   200   200    200  200  200   200    200   200
GET    /api/v1/proof/days/2020-01-01/               404   404  404  404  404   404   404    404  404  404   404    404   404
GET    /api/v1/proof/days/{proof_day}/export/       200   200  200  200  200   200   200    200  200  200   200    200   200
GET    /api/v1/proof/chain/                         200   200  200  200  200   200   200    200  200  200   200    200   200
GET    /api/v1/proof/program/                       200   200  200  200  200   200   200    200  200  200   200    200   200
GET    /api/v1/points/entries/{entry}/              401   200  404  404  404   404   404    404  404  404   404    404   404
GET    /api/v1/points/entries/{entry}/?volunteer={volunteer} 401 200 403 403 403 403   403    403  403  200   404    200   200
GET    /api/v1/points/entries/export.csv            401   200  200  404  404   404   404    404  404  404   404    404   404
GET    /api/v1/points/entries/export.csv?volunteer={volunteer} 401 200 403 403 403 403 403    403  403  200   404    200   200
GET    /api/v1/points/entries/export.xlsx           401   200  200  404  404   404   404    404  404  404   404    404   404
GET    /api/v1/points/entries/export.xlsx?volunteer={volunteer} 401 200 403 403 403 403 403   403  403  200   404    200   200
GET    /api/v1/points/gifts/                        401   200  200  404  404   404   404    404  404  404   404    404   404
POST   /api/v1/points/gifts/                        401   201  422  404  404   404   404    404  404  404   404    404   404
GET    /api/v1/points/rule-sets/                    401   200  200  200  200   200   200    200  200  200   200    200   200
GET    /api/v1/points/rule-sets/{rule_set}/         401   200  200  200  200   200   200    200  200  200   200    200   200
GET    /api/v1/points/rule-sets/{draft_rule_set}/   401   404  404  404  404   404   404    404  404  200   404    200   200
POST   /api/v1/points/rule-sets/                    401   403  403  403  403   403   403    403  403  201   404    403   201
PATCH  /api/v1/points/rule-sets/{draft_rule_set}/   401   403  403  403  403   403   403    403  403  200   404    403   200
POST   /api/v1/points/rule-sets/{draft_rule_set}/review/ 401 403 403 403 403   403   403    403  403  403   404    403   200
POST   /api/v1/points/rule-sets/{reviewed_rule_set}/return/ 401 403 403 403 403 403  403    403  403  200   404    403   200
POST   /api/v1/points/rule-sets/{reviewed_rule_set}/activate/ 401 403 403 403 403 403 403   403  403  200   404    403   200
POST   /api/v1/points/rule-sets/{local_rule_set}/retire/ 401 403 403 403 403   403   403    403  403  200   404    403   200
GET    /api/v1/points/rule-sets/schema/             200   200  200  200  200   200   200    200  200  200   200    200   200
POST   /api/v1/points/rule-sets/{rule_set}/preview/ 401   200= 200= 200= 200=  200=  200=   200= 200= 200=  200=   200=  200=
GET    /api/v1/points/pending/                      401   200  200  404  404   404   404    404  404  404   404    404   404
POST   /api/v1/points/rule-sets/{draft_rule_set}/preview/ 401 404 404 404 404  404   404    404  404  200=  404    200=  200=
# rules are tried and put to work by those who write them; supervisors look on
POST   /api/v1/points/rule-sets/{draft_rule_set}/dry-runs/ 401 403 403 403 403 403   403    403  403  201   404    403   201
POST   /api/v1/points/rule-sets/{rule_set}/dry-runs/  401 403  403  403  403   403   403    403  403  201   404    403   201
POST   /api/v1/points/rule-sets/{local_rule_set}/recompute/ 401 403 403 403 403 403 403    403  403  201   404    403   201
GET    /api/v1/points/revisions/{revision}/         401   403  403  403  403   403   403    403  403  200   404    200   200
POST   /api/v1/points/revisions/{revision}/cancel/  401   403  403  403  403   403   403    403  403  200   404    403   200
POST   /api/v1/points/revisions/{stopped_revision}/resume/ 401 403 403 403 403 403   403    403  403  200   404    403   200

GET    /api/v1/points/other-awards/                 401   200  200  200  200   200   200    200  200  200   200    200   200
POST   /api/v1/points/other-awards/                 401   403  403  403  403   403   403    403  403  201   404    403   201
POST   /api/v1/points/other-awards/{other_award}/approve/ 401 403 403 403 403  403   403    403  403  200   404    403   200
POST   /api/v1/points/other-awards/{other_award}/reject/  401 403 403 403 403  403   403    403  403  200   404    403   200

# what could not be delivered
GET    /api/v1/events/                              401   403  403  403  403   403   403    403  403  403   403    403   200
GET    /api/v1/events/?state=waiting                401   403  403  403  403   403   403    403  403  403   403    403   200
POST   /api/v1/events/{dead_event}/retry/           401   403  403  403  403   403   403    403  403  403   403    403   200

# about the site itself
GET    /api/schema/                                 200   200  200  200  200   200   200    200  200  200   200    200   200
GET    /api/docs/                                   200   200  200  200  200   200   200    200  200  200   200    200   200
GET    /health/live                                 200   200  200  200  200   200   200    200  200  200   200    200   200
GET    /health/ready                                200   200  200  200  200   200   200    200  200  200   200    200   200
GET    /metrics                                     200   200  200  200  200   200   200    200  200  200   200    200   200

# pages for everybody
GET    /                                            200   200  200  200  200   200   200    200  200  200   200    200   200
GET    /activities/                                 200   200  200  200  200   200   200    200  200  200   200    200   200
GET    /boards/                                     200   200  200  200  200   200   200    200  200  200   200    200   200
GET    /proof/                                      200   200  200  200  200   200   200    200  200  200   200    200   200
GET    /donations/{donation}/                       200   200  200  200  200   200   200    200  200  200   200    200   200
GET    /donations/{donation}/ask/                   200   200  200  200  200   200   200    200  200  200   200    200   200
POST   /donations/{donation}/ask/                   200   302  200  200  200   200   200    200  200  200   200    200   200
GET    /questions/                                  200   200  200  200  200   200   200    200  200  200   200    200   200
POST   /questions/                                  302   302  302  302  302   302   302    302  302  302   302    302   302
GET    /open/                                       200   200  200  200  200   200   200    200  200  200   200    200   200
GET    /appeals/                                    200   200  200  200  200   200   200    200  200  200   200    200   200
GET    /appeals/{appeal}/                           200   200  200  200  200   200   200    200  200  200   200    200   200
GET    /receipts/{receipt}/                                 200   200   200   200   200   200   200   200   200   200   200   200   200
GET    /donors/pictures/{picture}/                          200   200   200   200   200   200   200   200   200   200   200   200   200
GET    /objections/                                 200   200  200  200  200   200   200    200  200  200   200    200   200
POST   /objections/                                 302   302  302  302  302   302   302    302  302  302   302    302   302
GET    /login/                                      200   200  200  200  200   200   200    200  200  200   200    200   200
POST   /login/                                      200   200  200  200  200   200   200    200  200  200   200    200   200
GET    /staff/login/                                200   200  200  200  200   200   200    200  200  200   200    200   200
POST   /staff/login/                                302   302  302  302  302   302   302    302  302  302   302    302   302
POST   /logout/                                     302=  302= 302= 302= 302=  302=  302=   302= 302= 302=  302=   302=  302=
GET    /register/                                   login 302  302  200  200   200   200    200  200  200   200    200   200
POST   /register/                                   login 302= 302= 302  302   302   302    302  302  302   302    302   302
GET    /regions/                                    login 200  200  200  200   200   200    200  200  200   200    200   200
GET    /shifts/{coming_shift}/                      200   200  200  200  200   200   200    200  200  200   200    200   200
GET    /sw.js                                        200   200  200  200  200   200   200    200  200  200   200    200   200

# pages of a volunteer
GET    /me/                                         login 200  200  reg  reg   reg   reg    reg  reg  reg   reg    reg   reg
POST   /me/consents/                                login 302  302  reg  reg   reg   reg    reg  reg  reg   reg    reg   reg
GET    /me/records/                                 login 200  200  reg  reg   reg   reg    reg  reg  reg   reg    reg   reg
POST   /me/attendances/{forgotten}/propose/         login 302  404  reg  reg   reg   reg    reg  reg  reg   reg    reg   reg
POST   /me/attendances/{forgotten}/answer/          login 302  404  reg  reg   reg   reg    reg  reg  reg   reg    reg   reg
GET    /me/pass/                                    login 200  200  reg  reg   reg   reg    reg  reg  reg   reg    reg   reg
GET    /me/pass/codes/                              login 200  200  reg  reg   reg   reg    reg  reg  reg   reg    reg   reg
POST   /me/pass/revoke/                             login 302  409  reg  reg   reg   reg    reg  reg  reg   reg    reg   reg
GET    /me/records/{record}/correct/                login 200  404  reg  reg   reg   reg    reg  reg  reg   reg    reg   reg
POST   /me/records/{record}/correct/                login 302  404  reg  reg   reg   reg    reg  reg  reg   reg    reg   reg
GET    /me/records/{record}/object/                 login 200  404  reg  reg   reg   reg    reg  reg  reg   reg    reg   reg
POST   /me/records/{record}/object/                 login 302  404  reg  reg   reg   reg    reg  reg  reg   reg    reg   reg
GET    /me/attendances/{attendance}/object/         login 200  404  reg  reg   reg   reg    reg  reg  reg   reg    reg   reg
POST   /me/attendances/{attendance}/object/         login 302  404  reg  reg   reg   reg    reg  reg  reg   reg    reg   reg
POST   /me/objections/{open_objection}/withdraw/    login 404  404  reg  reg   reg   reg    reg  reg  reg   reg    reg   reg
GET    /me/points/                                  login 200  200  reg  reg   reg   reg    reg  reg  reg   reg    reg   reg
GET    /me/points/proof/                            login 200  200  reg  reg   reg   reg    reg  reg  reg   reg    reg   reg
GET    /me/points/when/                             login 200  200  reg  reg   reg   reg    reg  reg  reg   reg    reg   reg
GET    /me/points/entries/{entry}/                  login 200  404  reg  reg   reg   reg    reg  reg  reg   reg    reg   reg
GET    /me/points/lots/                             login 200  200  reg  reg   reg   reg    reg  reg  reg   reg    reg   reg
GET    /me/points/export.csv                        login 200  200  reg  reg   reg   reg    reg  reg  reg   reg    reg   reg
GET    /me/points/export.xlsx                       login 200  200  reg  reg   reg   reg    reg  reg  reg   reg    reg   reg
GET    /me/points/give/                             login 200  200  reg  reg   reg   reg    reg  reg  reg   reg    reg   reg
POST   /me/points/give/                             login 200= 422  reg  reg   reg   reg    reg  reg  reg   reg    reg   reg
POST   /me/points/give/confirm/                     login 302  422  reg  reg   reg   reg    reg  reg  reg   reg    reg   reg
POST   /me/points/relatives/                        login 302  400  reg  reg   reg   reg    reg  reg  reg   reg    reg   reg
POST   /me/points/relatives/{relative}/confirm/     login 302  404  reg  reg   reg   reg    reg  reg  reg   reg    reg   reg
POST   /me/points/relatives/{relative}/end/         login 302  302  reg  reg   reg   reg    reg  reg  reg   reg    reg   reg
GET    /me/redemptions/                             login 200  200  reg  reg   reg   reg    reg  reg  reg   reg    reg   reg
GET    /me/redemptions/{redemption}/                login 200  404  reg  reg   reg   reg    reg  reg  reg   reg    reg   reg
POST   /me/redemptions/{redemption}/cancel/         login 302  404  reg  reg   reg   reg    reg  reg  reg   reg    reg   reg
POST   /me/redemptions/{basket}/confirm/            login 302  404  reg  reg   reg   reg    reg  reg  reg   reg    reg   reg
GET    /shifts/                                     login 200  200  reg  reg   reg   reg    reg  reg  reg   reg    reg   reg
POST   /shifts/{coming_shift}/sign-up/              login 302= 302  reg  reg   reg   reg    reg  reg  reg   reg    reg   reg
POST   /sign-ups/{sign_up}/cancel/                  login 302  404  reg  reg   reg   reg    reg  reg  reg   reg    reg   reg
GET    /s/{token}                                   login 200  200  reg  reg   reg   reg    reg  reg  reg   reg    reg   reg
POST   /s/{token}                                   login 200  200  reg  reg   reg   reg    reg  reg  reg   reg    reg   reg
GET    /scans/waiting/                              login 200  200  reg  reg   reg   reg    reg  reg  reg   reg    reg   reg
POST   /scans/annul/                                login 200  404  reg  reg   reg   reg    reg  reg  reg   reg    reg   reg
GET    /scans/offline/                              login 200  200  reg  reg   reg   reg    reg  reg  reg   reg    reg   reg
GET    /shelf/                                      login 200  200  reg  reg   reg   reg    reg  reg  reg   reg    reg   reg
GET    /shelf/{store}/                              login 200  200  reg  reg   reg   reg    reg  reg  reg   reg    reg   reg
POST   /shelf/{store}/                              login 302  302  reg  reg   reg   reg    reg  reg  reg   reg    reg   reg

# pages of those who manage a site
GET    /manage/                                     login 403  403  200  200   403   403    200  200  200   200    403   200
GET    /manage/sites/{site}/display/                login 403  403  200  404   403   403    200  404  200   404    403   200
GET    /manage/sites/{site}/display/codes           login 403  403  200  404   403   403    200  404  200   404    403   200
GET    /manage/sites/{site}/scanner/                login 403  403  200  404   403   403    200  404  200   404    403   200
GET    /manage/sites/{site}/scanner/names/          login 403  403  200  404   403   403    200  404  200   404    403   200
GET    /manage/stores/{store}/slots/                login 403  403  403  403   200   404    200  404  200   404    403   200
POST   /manage/stores/{store}/slots/                login 403  403  403  403   302   404    302  404  302   404    403   302
GET    /manage/sites/{site}/poster/                 login 403  403  200  404   403   403    200  404  200   404    403   200
GET    /manage/attendances/                         login 403  403  200  200   403   403    200  200  200   200    403   200
GET    /manage/shifts/{worked_shift}/               login 403  403  200  404   403   403    200  404  200   404    403   200
GET    /manage/shifts/{worked_shift}/fresh/         login 403  403  200  404   403   403    200  404  200   404    403   200
GET    /manage/shifts/{paper_shift}/paper/          login 403  403  200  404   403   403    200  404  200   404    403   200
POST   /manage/shifts/{paper_shift}/paper/          login 403  403  302  404   403   403    302  404  302   404    403   302
GET    /manage/sheets/{sheet}/photo/                login 403  403  200  404   403   403    200  404  200   404    403   200
GET    /manage/attendances/{attendance}/            login 403  403  200  404   403   403    200  404  200   404    403   200
POST   /manage/attendances/approve/                 login 403  403  302  302=  403   403    302  302= 302   302=   403   302
POST   /manage/attendances/{attendance}/approve/    login 403  403  302  404   403   403    302  404  302   404    403   302
POST   /manage/attendances/{attendance}/adjust/     login 403  403  302  404   403   403    302  404  302   404    403   302
POST   /manage/attendances/{attendance}/reject/     login 403  403  302  404   403   403    302  404  302   404    403   302
GET    /manage/volunteers/cards/                    login 403  403  403  403   403   403    403  403  200   200    403   200
POST   /manage/volunteers/cards/                    login 403  403  403  403   403   403    403  403  302   302=   403   302
GET    /manage/overdue/                             login 403  403  200  200   403   403    200  200  200   200    200   200
GET    /manage/tickets/                             login 403  403  200  200   403   403    200  200  200   200    403   200
POST   /manage/corrections/                         login 403  403  302  404   403   403    302  404  302   404    403   302
POST   /manage/corrections/{correction}/            login 403  403  302  404   403   403    403  404  302   404    403   302
POST   /manage/objections/{objection}/              login 403  403  302  404   403   403    302  404  302   404    403   302
POST   /manage/objections/{objection}/contact/      login 403  403  200  404   403   403    200  404  200   404    403   200
POST   /manage/attendances/{attendance}/ask/        login 403  403  302  404   403   403    302  404  302   404    403   302

# pages of those who look for fraud
GET    /manage/integrity/                           login 403  403  403  403   403   403    403  403  200   200    200   200
GET    /manage/integrity/audits/                    login 403  403  403  403   403   403    403  403  200   200    200   200
GET    /manage/integrity/scores/                    login 403  403  403  403   403   403    403  403  200   200    200   200
POST   /manage/integrity/signals/{signal}/clear/    login 403  403  403  403   403   403    403  403  302   404    403   302
POST   /manage/integrity/signals/{signal}/confirm/  login 403  403  403  403   403   403    403  403  302   404    403   302
POST   /manage/integrity/audit-items/{audit_item}/decide/ login 403 403 403 403 403  403    403  403  302   404    403   302

# pages of those who set the figures of the door
GET    /manage/policies/                            login 403  403  403  403   403   403    200  200  200   200    403   200
POST   /manage/policies/                            login 403  403  403  403   403   403    302  400  302   400    403   302
GET    /manage/qualifications/                      login 403  403  403  403   403   403    403  403  200   200    403   200
POST   /manage/qualifications/                      login 403  403  403  403   403   403    403  403  302   400    403   302
POST   /manage/qualifications/{qualification}/revoke/ login 403 403 403 403  403  403       403  403  302   404    403   302

# pages of those who look after the platform
GET    /manage/events/                              login 403  403  403  403   403   403    403  403  403   403    403   200
POST   /manage/events/retry/                        login 403  403  403  403   403   403    403  403  403   403    403   302
POST   /manage/events/{dead_event}/retry/           login 403  403  403  403   403   403    403  403  403   403    403   302

# pages of those who make the rules of points; supervisors read
GET    /manage/rules/                               login 403  403  403  403   403   403    403  403  200   200    200   200
POST   /manage/rules/                               login 403  403  403  403   403   403    403  403  302   404    403   302
GET    /manage/rules/{draft_rule_set}/              login 403  403  403  403   403   403    403  403  200   404    200   200
GET    /manage/rules/{local_rule_set}/              login 403  403  403  403   403   403    403  403  200   200    200   200
POST   /manage/rules/{draft_rule_set}/              login 403  403  403  403   403   403    403  403  302   404    403   302
POST   /manage/rules/{draft_rule_set}/preview/      login 403  403  403  403   403   403    403  403  200=  404    403   200=
POST   /manage/rules/{draft_rule_set}/review/       login 403  403  403  403   403   403    403  403  403   404    403   302
POST   /manage/rules/{reviewed_rule_set}/return/    login 403  403  403  403   403   403    403  403  302   404    403   302
POST   /manage/rules/{reviewed_rule_set}/activate/  login 403  403  403  403   403   403    403  403  302   404    403   302
POST   /manage/rules/{local_rule_set}/retire/       login 403  403  403  403   403   403    403  403  302   404    403   302
# points for what is not service
GET    /manage/awards/                              login 403  403  403  403   403   403    403  403  200   200    403   200
POST   /manage/awards/                              login 403  403  403  403   403   403    403  403  302   400    403   302
POST   /manage/awards/{other_award}/decide/         login 403  403  403  403   403   403    403  403  302   404    403   302

# pages of those who change the rules of points
GET    /manage/rules/{draft_rule_set}/dry-run/      login 403  403  403  403   403   403    403  403  200   404    200   200
POST   /manage/rules/{draft_rule_set}/dry-run/      login 403  403  403  403   403   403    403  403  302   404    403   302
GET    /manage/rules/{local_rule_set}/recompute/   login 403  403  403  403   403   403    403  403  200   404    200   200
POST   /manage/rules/{local_rule_set}/recompute/   login 403  403  403  403   403   403    403  403  302   404    403   302
GET    /manage/revisions/{revision}/                login 403  403  403  403   403   403    403  403  200   404    200   200
GET    /manage/revisions/{revision}/result.csv      login 403  403  403  403   403   403    403  403  200   404    200   200
POST   /manage/revisions/{revision}/cancel/         login 403  403  403  403   403   403    403  403  302   404    403   302
POST   /manage/revisions/{stopped_revision}/resume/ login 403  403  403  403   403   403    403  403  302   404    403   302
"""
