"""The feature matrix, platform by capability, made of what the modules declare."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from provisioning.contract import AliasTarget, Capability, Module, State
from provisioning.contract.metering import Metric

LABELS: Mapping[Capability, str] = {
    Capability.SUSPEND: "Suspend and release",
    Capability.RESTRICT: "Stop outgoing mail alone",
    Capability.TERMINATE: "Terminate",
    Capability.CHANGE_PACKAGE: "Change package",
    Capability.CHANGE_PASSWORD: "Change the account's password",
    Capability.INVENTORY: "List and import existing accounts",
    Capability.STAFF_LOGIN: "Sign-on for staff, into an account",
    Capability.SERVER_LOGIN: "Sign-on for staff, into the server",
    Capability.CUSTOMER_LOGIN: "Sign-on for customers, as administrator",
    Capability.MAILBOX_LOGIN: "Sign-on for customers, into a mailbox",
    Capability.USAGE: "Usage is read",
    Capability.FEATURES: "Billable switches of a mailbox",
    Capability.MAILBOXES: "Mailboxes",
    Capability.MAILBOX_QUOTA: "Size limit of a mailbox",
    Capability.FORWARDS: "Forwarding of a mailbox",
    Capability.ALIASES: "Aliases",
    Capability.LISTS: "Lists",
    Capability.DOMAIN_ALIASES: "Domain aliases",
    Capability.GROUPS: "Groups of mailboxes",
    Capability.RESTORE: "Bringing back what was deleted",
    Capability.DKIM: "Switching mail signing (DKIM)",
    Capability.MAIL_SETTINGS: "Settings of a domain or a mailbox",
    Capability.DNS_GUIDE: "DNS guide",
}
TARGETS = {AliasTarget.ADDRESSES: "any addresses", AliasTarget.MAILBOX: "one mailbox"}
GB = 1024**3
YES, NO = "yes", "–"

INTRODUCTION = """# Features by platform

This page is made of what each module declares: `python manage.py feature_matrix` writes it, and a
test fails while it is out of date. The client area and the administration show a page or a button
only where it says "yes".
"""


def page(modules: Iterable[type[Module]]) -> str:
    kinds = list(modules)
    rows: Iterator[tuple[str, list[str]]] = (
        (label, [YES if capability in kind.capabilities else NO for kind in kinds])
        for capability, label in LABELS.items()
    )
    facts = ((label, [tell(kind) or NO for kind in kinds]) for label, tell in FACTS.items())
    heads = [kind.label for kind in kinds]
    return "\n".join(
        (INTRODUCTION, _table("Capability", heads, rows), "## What differs", "",
         _table("Fact", heads, facts))
    )  # fmt: skip


def _table(corner: str, heads: list[str], rows: Iterable[tuple[str, list[str]]]) -> str:
    lines = [(corner, *heads), ("---",) * (len(heads) + 1)]
    lines += [(label, *cells) for label, cells in rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _alias_target(kind: type[Module]) -> str:
    return TARGETS[kind.alias_target] if Capability.ALIASES in kind.capabilities else ""


def _lists(kind: type[Module]) -> str:
    return kind.list_plural.lower() if Capability.LISTS in kind.capabilities else ""


def _groups(kind: type[Module]) -> str:
    return kind.group_plural.lower() if Capability.GROUPS in kind.capabilities else ""


def _sizes(kind: type[Module]) -> str:
    if Capability.MAILBOX_QUOTA not in kind.capabilities:
        return ""
    steps = ", ".join(str(step // GB) for step in kind.quota_steps)
    return f"{steps} GB" if steps else "any"


def _metrics(kind: type[Module]) -> str:
    names: tuple[Metric, ...] = kind.metrics
    return ", ".join(metric.label for metric in names)


def _settings(kind: type[Module], *, of_mailbox: bool) -> str:
    pages = (page.label for page in kind.settings_pages if page.of_mailbox == of_mailbox)
    return ", ".join(pages).lower().capitalize()


def _after_terminate(kind: type[Module]) -> str:
    kept = kind.after_terminate - {State.MISSING}
    return "it may stay, suspended" if kept else "it is gone"


FACTS: Mapping[str, Callable[[type[Module]], str]] = {
    "What is measured": _metrics,
    "Billable switches": lambda kind: ", ".join(each.label for each in kind.features),
    "Options that a product must have": lambda kind: ", ".join(kind.required_options),
    "Options it understands besides": lambda kind: ", ".join(
        code for code in kind.known_options if code not in kind.required_options
    ),
    "Sizes of a mailbox": _sizes,
    "An alias leads to": _alias_target,
    "Lists are called": _lists,
    "Groups are called": _groups,
    "Settings of the domain": lambda kind: _settings(kind, of_mailbox=False),
    "Settings of a mailbox": lambda kind: _settings(kind, of_mailbox=True),
    "A terminated account": _after_terminate,
}
