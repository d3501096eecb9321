"""Asking the EU's service about customers' VAT numbers, and what its answers lead to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

import structlog
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import Customer
from billing.documents.sellers import seller
from billing.models import VatCheck, VatStatus
from billing.nightly.batches import due_services
from billing.taxation import relief, vies
from billing.taxation.countries import EU
from billing.taxation.vat_numbers import clean, problem
from config import clock
from config.periods import CYCLES
from provisioning.models import Service

log = structlog.get_logger(__name__)

ASK_AGAIN = timedelta(days=30)
RETRY = timedelta(hours=6)  # after silence
# Before an invoice for a year or more: a day, and hours so that each day's check comes in time.
FRESH = timedelta(hours=20)
RETRY_AHEAD = timedelta(minutes=30)
LONG = [cycle.code for cycle in CYCLES.values() if cycle.months >= 12]
AT_MOST = timedelta(minutes=10)
GIVE_UP = 3  # silences in a row: the service is down, the rest can wait for the next time


def check(customer: Customer) -> VatCheck:
    """Ask now, and keep what was said. ValidationError: tax_number, when there is nothing to ask.

    The call is made outside of any transaction. Silence leaves the last answer as it was.
    """
    number = clean(customer.tax_number, customer.country)
    if not number:
        text = problem(customer.tax_number, customer.country)
        raise ValidationError({"tax_number": text or _("This is not an EU VAT number.")})
    us = seller()
    requester = clean(us.tax_number, us.country)
    row = VatCheck(customer=customer, number=number, requester=requester, at=clock.now())
    try:
        answer = vies.ask(number, requester=requester)
    except vies.NoAnswer as silence:
        row.trouble = str(silence)[:120]
    else:
        row.answer = VatStatus.Answer.VALID if answer.valid else VatStatus.Answer.INVALID
        row.consultation, row.name, row.address = answer.consultation, answer.name, answer.address
    with transaction.atomic():
        _keep(row)
        if row.answer == VatStatus.Answer.VALID:
            relief.give_back(customer, row)
    return row


def due(now: datetime) -> Iterator[Customer]:
    """Customers elsewhere in the EU whose number was not asked for lately, each once."""
    return _asked_before(_elsewhere(), now - ASK_AGAIN, tried=now - RETRY)


def due_ahead(business_date: date, now: datetime) -> Iterator[Customer]:
    """Those of them whom a run would invoice for a year or more: their answer is to be fresh."""
    lead_days = seller().lead_days
    long = Service.objects.filter(due_services(business_date, lead_days), cycle__in=LONG)
    rows = _elsewhere().filter(pk__in=long.values("customer"))
    return _asked_before(rows, now - FRESH, tried=now - RETRY_AHEAD)


def _elsewhere() -> QuerySet[Customer]:
    home = seller().country.upper()
    if home not in EU:
        return Customer.objects.none()
    rows = Customer.objects.filter(country__in=EU - {home}, tax_exempt=False)
    return rows.exclude(tax_number="")


def _asked_before(
    rows: QuerySet[Customer], answered: datetime, *, tried: datetime
) -> Iterator[Customer]:
    known = ~Q(vat__answer="") & Q(vat__answered_at__gt=answered)
    rows = rows.select_related("vat").order_by(F("vat__tried_at").asc(nulls_first=True), "pk")
    recent = rows.filter(known | Q(vat__tried_at__gt=tried))
    settled = set(recent.values_list("pk", "vat__number"))
    for customer in rows.iterator(chunk_size=500):
        number = clean(customer.tax_number, customer.country)
        if number and (customer.pk, number) not in settled:
            yield customer


def check_all() -> int:
    return _check_each(due(clock.now()))


def check_ahead(business_date: date) -> int:
    """Before the run of a day, which never asks: what stays unanswered keeps its last answer."""
    return _check_each(due_ahead(business_date, clock.now()))


def _check_each(customers: Iterable[Customer]) -> int:
    """How many got an answer. A service that stays silent is left alone until the next time, and
    who does not come up within the time of a task is the first of the next one.
    """
    until = clock.now() + AT_MOST
    answered = silent = 0
    for customer in customers:
        if clock.now() > until:
            break
        row = check(customer)
        answered += bool(row.answer)
        silent = 0 if row.answer else silent + 1
        if silent >= GIVE_UP:
            log.warning("VAT numbers are not checked: no answer", trouble=row.trouble)
            break
    return answered


def _keep(row: VatCheck) -> None:
    row.save()
    status, _created = VatStatus.objects.select_for_update().get_or_create(
        customer=row.customer, defaults={"number": row.number}
    )
    before = audit.facts(status)
    if status.number != row.number:
        status.number, status.answer, status.answered_at = row.number, "", None
        status.consultation = ""
    status.tried_at, status.trouble = row.at, row.trouble
    if row.answer:
        status.answer, status.answered_at = row.answer, row.at
        status.consultation = row.consultation
    status.save()
    audit.record("vat_number.checked", status, before=before, after=audit.facts(status))
