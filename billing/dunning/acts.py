"""What each step does to an invoice that its caller has locked; the answer is the outcome kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from billing.consequences import DUNNING
from billing.dunning import late_fees
from billing.dunning.cases import Known
from billing.mail import facts
from billing.mail.queue import queue
from billing.models import DunningStep, TerminationRequest
from provisioning import restrictions, services
from provisioning.models import Server, Service

WAITING = "waiting to be charged"  # the gateway is asked after the transaction
NOT_SUPPORTED = "the platform cannot restrict outgoing mail alone"
LIVE = (Service.Desired.ACTIVE, Service.Desired.SUSPENDED)

Act = Callable[[Known, DunningStep, date], str]


class Delayed(Exception):
    """The step is not taken today; the text says why, for staff."""


def take(known: Known, step: DunningStep, on: date) -> str:
    """Inside the transaction that records the step. Delayed."""
    return _ACTS[step.action](known, step, on)


def _remind(known: Known, step: DunningStep, on: date) -> str:
    _write(known, step, step.template)
    return f"reminder to {known.invoice.customer.email}"


def _charge(known: Known, step: DunningStep, on: date) -> str:
    return WAITING


def _late_fee(known: Known, step: DunningStep, on: date) -> str:
    document = late_fees.charge(known.invoice, step, on=on)
    return f"late fee {document}" if document else "no fee: it would be nothing"


def _restrict(known: Known, step: DunningStep, on: date) -> str:
    """Where the platform cannot, or all mail is stopped already, nothing is done and nobody told of
    it.
    """
    open_now = [each for each in known.services if each.desired == Service.Desired.ACTIVE]
    able = [each for each in open_now if restrictions.can_restrict(each)]
    new = [each for each in able if DUNNING not in each.restrict_reasons]
    _not_while_down(new, "restricted")
    for service in new:
        restrictions.restrict(
            service,
            reason_code=DUNNING,
            reason=f"Invoice {known.invoice} is overdue.",
            cause=f"dunning:{known.invoice.pk}:{step.pk}",
        )
        _write(known, step, step.template, service)
    unable = [f"{each.domain}: {NOT_SUPPORTED}" for each in open_now if each not in able]
    return "; ".join([*(each.domain for each in able), *unable]) or "nothing to restrict"


def _suspend(known: Known, step: DunningStep, on: date) -> str:
    found = [each for each in known.services if _is_delivered(each)]
    _not_while_down(found, "suspended")
    for service in found:
        services.suspend(
            service,
            reason_code=DUNNING,
            reason=f"Invoice {known.invoice} is overdue.",
            cause=f"dunning:{known.invoice.pk}:{step.pk}",
        )
        _write(known, step, step.template, service)
    return ", ".join(each.domain for each in found) or "nothing to suspend"


def _terminate(known: Known, step: DunningStep, on: date) -> str:
    found = [each for each in known.services if each.desired in LIVE]
    for service in found:
        TerminationRequest.objects.get_or_create(
            service=service,
            invoice=known.invoice,
            defaults={"not_before": on + timedelta(days=step.hold_days)},
        )
    return ", ".join(each.domain for each in found) or "nothing to terminate"


def _not_while_down(found: Sequence[Service], participle: str) -> None:
    """Delayed."""
    down = [each for each in found if each.server and each.server.health == Server.Health.DOWN]
    if down:
        raise Delayed(f"{down[0].server} is down, so {down[0].domain} is not {participle} yet.")


def _is_delivered(service: Service) -> bool:
    return service.desired in LIVE and DUNNING not in service.suspend_reasons


def _write(known: Known, step: DunningStep, code: str, service: Service | None = None) -> None:
    if not code:
        return
    key, values = f"dunning:{known.invoice.pk}:{step.pk}", facts.of_invoice(known.invoice)
    if service is not None:
        key, values = f"{key}:{service.pk}", values | facts.of_service(service)
    queue(code, key, known.invoice.customer, values)


_ACTS: dict[str, Act] = {
    DunningStep.Action.REMIND: _remind,
    DunningStep.Action.CHARGE: _charge,
    DunningStep.Action.LATE_FEE: _late_fee,
    DunningStep.Action.RESTRICT: _restrict,
    DunningStep.Action.SUSPEND: _suspend,
    DunningStep.Action.TERMINATE: _terminate,
}
