"""Addresses of the stockroom, below /api/v1/."""

from django.urls import path

from points.stockroom import api, recall_api, transfer_api

urlpatterns = [
    path("market/stock-counts/", api.CountList.as_view(), name="stock-count-list"),
    path("market/stock-counts/<int:pk>/", api.CountDetail.as_view(), name="stock-count-detail"),
    path("market/stock-counts/<int:pk>/lines/", api.CountLines.as_view(), name="stock-count-lines"),
    path("market/stock-counts/<int:pk>/close/", api.CountClose.as_view(), name="stock-count-close"),
    path("market/stock-counts/<int:pk>/reopen/", api.CountReopen.as_view(), name="stock-count-reopen"),
    path("market/stock-counts/<int:pk>/abandon/", api.CountAbandon.as_view(), name="stock-count-abandon"),
    path("market/stock-counts/<int:pk>/approve/", api.CountApprove.as_view(), name="stock-count-approve"),
    path("market/transfers/", transfer_api.TransferList.as_view(), name="transfer-list"),
    path("market/transfers/<int:pk>/", transfer_api.TransferDetail.as_view(), name="transfer-detail"),
    path(
        "market/transfers/<int:pk>/receive/", transfer_api.TransferReceive.as_view(), name="transfer-receive"
    ),
    path("market/transfers/<int:pk>/loss/", transfer_api.TransferLoss.as_view(), name="transfer-loss"),
    path("market/transfers/<int:pk>/cancel/", transfer_api.TransferCancel.as_view(), name="transfer-cancel"),
    path("market/recalls/", recall_api.RecallList.as_view(), name="recall-list"),
    path("market/recalls/<int:pk>/", recall_api.RecallDetail.as_view(), name="recall-detail"),
    path(
        "market/recalls/<int:pk>/recipients/", recall_api.RecallRecipients.as_view(), name="recall-recipients"
    ),
    path("market/recalls/<int:pk>/write-off/", recall_api.RecallWriteOff.as_view(), name="recall-write-off"),
    path("market/recalls/<int:pk>/lift/", recall_api.RecallLift.as_view(), name="recall-lift"),
]
