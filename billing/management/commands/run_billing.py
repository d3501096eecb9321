from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser

from billing.documents.sellers import seller
from billing.models import Invoice
from billing.nightly.run import BATCH, RunReport, Watch, count_due, run
from config import clock
from config.money import format_money
from provisioning.models import Service


class Command(BaseCommand):
    help = "Invoice everything that is due. Running it twice bills nothing twice."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--date", type=date.fromisoformat, help="business date, YYYY-MM-DD")
        parser.add_argument("--dry-run", action="store_true", help="show what would be issued")
        parser.add_argument(
            "--unguarded", action="store_true", help="go on although far more is billed than usual"
        )
        parser.add_argument("--batch", type=int, default=BATCH, help="customers per transaction")

    def handle(self, *args: Any, **options: Any) -> None:
        business_date = options["date"] or clock.today()
        try:
            report = run(
                business_date,
                dry_run=options["dry_run"],
                batch=options["batch"],
                guarded=not options["unguarded"],
                watch=self._progress(business_date),
            )
        except (ValueError, ImproperlyConfigured) as error:
            raise CommandError(str(error)) from error
        self._show(report)

    def _progress(self, business_date: date) -> Watch | None:
        """A bar, where somebody watches."""
        if not self.stdout.isatty():
            return None
        due = count_due(business_date, seller().lead_days)

        def show(report: RunReport) -> None:
            share = min(1.0, report.billed_services / due) if due else 1.0
            bar = "█" * round(40 * share)
            self.stdout.write(f"\r{bar:░<40} {report.billed_services:,} of {due:,}", ending="")
            self.stdout.flush()

        return show

    def _show(self, report: RunReport) -> None:
        if self.stdout.isatty():
            self.stdout.write("")
        for draft in report.drafts:
            self._show_invoice(draft.invoice)
            for line in draft.lines:
                amount = format_money(line.amount, draft.invoice.currency)
                self.stdout.write(f"    {line.description}: {amount}")
        verb = "would issue" if report.dry_run else "issued"
        self.stdout.write(
            f"{report.business_date}: {verb} {report.issued} invoices for"
            f" {report.billed_services} services, {report.held} held for a person."
        )
        for currency, total in sorted(report.totals.items()):
            self.stdout.write(f"  {format_money(total, currency)}")
        self._show_failures(report)
        if report.stopped:
            self.stderr.write(report.stopped)

    def _show_invoice(self, invoice: Invoice) -> None:
        total = format_money(invoice.total, invoice.currency)
        held = f" – held: {invoice.hold_reason}" if invoice.hold_reason else ""
        self.stdout.write(f"  {invoice.customer}: {total}{held}")

    def _show_failures(self, report: RunReport) -> None:
        domains = Service.objects.in_bulk(report.failures)
        for service, error in report.failures.items():
            self.stderr.write(f"  {domains[service]}: {error}")
