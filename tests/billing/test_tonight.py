from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from billing.models import BillingRun, Claim, DunningEvent, Invoice, SentMail
from billing.nightly.run import run
from billing.nightly.tonight import look
from provisioning.models import Command, ModuleCall
from tests.billing import build
from tests.dunning.build import invoice as overdue

FIRST_OF_APRIL = date(2026, 4, 1)
pytestmark = pytest.mark.usefixtures("seller")


def test_it_says_what_the_night_would_do_and_does_none_of_it():
    build.service(build.product(price="18.00"))
    late = overdue(due_on=date(2026, 3, 15))
    found = look(FIRST_OF_APRIL)
    assert (found.billing.issued, found.billing.totals["EUR"]) == (1, Decimal("18.00"))
    assert [planned.invoice for planned in found.steps] == [late]
    assert ("Invoice", 1) in found.mails
    assert Invoice.objects.count() == 1
    for model in (Claim, BillingRun, DunningEvent, SentMail, Command, ModuleCall):
        assert not model.objects.exists()


def test_the_real_run_issues_what_was_shown():
    for price in ("18.00", "7.49"):
        build.service(build.product(price=price))
    shown = look(FIRST_OF_APRIL).billing
    done = run(FIRST_OF_APRIL)
    assert (done.issued, done.totals) == (shown.issued, shown.totals)


def test_it_stands_beside_the_same_day_of_last_month():
    BillingRun.objects.create(
        business_date=date(2026, 3, 1), status="done", totals={"EUR": "10.00", "USD": "3.00"}
    )
    build.service(build.product(price="18.00"))
    rows = [(row.currency, row.change) for row in look(FIRST_OF_APRIL).differences]
    assert rows == [("EUR", Decimal("8.00")), ("USD", Decimal("-3.00"))]
