"""What each action does on the platform, and what must be seen there afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from products.models import Product
from provisioning.connection.links import account_of, open_module
from provisioning.contract import (
    Account,
    MisconfiguredError,
    Module,
    Observed,
    State,
    TemporaryError,
)
from provisioning.engine.attempts import Attempt, budget
from provisioning.engine.commands import BEGINNINGS, Action
from provisioning.engine.observation import with_platform
from provisioning.models import Command, Service

Desired = Service.Desired
DELIVERED = frozenset({Desired.ACTIVE, Desired.SUSPENDED})
SUSPENDED_NOTE = "Suspended for a reason that staff did not write down."


@dataclass(frozen=True, kw_only=True)
class Act:
    """`wanted_while`: in any other desired state the command has been overtaken by events.
    `expected`: what the platform must say afterwards; empty when the act does not show there.
    What a terminated account looks like is the module's to say. `restricts`: whether outgoing mail
    must be stopped afterwards; None when the act is not about that.
    """

    do: Callable[[Module, Account, Attempt], Observed]
    wanted_while: frozenset[str]
    expected: frozenset[State] = frozenset()
    looks_itself: bool = False
    ends: bool = False
    restricts: bool | None = None

    def expected_on(self, module: Module) -> frozenset[State]:
        return module.after_terminate if self.ends else self.expected

    def overtaken_by(self, service: Service) -> str:
        """What is wanted of the service instead; empty when the act is wanted still."""
        if service.desired not in self.wanted_while:
            return f"the service is now to be {Desired(service.desired).label.lower()}"
        if self.restricts in (None, bool(service.restrict_reasons)):
            return ""
        return f"outgoing mail is now to be {'allowed' if self.restricts else 'stopped'}"


def _suspend(module: Module, account: Account, attempt: Attempt) -> Observed:
    reasons = "; ".join(str(text) for text in attempt.command.service.suspend_reasons.values())
    return module.suspend(account, reasons or SUSPENDED_NOTE)


def _restrict(module: Module, account: Account, attempt: Attempt) -> Observed:
    reasons = attempt.command.service.restrict_reasons.values()
    return module.restrict(account, "; ".join(str(text) for text in reasons))


def _change_password(module: Module, account: Account, attempt: Attempt) -> Observed:
    return module.change_password(account, attempt.command.arguments["password"])


ACTS: dict[str, Act] = {
    Action.CREATE: Act(
        do=lambda module, account, attempt: module.create(account, attempt.progress),
        wanted_while=DELIVERED,
        expected=frozenset({State.ACTIVE, State.WAITING}),
        looks_itself=True,
    ),
    Action.ADOPT: Act(
        do=lambda module, account, _attempt: module.adopt(account),
        wanted_while=DELIVERED,
        expected=frozenset({State.ACTIVE, State.WAITING, State.SUSPENDED}),
        looks_itself=True,
    ),
    Action.SUSPEND: Act(
        do=_suspend,
        wanted_while=frozenset({Desired.SUSPENDED}),
        expected=frozenset({State.SUSPENDED}),
    ),
    Action.UNSUSPEND: Act(
        do=lambda module, account, _attempt: module.unsuspend(account),
        wanted_while=frozenset({Desired.ACTIVE}),
        expected=frozenset({State.ACTIVE, State.WAITING}),
    ),
    # A suspension stops all mail, so there is nothing left to restrict.
    Action.RESTRICT: Act(do=_restrict, wanted_while=frozenset({Desired.ACTIVE}), restricts=True),
    Action.UNRESTRICT: Act(
        do=lambda module, account, _attempt: module.unrestrict(account),
        wanted_while=DELIVERED,
        restricts=False,
    ),
    Action.TERMINATE: Act(
        do=lambda module, account, _attempt: module.terminate(account),
        wanted_while=frozenset({Desired.TERMINATED}),
        looks_itself=True,
        ends=True,
    ),
    Action.CHANGE_PACKAGE: Act(
        do=lambda module, account, _attempt: module.change_package(account),
        wanted_while=DELIVERED,
    ),
    Action.CHANGE_PASSWORD: Act(do=_change_password, wanted_while=DELIVERED),
}


def overtaken(command: Command, service: Service) -> str:
    """Why the command is not wanted any more; empty when it is."""
    why = ACTS[command.action].overtaken_by(service)
    return f"Not carried out: {why}." if why else ""


def perform(attempt: Attempt, service: Service) -> tuple[str, ...]:
    """Does it and sees for itself; returns notes for staff. ModuleError, LostLease."""
    if service.server is None:
        raise MisconfiguredError(f"{service} has no server.")
    act = ACTS[attempt.command.action]
    if attempt.command.action == Action.TERMINATE and not ever_ours(service):
        attempt.store(Observed(state=State.MISSING))
        return ("Nothing of ours was ever on the platform, so it was not called.",)
    with open_module(
        service.server, service=service, command=attempt.command, budget=budget()
    ) as module:
        if attempt.number > 1 and act.expected and not act.looks_itself:
            seen = module.observe(_account(attempt.command, service))
            if seen.state in act.expected:
                attempt.store(seen)
                return (*seen.notes, "An earlier attempt had done it already.")
        return _act_and_look(module, attempt, service, act)


def ever_ours(service: Service) -> bool:
    """Whether the platform ever told us, or a creation noted, that an account there is ours. A name
    that turned out to be a stranger's must not be deleted with our service.
    """
    if service.activated_at or service.module_data or service.module_secrets:
        return True
    return service.commands.filter(action__in=BEGINNINGS, status=Command.Status.DONE).exists()


def _act_and_look(module: Module, attempt: Attempt, service: Service, act: Act) -> tuple[str, ...]:
    done = act.do(module, _account(attempt.command, service), attempt)
    attempt.store(done)
    seen = module.observe(_account(attempt.command, with_platform(service.pk)))
    attempt.store(seen)
    expected = act.expected_on(module)
    if expected and seen.state not in expected:
        raise TemporaryError(
            f"The platform accepted the request, but the account is {seen.state}. {seen.detail}",
            maybe_applied=True,
        )
    if act.restricts not in (None, seen.restricted):
        raise TemporaryError(
            "The platform accepted the request, but outgoing mail is as it was.",
            maybe_applied=True,
        )
    return tuple(dict.fromkeys((*done.notes, *seen.notes)))


def _account(command: Command, service: Service) -> Account:
    """In a change of package, with the product and the options it is to have."""
    if command.action != Action.CHANGE_PACKAGE:
        return account_of(service)
    product = Product.objects.get(pk=command.arguments["product"])
    return account_of(service, product=product, options=command.arguments["options"])
