# ruff: noqa: E501 – the table is as wide as there are roles
"""Who may do what about goods and gifts; how it is read stands in table.py."""

#                                                   anon  vol  vol2 site site2 clerk clerk2 org  org2 staff staff2 super admin
TABLE = """
# goods and donors from a spreadsheet: the clerk uploaded one
GET    /api/v1/imports/                             401   200  200  200  200   200   200    200  200  200   200    200   200
POST   /api/v1/imports/                             401   403  403  403  403   201   404    201  404  201   404    403   201
GET    /api/v1/imports/{import_job}/                401   404  404  404  404   200   404    404  404  404   404    404   404
POST   /api/v1/imports/{import_job}/run/            401   404  404  404  404   200   404    404  404  404   404    404   404
POST   /api/v1/imports/{import_job}/cancel/         401   404  404  404  404   200   404    404  404  404   404    404   404
GET    /manage/imports/                             login 403  403  403  403   200   200    200  200  200   200    403   200
POST   /manage/imports/                             login 403  403  403  403   302   422    302  422  302   422    403   302
GET    /manage/imports/template/goods.xlsx          login 403  403  403  403   200   200    200  200  200   200    403   200
GET    /manage/imports/{import_job}/                login 403  403  403  403   200   404    404  404  404   404    403   404
POST   /manage/imports/{import_job}/run/            login 403  403  403  403   302   404    404  404  404   404    403   404
POST   /manage/imports/{import_job}/cancel/         login 403  403  403  403   302   404    404  404  404   404    403   404

# market: goods are handed over by the clerk of that store and by nobody else
GET    /api/v1/market/stores/                       200   200  200  200  200   200   200    200  200  200   200    200   200
GET    /api/v1/market/products/                     200   200  200  200  200   200   200    200  200  200   200    200   200
POST   /api/v1/market/slots/                        401   403  403  403  403   201   404    201  404  201   404    403   201
PATCH  /api/v1/market/slots/{slot}/                 401   403  403  403  403   200   404    200  404  200   404    403   200
GET    /api/v1/market/redemptions/                  401   200  200  200  200   200   200    200  200  200   200    200   200
POST   /api/v1/market/redemptions/                  401   201  201  404  404   404   404    404  404  404   404    404   404
GET    /api/v1/market/redemptions/{redemption}/     401   200  404  404  404   200   404    200  404  200   404    200   200
POST   /api/v1/market/redemptions/{redemption}/collect/ 401 403 403 403 403    200   404    403  403  403   403    403   403
POST   /api/v1/market/redemptions/{redemption}/cancel/  401 200 404 404 404    200   404    200  404  200   404    404   200
POST   /api/v1/market/redemptions/#counter          401   403  403  403  403   201   404    403  403  403   403    403   403
POST   /api/v1/market/redemptions/{basket}/confirm/ 401   200  404  404  404   404   404    404  404  404   404    404   404
POST   /api/v1/market/redemptions/{basket}/confirm/#card 401 404 404 404 404   403   404    200  404  200   404    404   200
POST   /api/v1/market/redemptions/{basket}/confirm/#code 401 403 403 403 403   400   404    403  403  403   403    403   403
POST   /api/v1/market/redemptions/{basket}/confirmation-code/ 401 403 403 403 403 200 404   403  403  403   403    403   403
POST   /api/v1/market/redemptions/collect-batch/    401   404  404  404  404   200   404    404  404  404   404    404   404
GET    /api/v1/market/returns/                      401   403  403  403  403   200   200    200  200  200   200    403   200
POST   /api/v1/market/returns/                      401   403  403  403  403   201   404    201  404  201   404    403   201
POST   /api/v1/market/returns/{goods_return}/decide/ 401  403  403  403  403   403   404    200  404  200   404    403   200
POST   /api/v1/market/offline-lists/                401   403  403  403  403   201   404    403  403  403   403    403   403
POST   /api/v1/market/offline-lists/{offline_list}/give-back/ 401 404 404 404 404 204 404   404  404  404   404    404   404

# giving: site managers have nothing to do with donations
GET    /api/v1/giving/donors/                       401   403  403  403  403   200   200    200  200  200   200    200   200
POST   /api/v1/giving/donors/                       401   403  403  403  403   201   404    201  404  201   404    403   201
PATCH  /api/v1/giving/donors/{donor}/               401   403  403  403  403   200   404    200  404  200   404    403   200
POST   /api/v1/giving/donors/claim/                         401   200   404   404   404   404   404   404   404   404   404   404   404
GET    /api/v1/giving/donors/{own_donor}/consent/           401   200   404   404   404   200   404   200   404   200   404   404   200
POST   /api/v1/giving/donors/{own_donor}/consent/           401   200   404   404   404   200   404   200   404   200   404   404   200
POST   /api/v1/giving/donors/{own_donor}/identity/          401   403   403   403   403   200   404   200   404   200   404   403   200
GET    /api/v1/giving/donations/                    401   403  403  403  403   200   200    200  200  200   200    200   200
POST   /api/v1/giving/donations/#goods              401   403  403  403  403   201   404    201  404  201   404    403   201
POST   /api/v1/giving/donations/#money              401   403  403  403  403   404   404    201  404  201   404    403   201
GET    /api/v1/giving/donations/{donation}/trace/   200   200  200  200  200   200   200    200  200  200   200    200   200
GET    /api/v1/giving/donations/{donation}/questions/ 200   200  200  200  200   200   200    200  200  200   200    200   200
POST   /api/v1/giving/donations/{donation}/questions/ 403   201  403  403  403   403   403    403  403  403   403    403   403
GET    /api/v1/giving/questions/                    401   403  403  403  403   403   403    200  200  200   200    200   200
POST   /api/v1/giving/questions/{question}/answers/ 401   403  403  403  403   403   403    201  404  201   404    403   201
GET    /api/v1/giving/questions/{question_ticket}/  200   200  200  200  200   200   200    200  200  200   200    200   200
PATCH  /api/v1/giving/questions/{question_ticket}/  200   200  200  200  200   200   200    200  200  200   200    200   200
GET    /api/v1/appeals/                             200   200  200  200  200   200   200    200  200  200   200    200   200
POST   /api/v1/appeals/                             401   403  403  403  403   403   403    201  404  201   404    403   201
GET    /api/v1/appeals/{appeal}/                    200   200  200  200  200   200   200    200  200  200   200    200   200
POST   /api/v1/appeals/{appeal}/needs/              401   403  403  403  403   403   403    200  404  200   404    403   200
POST   /api/v1/appeals/{appeal}/gifts/              401   403  403  403  403   403   403    201  404  201   404    403   201
POST   /api/v1/appeals/{appeal}/reports/            401   403  403  403  403   403   403    201  404  201   404    403   201
POST   /api/v1/appeals/{appeal}/end-rescue/         401   403  403  403  403   403   403    200  404  200   404    403   200
POST   /api/v1/appeals/{appeal}/close/              401   403  403  403  403   403   403    200  404  200   404    403   200
# goods on their way: the donor of the pledge, and who keeps the store; nobody revokes what they handled
GET    /api/v1/giving/intakes/                              401   200   200   200   200   200   200   200   200   200   200   200   200
POST   /api/v1/giving/intakes/                              401   201   403   403   403   201   404   201   404   201   404   403   201
POST   /api/v1/giving/intakes/{pledge}/receive/             401   403   403   403   403   200   404   200   404   200   404   403   200
POST   /api/v1/giving/intakes/{arrival}/inspect/            401   403   403   403   403   200   404   200   404   200   404   403   200
POST   /api/v1/giving/intakes/{inspection}/sign/            401   200   403   403   403   200   404   200   404   200   404   403   200
POST   /api/v1/giving/intakes/{pledge}/refuse/              401   403   403   403   403   200   404   200   404   200   404   403   200
POST   /api/v1/giving/intakes/{pledge}/withdraw/            401   200   404   404   404   200   404   200   404   200   404   404   200
GET    /api/v1/giving/receipts/{receipt}/verify/            200   200   200   200   200   200   200   200   200   200   200   200   200
POST   /api/v1/giving/receipts/{receipt}/revoke/            401   403   403   403   403   403   404   200   404   200   404   403   200
GET    /api/v1/boards/donors/                       200   200  200  200  200   200   200    200  200  200   200    200   200
GET    /api/v1/boards/honors/                       200   200  200  200  200   200   200    200  200  200   200    200   200
GET    /api/v1/boards/hours/                        200   200  200  200  200   200   200    200  200  200   200    200   200

# pages of donors and of those who receive donated goods
GET    /me/giving/                                          login 200   200   200   200   200   200   200   200   200   200   200   200
POST   /me/giving/claim/                                    login 302   404   404   404   404   404   404   404   404   404   404   404
POST   /me/giving/donors/{own_donor}/                       login 302   404   404   404   404   404   404   404   404   404   404   404
GET    /me/giving/pledge/                                   login 200   302   302   302   302   302   302   302   302   302   302   302
POST   /me/giving/pledge/                                   login 302   302=  302=  302=  302=  302=  302=  302=  302=  302=  302=  302=
GET    /me/giving/{inspection}/                             login 200   404   404   404   404   404   404   404   404   404   404   404
POST   /me/giving/{inspection}/                             login 302   404   404   404   404   404   404   404   404   404   404   404
GET    /manage/giving/                                      login 403   403   403   403   200   200   200   200   200   200   200   200
GET    /manage/giving/donors/                               login 403   403   403   403   200   200   200   200   200   200   200   200
POST   /manage/giving/donors/                               login 403   403   403   403   302   422   302   422   302   422   422   302
GET    /manage/giving/donors/{own_donor}/                   login 403   403   403   403   200   404   200   404   200   404   200   200
POST   /manage/giving/donors/{own_donor}/                   login 403   403   403   403   302   404   302   404   302   404   403   302
GET    /manage/giving/pledge/?donor={own_donor}             login 403   403   403   403   200   404   200   404   200   404   403   200
POST   /manage/giving/pledge/                               login 403   403   403   403   302   404   302   404   302   404   403   302
POST   /manage/giving/donors/{own_donor}/#contact           login 403   403   403   403   302   404   302   404   302   404   403   302
POST   /manage/giving/donors/{asked_donor}/                 login 403   403   403   403   403   404   302   404   302   404   403   302
GET    /manage/giving/money/?donor={own_donor}              login 403   403   403   403   403   403   200   404   200   404   403   200
POST   /manage/giving/money/                                login 403   403   403   403   403   403   302   404   302   404   403   302
GET    /manage/giving/{inspection}/                         login 403   403   403   403   200   404   200   404   200   404   200   200
POST   /manage/giving/{pledge}/                             login 403   403   403   403   302   404   302   404   302   404   403   302
POST   /manage/giving/{inspection}/                         login 403   403   403   403   302   404   302   404   302   404   403   302
GET    /receipts/{receipt}/print/                           login 404   404   404   404   200   404   200   404   200   404   200   200
POST   /receipts/{receipt}/revoke/                          login 403   403   403   403   403   404   302   404   302   404   403   302

# the counter
GET    /counter/                                    login 403  403  403  403   200   200    403  403  403   403    403   403
POST   /counter/                                    login 403  403  403  403   302   404    403  403  403   403    403   403
GET    /counter/suggestions/                        login 403  403  403  403   200   200    403  403  403   403    403   403
GET    /counter/baskets/{basket}/                   login 403  403  403  403   200   404    403  403  403   403    403   403
GET    /counter/offline/                            login 403  403  403  403   200   200    403  403  403   403    403   403
POST   /counter/list/                               login 403  403  403  403   201   404    403  403  403   403    403   403
POST   /counter/list/back/                          login 403  403  403  403   204   404    403  403  403   403    403   403
GET    /manage/returns/                             login 403  403  403  403   200   200    200  200  200   200    403   200
POST   /manage/returns/                             login 403  403  403  403   302   404    302  404  302   404    403   302
POST   /manage/returns/{goods_return}/decide/       login 403  403  403  403   403   404    302  404  302   404    403   302
POST   /manage/offline-lists/{offline_list}/lost/   login 403  403  403  403   403   403    302  404  302   404    403   302

# pages of those who owe the public an answer
GET    /manage/questions/                           login 403  403  403  403   403   403    200  200  200   200    200   200
POST   /manage/questions/{question}/answer/         login 403  403  403  403   403   403    302  404  302   404    403   302
GET    /manage/appeals/                             login 403  403  403  403   403   403    200  200  200   200    200   200
POST   /manage/appeals/                             login 403  403  403  403   403   403    302  400  302   400    403   302
GET    /manage/appeals/{appeal}/                    login 403  403  403  403   403   403    200  404  200   404    200   200
POST   /manage/appeals/{appeal}/#publish            login 403  403  403  403   403   403    302  404  302   404    403   302
POST   /manage/appeals/{appeal}/#gift               login 403  403  403  403   403   403    302  404  302   404    403   302
POST   /manage/appeals/{appeal}/#need               login 403  403  403  403   403   403    302  404  302   404    403   302
POST   /manage/appeals/{appeal}/#close              login 403  403  403  403   403   403    302  404  302   404    403   302
"""
