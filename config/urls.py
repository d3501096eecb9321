from __future__ import annotations

from django.urls import include, path

from config import health

urlpatterns = [
    path("healthz", health.alive, name="health"),
    path("healthz/ready", health.ready, name="ready"),
    path("admin/", include("backoffice.urls")),
    path("accounts/", include("allauth.urls")),
    path("order/", include("clientarea.shop_urls")),
    path("", include("accounts.urls")),
    path("", include("billing.urls")),
    path("", include("clientarea.urls")),
]
