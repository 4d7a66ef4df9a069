"""Addresses of the market, below /api/v1/."""

from django.urls import path

from points.market import api, slot_api

urlpatterns = [
    path("market/stores/", api.StoreList.as_view(), name="store-list"),
    path("market/products/", api.ProductList.as_view(), name="product-list"),
    path("market/slots/", slot_api.SlotList.as_view(), name="slot-list"),
    path("market/slots/<int:pk>/", slot_api.SlotDetail.as_view(), name="slot-detail"),
    path("market/redemptions/", api.RedemptionList.as_view(), name="redemption-list"),
    path("market/redemptions/<int:pk>/", api.RedemptionDetail.as_view(), name="redemption-detail"),
    path("market/redemptions/<int:pk>/collect/", api.RedemptionCollect.as_view(), name="redemption-collect"),
    path("market/redemptions/<int:pk>/cancel/", api.RedemptionCancel.as_view(), name="redemption-cancel"),
]
