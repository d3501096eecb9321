"""The built-in texts, with the names they may use. Staff may replace each, per language."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.translation import gettext_noop as _

COMMON = {
    "customer": "Acme Ltd",
    "name": "Ada Example",
    "seller": "Northwind Mail",
    "panel": "https://panel.example.com",
}
DOCUMENT = {
    "number": "INV-2026-00017",
    "total": "21.42 EUR",
    "open": "21.42 EUR",
    "issued": "1 Jul 2026",
    "due": "15 Jul 2026",
    "link": "https://panel.example.com/invoices/x/",
}
SERVICE = {"service": "example.com", "product": "E-mail hosting"}
GREETING, CLOSING = _("{{ name }},"), "\n\n{{ seller }}\n"


@dataclass(frozen=True, kw_only=True)
class Text:
    """`samples` are the placeholders a text may use, each with a value for the preview."""

    label: str
    subject: str
    body: str
    samples: dict[str, str] = field(default_factory=dict)

    @property
    def placeholders(self) -> dict[str, str]:
        return COMMON | self.samples


def _text(label: str, subject: str, body: str, samples: dict[str, str]) -> Text:
    return Text(label=label, subject=subject, body=body, samples=samples)


TEXTS: dict[str, Text] = {
    "order_received": _text(
        _("Order received"),
        _("Your order {{ order }}"),
        _(
            "thank you for your order {{ order }}:\n\n{{ items }}\n\n"
            "You can follow it here: {{ panel }}"
        ),
        {"order": "17", "items": "E-mail hosting for example.com"},
    ),
    "service_ready": _text(
        _("Service ready"),
        _("{{ service }} is ready"),
        _(
            "{{ product }} for {{ service }} is ready. Mailboxes, DNS records and set-up guides"
            " are waiting for you here: {{ link }}"
        ),
        SERVICE | {"link": "https://panel.example.com/services/x/"},
    ),
    "invoice_issued": _text(
        _("Invoice"),
        _("Invoice {{ number }}"),
        _(
            "please find attached invoice {{ number }} over {{ total }}, due on {{ due }}."
            "\n\nIt can also be read and paid here: {{ link }}"
        ),
        DOCUMENT,
    ),
    "credit_note_issued": _text(
        _("Credit note"),
        _("Credit note {{ number }}"),
        _("please find attached credit note {{ number }} over {{ total }}.\n\n{{ reason }}"),
        DOCUMENT | {"reason": "One unit was billed too many."},
    ),
    "payment_received": _text(
        _("Payment received"),
        _("We received {{ amount }}"),
        _("thank you: we received your payment of {{ amount }} on {{ received }}."),
        {"amount": "21.42 EUR", "received": "5 Jul 2026"},
    ),
    "payment_failed": _text(
        _("Payment failed"),
        _("Your payment for invoice {{ number }} failed"),
        _(
            "we could not collect {{ open }} for invoice {{ number }}. Please check your means of"
            " payment, or pay here: {{ link }}"
        ),
        DOCUMENT,
    ),
    "card_expires": _text(
        _("Saved card expires"),
        _("{{ card }} expires on {{ expires }}"),
        _(
            "your invoices are charged to {{ card }}, which expires on {{ expires }}. Nothing is"
            " charged to it after that day. Please leave another card in good time: {{ link }}"
        ),
        {
            "card": "Visa ending 4242",
            "expires": "31 Jul 2026",
            "link": "https://panel.example.com/cards/",
        },
    ),
    "reminder_before": _text(
        _("Reminder before the due date"),
        _("Invoice {{ number }} is due on {{ due }}"),
        _(
            "this is to remind you that {{ open }} of invoice {{ number }} fall due on {{ due }}:"
            " {{ link }}"
        ),
        DOCUMENT,
    ),
    "reminder_first": _text(
        _("First reminder"),
        _("Invoice {{ number }} is overdue"),
        _(
            "{{ open }} of invoice {{ number }} were due on {{ due }} and have not reached us yet."
            " Please pay here: {{ link }}\n\nIf your payment is on its way, thank you."
        ),
        DOCUMENT,
    ),
    "reminder_restrict": _text(
        _("Reminder before mail is restricted"),
        _("Invoice {{ number }}: outgoing mail stops in 3 days"),
        _(
            "{{ open }} of invoice {{ number }} are still open. Outgoing mail of your services"
            " stops in 3 days where it can be stopped alone, and they are suspended a week later."
            "\n\nPlease pay here: {{ link }}"
        ),
        DOCUMENT,
    ),
    "reminder_final": _text(
        _("Final notice"),
        _("Final notice: invoice {{ number }}"),
        _(
            "{{ open }} of invoice {{ number }} are still open. Unless they are paid, your services"
            " and all mail in them will be deleted. Please pay here: {{ link }}"
        ),
        DOCUMENT,
    ),
    "service_restricted": _text(
        _("Outgoing mail restricted"),
        _("Outgoing mail of {{ service }} is stopped"),
        _(
            "because {{ open }} of invoice {{ number }} are open, {{ service }} sends no mail until"
            " they are paid. Incoming mail still arrives. Please pay here: {{ link }}"
        ),
        DOCUMENT | SERVICE,
    ),
    "service_suspended": _text(
        _("Service suspended"),
        _("{{ service }} is suspended"),
        _(
            "because {{ open }} of invoice {{ number }} are open, {{ service }} is suspended. It is"
            " released as soon as they are paid: {{ link }}"
        ),
        DOCUMENT | SERVICE,
    ),
    "service_released": _text(
        _("Service released"),
        _("{{ service }} works again"),
        _("thank you for your payment. {{ service }} is released and works again in a moment."),
        SERVICE,
    ),
    "usage_80": _text(
        _("80 % used"),
        _("{{ service }}: {{ percent }} % of {{ limit }} {{ what }} are used"),
        _(
            "{{ service }} uses {{ used }} of {{ limit }} {{ what }}."
            " You can get more here: {{ link }}"
        ),
        SERVICE
        | {"what": "mailboxes", "used": "8", "limit": "10", "percent": "80", "link": "https://…"},
    ),
    "usage_100": _text(
        _("All used"),
        _("{{ service }}: all {{ limit }} {{ what }} are used"),
        _(
            "{{ service }} uses {{ used }} of {{ limit }} {{ what }}."
            " You can get more here: {{ link }}"
        ),
        SERVICE
        | {"what": "mailboxes", "used": "10", "limit": "10", "percent": "100", "link": "https://…"},
    ),
    "tranche_begun": _text(
        _("New disk tranche"),
        _("{{ service }}: {{ billed }} GB of disk space are billed from now on"),
        _(
            "{{ service }} now uses {{ used }} GB. Disk space is billed in tranches, and tranche"
            " {{ tranche }} has begun: should it stay so, the next invoice bills {{ billed }} GB."
            "\n\nSee what takes the space: {{ link }}"
        ),
        SERVICE | {"tranche": "3", "used": "21.00", "billed": "30", "link": "https://…"},
    ),
    "command_failed": _text(
        _("Command needs attention (to staff)"),
        _("{{ action }} of {{ service }} needs attention"),
        _("{{ action }} of {{ service }} ({{ customer }}): {{ detail }}\n\n{{ link }}"),
        SERVICE | {"action": "Create", "detail": "The server refused.", "link": "https://…"},
    ),
}
