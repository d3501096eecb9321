from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, URLResolver, path

app_name = "clientarea"


def _soon(request: HttpRequest) -> HttpResponse:
    return render(request, "base.html")


urlpatterns: list[URLPattern | URLResolver] = [
    path("", _soon, name="home"),
    path("invoices/", _soon, name="invoices"),
    path("company/", _soon, name="company"),
    path("team/", _soon, name="team"),
]
