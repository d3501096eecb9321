"""What a way to be paid is to the panel: plain data in, plain data out, no model and no request.

A gateway folder imports this contract, `billing.gateways.errors` and `config` alone. Amounts are
Decimals in the currency's own unit. `reference` is ours: the same one is the same charge, however
often it is asked for.
"""

from __future__ import annotations

from abc import ABC
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar

from billing.gateways.errors import GatewayRefused
from provisioning.contract.fields import FieldSet


class Ability(StrEnum):
    INSTRUCTIONS = "instructions"  # text that tells how to pay
    CHECKOUT = "checkout"  # a page of its own on which an invoice is paid
    SAVED_METHODS = "saved_methods"  # keeps cards and charges them while nobody is there
    REFUNDS = "refunds"  # sends money back when asked
    EVENTS = "events"  # tells us by itself what happened


class State(StrEnum):
    OPEN = "open"  # nobody has paid yet
    ACTION = "action"  # the payer must confirm with the bank
    PENDING = "pending"  # under way, such as a bank debit
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class Topic(StrEnum):
    """What an event is about, and so what has to be read again."""

    PAYMENT = "payment"
    PAGE = "page"
    METHOD = "method"
    REFUND = "refund"
    DISPUTE = "dispute"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class Payer:
    """`external_id` is the payer's own at the gateway; blank for one it does not know yet."""

    reference: str
    name: str
    email: str
    external_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Demand:
    """Money wanted for one invoice. `title` is printed for the payer."""

    reference: str
    title: str
    amount: Decimal
    currency: str
    payer: Payer


@dataclass(frozen=True, kw_only=True)
class Urls:
    """Where the payer comes back to."""

    done: str
    back: str


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page of the gateway for the payer to go to."""

    external_id: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Method:
    """A card or mandate that the gateway keeps."""

    external_id: str
    payer_id: str
    label: str
    expires_on: date | None = None
    usable: bool = True


@dataclass(frozen=True, kw_only=True)
class Charge:
    """A payment as the gateway has it now. `reference` is blank where it is not one of ours."""

    external_id: str
    reference: str
    state: State
    amount: Decimal
    currency: str
    payer_id: str = ""
    words: str = ""  # why it failed
    method: Method | None = None  # what it was paid with, where that may be charged again


@dataclass(frozen=True, kw_only=True)
class RefundOrder:
    reference: str
    payment_id: str
    amount: Decimal
    currency: str


@dataclass(frozen=True, kw_only=True)
class RefundState:
    external_id: str
    reference: str
    payment_id: str
    state: State
    amount: Decimal
    currency: str
    words: str = ""


@dataclass(frozen=True, kw_only=True)
class Dispute:
    """Money the payer's bank takes back. `taken`: it is gone from us now."""

    external_id: str
    payment_id: str
    amount: Decimal
    currency: str
    taken: bool
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Event:
    """A notification that really came from the gateway. Its contents are not believed: what it is
    about is read again.
    """

    event_id: str
    kind: str
    topic: Topic
    subject: str = ""  # external id of what to read


@dataclass(frozen=True)
class Instruction:
    label: str
    value: str


@dataclass(frozen=True)
class Gateway(ABC):
    """Made anew for every use from the typed values of `fields`.

    What a gateway has no ability for is never called. Every call may raise GatewayError.
    """

    settings: Mapping[str, Any] = field(repr=False)

    code: ClassVar[str]
    label: ClassVar[str]
    fields: ClassVar[FieldSet] = FieldSet()
    abilities: ClassVar[frozenset[Ability]] = frozenset()

    @classmethod
    def can(cls, ability: Ability) -> bool:
        return ability in cls.abilities

    def check(self) -> str:
        """A sentence on what answers, for "Test connection"."""
        return "There is nothing to connect to."

    def instructions(self, demand: Demand) -> Sequence[Instruction]:
        raise _unable(self, Ability.INSTRUCTIONS)

    def register(self, payer: Payer) -> str:
        """Make the payer known; the external id. Asked twice it is the same one."""
        raise _unable(self, Ability.CHECKOUT)

    def start_checkout(self, demand: Demand, urls: Urls, *, save: bool) -> Page:
        """`save`: the card may be charged later while the payer is away."""
        raise _unable(self, Ability.CHECKOUT)

    def close_checkout(self, page_id: str) -> bool:
        """Whether nobody can pay there any more and nobody has."""
        raise _unable(self, Ability.CHECKOUT)

    def read_page(self, page_id: str) -> Charge | Method | None:
        """What came of a page: a payment, a saved method, or nothing yet."""
        raise _unable(self, Ability.CHECKOUT)

    def start_saving(self, payer: Payer, urls: Urls, *, currency: str, reference: str) -> Page:
        raise _unable(self, Ability.SAVED_METHODS)

    def read_method(self, method_id: str) -> Method:
        raise _unable(self, Ability.SAVED_METHODS)

    def forget_method(self, method_id: str) -> None:
        """Forgetting what is forgotten already is fine."""
        raise _unable(self, Ability.SAVED_METHODS)

    def charge_saved(self, demand: Demand, method_id: str) -> Charge:
        """While nobody is there. A decline is an answer, not an error."""
        raise _unable(self, Ability.SAVED_METHODS)

    def find_charge(self, demand: Demand) -> Charge | None:
        """What an earlier call with this reference came to, after its answer was lost."""
        raise _unable(self, Ability.SAVED_METHODS)

    def read_charge(self, charge_id: str) -> Charge:
        raise _unable(self, Ability.CHECKOUT)

    def refund(self, order: RefundOrder) -> RefundState:
        raise _unable(self, Ability.REFUNDS)

    def find_refund(self, order: RefundOrder) -> RefundState | None:
        raise _unable(self, Ability.REFUNDS)

    def read_refund(self, refund_id: str) -> RefundState:
        raise _unable(self, Ability.REFUNDS)

    def read_dispute(self, dispute_id: str) -> Dispute:
        raise _unable(self, Ability.EVENTS)

    def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> Event:
        """ForgedEvent unless the gateway itself sent this body a short while ago."""
        raise _unable(self, Ability.EVENTS)


def _unable(gateway: Gateway, ability: Ability) -> GatewayRefused:
    return GatewayRefused(f"{gateway.label} has no {ability.value.replace('_', ' ')}.")
