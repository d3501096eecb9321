from __future__ import annotations

from celery import shared_task

from billing import run as billing_run
from billing.orders import cancellations
from config import clock


@shared_task
def run_billing() -> None:
    billing_run.run(clock.today())


@shared_task
def carry_out_cancellations() -> None:
    cancellations.carry_out(clock.today())
