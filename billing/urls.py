from __future__ import annotations

from django.urls import path

from billing import webhooks

app_name = "billing"
urlpatterns = [path("payments/<slug:gateway>/events/", webhooks.receive, name="gateway_events")]
