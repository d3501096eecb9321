from __future__ import annotations

from django.urls import path

from accounts.views import invites, languages, setup, viewing

app_name = "accounts"
urlpatterns = [
    path("setup/", setup.first_owner, name="setup"),
    path("invite/<str:key>/", invites.invite, name="invite"),
    path("language/", languages.choose, name="language"),
    path("customer/switch/", viewing.switch, name="switch_customer"),
    path("view-as/end/", viewing.end_impersonation, name="impersonation_end"),
    path("view-as/<str:public_id>/", viewing.start_impersonation, name="impersonation_start"),
]
