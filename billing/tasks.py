from __future__ import annotations

from celery import shared_task

from billing import run as billing_run
from config import clock


@shared_task
def run_billing() -> None:
    billing_run.run(clock.today())
