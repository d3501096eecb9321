from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.conf import settings

from billing.dunning import run as dunning
from billing.mail import causes, limits, sending
from billing.models import BillingRun, Invoice
from billing.nightly import dry_runs
from billing.nightly import run as billing_run
from billing.orders import cancellations, decide
from billing.payments import auto_credit, collect, events, sweep
from billing.taxation import checks
from config import clock


@shared_task
def run_billing() -> None:
    begin_run.delay(billing_run.start(clock.today(), shards=settings.BILLING_SHARDS).pk)


@shared_task
def begin_run(run_id: int) -> None:
    row = BillingRun.objects.get(pk=run_id)
    billing_run.prepare(row.business_date)
    for shard in range(row.shards):
        bill_shard.delay(row.pk, shard)


@shared_task
def bill_shard(run_id: int, shard: int) -> None:
    billing_run.bill_shard(BillingRun.objects.get(pk=run_id), shard)


@shared_task
def work_dry_run(dry_run_id: int) -> None:
    dry_runs.work(dry_run_id)


@shared_task
def run_dunning() -> None:
    dunning.run(clock.today())


@shared_task
def check_vat_numbers() -> None:
    checks.check_all()


@shared_task
def check_vat_numbers_ahead() -> None:
    """Of the next run, which is tomorrow's when today's hour has passed."""
    hour = clock.now().astimezone(clock.business_zone()).hour
    checks.check_ahead(clock.today() + timedelta(days=hour >= settings.BILLING_HOUR))


@shared_task
def announce() -> None:
    causes.announce()


@shared_task
def warn_of_limits() -> None:
    limits.warn_of_limits()


@shared_task
def send_mail(mail_id: int) -> None:
    sending.send(mail_id)


@shared_task
def sweep_mail() -> None:
    sending.sweep()


@shared_task
def carry_out_cancellations() -> None:
    cancellations.carry_out(clock.today())


@shared_task
def expire_orders() -> None:
    decide.expire(clock.today())


@shared_task
def work_off_event(event_id: int) -> None:
    events.work_off(event_id)


@shared_task
def collect_invoice(invoice_id: int) -> None:
    invoice = Invoice.objects.select_related("customer").filter(pk=invoice_id).first()
    if invoice:
        collect.charge(invoice)


@shared_task
def sweep_payments() -> None:
    sweep.sweep()


@shared_task
def look_again_at_payments() -> None:
    sweep.look_again()


@shared_task
def use_account_credit() -> None:
    """Yesterday too: what was issued just before midnight is not forgotten."""
    for days in (1, 0):
        auto_credit.use_for_new(clock.today() - timedelta(days=days))
