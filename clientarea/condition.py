"""How a service stands, in the customer's words, and what they may do about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clientarea.platform import Platform
from config import clock
from provisioning.models import Command, Server, Service

Text = str | Promise
Desired, Observed = Service.Desired, Service.Observed


@dataclass(frozen=True, kw_only=True)
class Condition:
    """`tone` is one of good, info, warn, bad. `step` is where the next step is, if there is one.

    `begun`: the platform knows of the account, be it unfinished; `ready`: it is there to be used;
    `writable`: the customer may change it.
    """

    word: Text
    tone: str
    text: Text = ""
    step: str = ""
    begun: bool = False
    ready: bool = False
    writable: bool = False


ACTIVE = Condition(word=_("Active"), tone="good", ready=True, writable=True)
ENDED = Condition(
    word=_("Ended"),
    tone="info",
    text=_("This service has ended. Its invoices stay available."),
    step="invoices",
)
ORDERED = {
    "on_payment": _("It is set up as soon as its first invoice is paid."),
    "on_approval": _("We look at the order first and set the service up after that."),
    "on_order": _("It is set up within a few minutes. Reload this page to see how far it is."),
}
SETTING_UP = Condition(
    word=_("Being set up"),
    tone="info",
    text=_("The account is being created. Reload this page in a minute."),
)
HELD_UP = Condition(
    word=_("Set-up delayed"),
    tone="warn",
    text=_(
        "Setting up takes longer than usual. We have been told; there is nothing you need to do."
    ),
)
LOST = Condition(
    word=_("Not found"),
    tone="warn",
    text=_("The mail platform does not show this account at the moment. We have been told."),
)
WAITING = Condition(
    word=_("Waiting"),
    tone="warn",
    text=_("One thing is needed before the service can start. The DNS guide says what."),
    step="dns",
    begun=True,
)
WAITING_FOR_PROOF = Condition(
    word=_("Waiting"),
    tone="warn",
    text=_("Add this record to the DNS of your domain. It proves that the domain is yours."),
    step="proof",
    begun=True,
)
TOO_LATE = Condition(
    word=_("Not proven in time"),
    tone="warn",
    text=_(
        "The record that proves the domain to be yours was not there in time. Start again to"
        " get a new one."
    ),
    step="start_again",
)
UNPAID = Condition(
    word=_("Suspended"),
    tone="bad",
    text=_(
        "The service is suspended because an invoice is overdue. It is released once it is paid."
    ),
    step="invoices",
    ready=True,
)
SUSPENDED = Condition(
    word=_("Suspended"),
    tone="bad",
    text=_("The service is suspended. Nothing is deleted. Please contact us to have it released."),
    ready=True,
)
MAIL_STOPPED_UNPAID = Condition(
    word=_("Cannot send"),
    tone="warn",
    text=_(
        "Outgoing mail is stopped because an invoice is overdue. Incoming mail still arrives and"
        " sign-in works. Mail can be sent again once it is paid."
    ),
    step="invoices",
    ready=True,
    writable=True,
)
MAIL_STOPPED = Condition(
    word=_("Cannot send"),
    tone="warn",
    text=_(
        "Outgoing mail is stopped. Incoming mail still arrives and sign-in works. Please contact"
        " us to be able to send again."
    ),
    ready=True,
    writable=True,
)
SILENT = Condition(
    word=_("Not reachable"),
    tone="warn",
    text=_(
        "The mail platform does not answer at the moment. What you see is what we saw last; "
        "changes will work again when it answers. Try again in a few minutes."
    ),
    ready=True,
    writable=True,
)
UNCERTAIN = Condition(
    word=_("Being checked"),
    tone="warn",
    text=_("The state of this service is being checked. Reload this page in a few minutes."),
    ready=True,
    writable=True,
)


def of(service: Service) -> Condition:
    """The first row of the table that fits."""
    return next(build(service) for fits, build in _TABLE if fits(service))


def _pending(service: Service) -> Condition:
    return Condition(word=_("Ordered"), tone="info", text=ORDERED[service.product.setup_type])


def _waiting(service: Service) -> Condition:
    return WAITING_FOR_PROOF if Platform.of(service).proof else WAITING


def _missing(service: Service) -> Condition:
    if service.activated_at is not None:
        return LOST
    latest = service.commands.filter(action=Command.Action.CREATE).first()
    if latest and latest.status in (Command.Status.ATTENTION, Command.Status.FAILED):
        return HELD_UP
    done = latest is not None and latest.status == Command.Status.DONE
    proof = Platform.of(service).proof if done else None
    return TOO_LATE if proof and proof.expired else SETTING_UP


def _suspended(service: Service) -> Condition:
    return UNPAID if "dunning" in service.suspend_reasons else SUSPENDED


def _restricted(service: Service) -> Condition:
    return MAIL_STOPPED_UNPAID if "dunning" in service.restrict_reasons else MAIL_STOPPED


def _is_missing(service: Service) -> bool:
    """A product that no platform delivers has no server, and is there all the same."""
    unplaced = service.server is None and bool(service.product.module)
    return unplaced or service.observed == Observed.MISSING


def _is_suspended(service: Service) -> bool:
    return service.desired == Desired.SUSPENDED or service.observed == Observed.SUSPENDED


def _is_silent(service: Service) -> bool:
    server = service.server
    if server is None:
        return False
    paused = server.paused_until is not None and server.paused_until > clock.now()
    return paused or server.health in (Server.Health.DOWN, Server.Health.MISCONFIGURED)


_TABLE: tuple[tuple[Callable[[Service], bool], Callable[[Service], Condition]], ...] = (
    (lambda service: service.ended, lambda service: ENDED),
    (lambda service: service.desired == Desired.PENDING, _pending),
    (lambda service: service.observed == Observed.WAITING, _waiting),
    (_is_missing, _missing),
    (_is_suspended, _suspended),
    (_is_silent, lambda service: SILENT),
    (lambda service: service.restricted, _restricted),
    (lambda service: service.observed == Observed.UNKNOWN, lambda service: UNCERTAIN),
    (lambda service: True, lambda service: ACTIVE),
)
