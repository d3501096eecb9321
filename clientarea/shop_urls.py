from __future__ import annotations

from django.urls import path

from clientarea.views import checkout, shop

app_name = "shop"
urlpatterns = [
    path("", shop.index, name="index"),
    path("products/<int:pk>/", shop.product, name="product"),
    path("products/<int:pk>/price", shop.price, name="price"),
    path("cart/", shop.cart_page, name="cart"),
    path("cart/<int:position>/remove", shop.remove, name="remove"),
    path("account/", checkout.account, name="account"),
    path("review/", checkout.review, name="review"),
    path("thanks/<str:public_id>/", checkout.thanks, name="thanks"),
]
