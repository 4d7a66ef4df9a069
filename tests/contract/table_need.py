# ruff: noqa: E501 – as wide as the table it belongs to
"""The rows of table.py about households, those in need, and ballots; the roles are in its head.

`200r` is a reading that is itself written into the audit trail.
"""

NEED = """
# households: community staff keep them, a volunteer sees their own
GET    /api/v1/volunteers/households/               401   403  403  403  403   403   403    403  403  200   200    403   200
POST   /api/v1/volunteers/households/               401   403  403  403  403   403   403    403  403  201   404    403   201
GET    /api/v1/volunteers/households/{household}/   401   403  403  403  403   403   403    403  403  200   404    403   200
POST   /api/v1/volunteers/households/{household}/members/ 401 403 403 403 403  403   403    403  403  201   404    403   201
DELETE /api/v1/volunteers/households/{household}/members/{volunteer}/ 401 403 403 403 403 403 403 403 403 204 404   403   204
POST   /api/v1/volunteers/households/{household}/close/ 401 403 403 403  403   403   403    403  403  200   404    403   200
POST   /api/v1/volunteers/households/{household}/reveal/ 401 403 403 403 403   403   403    403  403  200   404    403   200
GET    /api/v1/volunteers/household-requests/       401   403  403  403  403   403   403    403  403  200   200    403   200
POST   /api/v1/volunteers/household-requests/{household_request}/answer/ 401 403 403 403 403 403 403 403 403 200 404 403 200
GET    /api/v1/volunteers/me/household/             401   200  404  404  404   404   404    404  404  404   404    404   404
POST   /api/v1/volunteers/me/household/             401   409  404  404  404   404   404    404  404  404   404    404   404

# help without points: of the community's staff the one who was named for the list, and nobody above them
GET    /api/v1/relief/keepers/                      401   403  403  403  403   403   403    403  403  200   200    403   200
POST   /api/v1/relief/keepers/                      401   403  403  403  403   403   403    403  403  403   404    403   409
POST   /api/v1/relief/keepers/{relief_keeper}/end/  401   403  403  403  403   403   403    403  403  200   404    403   200
GET    /api/v1/relief/cases/                        401   403  403  403  403   403   403    403  403  200r  403    403   403
POST   /api/v1/relief/cases/                        401   403  403  403  403   403   403    403  403  201   403    403   403
GET    /api/v1/relief/cases/{relief_case}/          401   403  403  403  403   403   403    403  403  200r  403    403   403
POST   /api/v1/relief/cases/{relief_case}/reviews/  401   403  403  403  403   403   403    403  403  201   403    403   403
POST   /api/v1/relief/cases/{relief_case}/issues/   401   403  403  403  403   403   403    403  403  201   403    403   403
POST   /api/v1/relief/issues/{relief_issue}/code/   401   403  403  403  403   403   403    403  403  200   403    403   403
POST   /api/v1/relief/issues/{relief_issue}/cancel/ 401   403  403  403  403   403   403    403  403  200   403    403   403
GET    /api/v1/relief/shares/                       401   403  403  403  403   200   200    200  200  200   200    403   200
PUT    /api/v1/relief/shares/{product}/             401   403  403  403  403   200   404    200  404  200   404    403   200
GET    /api/v1/relief/totals/                       200   200  200  200  200   200   200    200  200  200   200    200   200

# ballots: the volunteer has a ticket, the one in Chengdu enters
GET    /api/v1/market/ballots/                      200   200  200  200  200   200   200    200  200  200   200    200   200
POST   /api/v1/market/ballots/                      401   403  403  403  403   201   404    201  404  201   404    403   201
GET    /api/v1/market/ballots/{ballot}/             200   200  200  200  200   200   200    200  200  200   200    200   200
GET    /api/v1/market/ballots/program/              200   200  200  200  200   200   200    200  200  200   200    200   200
POST   /api/v1/market/ballots/{ballot}/entries/     401   409  201  404  404   404   404    404  404  404   404    404   404
POST   /api/v1/market/ballots/{ballot}/cancel/      401   404  404  404  404   200   404    200  404  200   404    404   200
GET    /relief/                                     200   200  200  200  200   200   200    200  200  200   200    200   200
GET    /ballots/                                    200   200  200  200  200   200   200    200  200  200   200    200   200
GET    /ballots/{ballot}/                           200   200  200  200  200   200   200    200  200  200   200    200   200
GET    /me/household/                               login 200  200  reg  reg   reg   reg    reg  reg  reg   reg    reg   reg
POST   /me/household/                               login 400  400  reg  reg   reg   reg    reg  reg  reg   reg    reg   reg
GET    /me/ballots/                                 login 200  200  reg  reg   reg   reg    reg  reg  reg   reg    reg   reg
POST   /me/ballots/{ballot}/enter/                  login 409  302  reg  reg   reg   reg    reg  reg  reg   reg    reg   reg

# pages of those who keep households, the list of those in need, and ballots
GET    /manage/households/                          login 403  403  403  403   403   403    403  403  200   200    403   200
POST   /manage/households/                          login 403  403  403  403   403   403    403  403  302   400    403   302
GET    /manage/households/{household}/              login 403  403  403  403   403   403    403  403  200   404    403   200
POST   /manage/households/{household}/              login 403  403  403  403   403   403    403  403  302   404    403   302
POST   /manage/household-requests/{household_request}/ login 403 403 403 403   403   403    403  403  302   404    403   302
GET    /manage/relief/                              login 403  403  403  403   403   403    403  403  200r  403    403   403
POST   /manage/relief/                              login 403  403  403  403   403   403    403  403  302   403    403   403
GET    /manage/relief/{relief_case}/                login 403  403  403  403   403   403    403  403  200r  403    403   403
POST   /manage/relief/{relief_case}/#review         login 403  403  403  403   403   403    403  403  302   403    403   403
POST   /manage/relief/{relief_case}/#issue          login 403  403  403  403   403   403    403  403  302   403    403   403
POST   /manage/relief/issues/{relief_issue}/        login 403  403  403  403   403   403    403  403  200   403    403   403
GET    /manage/relief/keepers/                      login 403  403  403  403   403   403    403  403  200   200    403   200
POST   /manage/relief/keepers/                      login 403  403  403  403   403   403    403  403  400   400    403   400
POST   /manage/relief/keepers/{relief_keeper}/end/  login 403  403  403  403   403   403    403  403  302   404    403   302
GET    /manage/relief/shares/                       login 403  403  403  403   200   200    200  200  200   200    403   200
POST   /manage/relief/shares/                       login 403  403  403  403   302   404    302  404  302   404    403   302
GET    /manage/ballots/                             login 403  403  403  403   200   200    200  200  200   200    403   200
POST   /manage/ballots/                             login 403  403  403  403   302   400    302  400  302   400    403   302
POST   /manage/ballots/{ballot}/cancel/             login 403  403  403  403   302   404    302  404  302   404    403   302
"""
