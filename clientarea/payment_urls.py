"""Paying, payments and cards. Included by the client area's own URLs."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from clientarea.views import paying, payments

urlpatterns: list[URLPattern | URLResolver] = [
    path("invoices/<str:public_id>/pay/<slug:gateway>", paying.start, name="invoice_pay"),
    path("invoices/<str:public_id>/paid", paying.back, name="invoice_paid"),
    path("invoices/<str:public_id>/credit", paying.use_credit, name="invoice_use_credit"),
    path("invoices/<str:public_id>/charge", paying.charge, name="invoice_charge"),
    path("payments/", payments.index, name="payments"),
    path("payments/statement", payments.account, name="statement"),
    path("cards/", payments.cards, name="cards"),
    path("cards/add/<slug:gateway>", payments.card_add, name="card_add"),
    path("cards/added", payments.card_added, name="card_added"),
    path("cards/<str:card>/default", payments.card_default, name="card_default"),
    path("cards/<str:card>/remove", payments.card_remove, name="card_remove"),
]
