"""What the test cards and accounts of Stripe's documentation do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Card:
    """`declines` names Stripe's decline code; `kept_but_declines` lets itself be saved first.

    `asks`: "always", "once" (not again after it was saved), or blank.
    """

    number: str
    label: str
    brand: str = "visa"
    type: str = "card"
    declines: str = ""
    kept_but_declines: bool = False
    asks: str = ""
    disputed: bool = False

    @property
    def is_debit(self) -> bool:
        return self.type == "sepa_debit"


SENTENCES = {
    "generic_decline": "Your card was declined.",
    "insufficient_funds": "Your card has insufficient funds.",
    "expired_card": "Your card has expired.",
    "debit_not_authorized": "The bank debit was not authorized by the account holder.",
}
CARDS = {
    card.number: card
    for card in (
        Card(number="4242424242424242", label="Visa, pays"),
        Card(number="5555555555554444", label="Mastercard, pays", brand="mastercard"),
        Card(number="4000002500003155", label="Visa, asks for a confirmation once", asks="once"),
        Card(number="4000002760003184", label="Visa, asks every time", asks="always"),
        Card(
            number="4000000000009995",
            label="Visa, has no money on it",
            declines="insufficient_funds",
        ),
        Card(number="4000000000000002", label="Visa, is declined", declines="generic_decline"),
        Card(
            number="4000000000000341",
            label="Visa, can be saved and is declined later",
            declines="generic_decline",
            kept_but_declines=True,
        ),
        Card(number="4000000000000259", label="Visa, pays and is disputed", disputed=True),
        Card(number="AT611904300234573201", label="SEPA debit, takes days", type="sepa_debit"),
        Card(
            number="AT861904300235473202",
            label="SEPA debit, comes back unpaid",
            type="sepa_debit",
            declines="debit_not_authorized",
        ),
    )
}
