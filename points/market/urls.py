"""Addresses of the market, below /api/v1/."""

from django.urls import path

from points.market import api, counter_api, slot_api

urlpatterns = [
    path("market/stores/", api.StoreList.as_view(), name="store-list"),
    path("market/products/", api.ProductList.as_view(), name="product-list"),
    path("market/slots/", slot_api.SlotList.as_view(), name="slot-list"),
    path("market/slots/<int:pk>/", slot_api.SlotDetail.as_view(), name="slot-detail"),
    path("market/redemptions/", api.RedemptionList.as_view(), name="redemption-list"),
    path("market/redemptions/<int:pk>/", api.RedemptionDetail.as_view(), name="redemption-detail"),
    path("market/redemptions/<int:pk>/collect/", api.RedemptionCollect.as_view(), name="redemption-collect"),
    path("market/redemptions/<int:pk>/cancel/", api.RedemptionCancel.as_view(), name="redemption-cancel"),
    path(
        "market/redemptions/<int:pk>/confirm/",
        counter_api.RedemptionConfirm.as_view(),
        name="redemption-confirm",
    ),
    path(
        "market/redemptions/<int:pk>/confirmation-code/",
        counter_api.RedemptionCode.as_view(),
        name="redemption-confirmation-code",
    ),
    path("market/redemptions/collect-batch/", counter_api.CollectBatch.as_view(), name="collect-batch"),
    path("market/returns/", counter_api.ReturnList.as_view(), name="return-list"),
    path("market/returns/<int:pk>/decide/", counter_api.ReturnDecide.as_view(), name="return-decide"),
    path("market/offline-lists/", counter_api.OfflineLists.as_view(), name="offline-list-list"),
    path(
        "market/offline-lists/<str:serial>/give-back/",
        counter_api.OfflineGiveBack.as_view(),
        name="offline-list-give-back",
    ),
]
