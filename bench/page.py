"""The mailbox page of the client area, as a signed-in customer gets it."""

from __future__ import annotations

import statistics
import time
from typing import Any

from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import Membership, User
from accounts.roles import CustomerRole
from bench import data
from bench.meter import metered, peak_mib
from config import clock
from provisioning.models import DirectorySync, Mailbox, Service

ROUNDS = 30
MB = 1024**2


def build(size: int) -> None:
    (service,) = data.services(data.product(), data.server(), 1)
    Mailbox.objects.bulk_create((_mailbox(service, number) for number in range(size)), 1000)
    DirectorySync.objects.create(service=service, synced_at=clock.now())
    user = User.objects.create_user("owner@example.net")
    Membership.objects.create(user=user, customer=service.customer, role=CustomerRole.OWNER)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def measure(size: int) -> dict[str, Any]:
    client = Client()
    client.force_login(User.objects.get())
    page = reverse("clientarea:mailboxes", args=[Service.objects.get().public_id])
    last = -(-size // 50)
    first, count = _timed(client, page)
    far, _ = _timed(client, f"{page}?page={last}")
    search, _ = _timed(client, f"{page}?q=user{size - 1}")
    return {
        "time": f"{first:.1f} ms",
        "queries": str(count),
        "peak": peak_mib(),
        "note": f"last page {far:.1f} ms, search {search:.1f} ms",
    }


def _timed(client: Client, url: str) -> tuple[float, int]:
    """Median milliseconds, and statements of one request. The first ones fill caches."""
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        answer = client.get(url)
        times.append((time.perf_counter() - started) * 1000)
        if answer.status_code != 200:
            raise SystemExit(f"{url} answered {answer.status_code}")
    with metered() as meter:
        client.get(url)
    return statistics.median(times), meter.statements


def _mailbox(service: Service, number: int) -> Mailbox:
    address = f"user{number}@{service.domain}"
    return Mailbox(
        service=service,
        address=address,
        display_name=f"User {number}",
        size_bytes=number * MB,
        features=["eas"] if number % 5 == 0 else [],
        search=address,
    )
