"""What the platform has on domains, mailboxes, aliases, lists and forwards: always read fresh."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from provisioning.contract import TemporaryError
from provisioning.modules.polarismail import loose, units, wire
from provisioning.modules.polarismail.answers import Answer, Refusal
from provisioning.modules.polarismail.client import Client
from provisioning.modules.polarismail.transport import words_of

_PAGE = 500
Row = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class DomainRow:
    id: str
    name: str
    active: bool | None


@dataclass(frozen=True, kw_only=True)
class MailboxRow:
    """Sizes in MB, None when they were not told. `raw_usage` is what the platform said."""

    local: str
    name: str
    type: str
    quota: Decimal | None
    usage: Decimal | None
    raw_usage: str
    disabled: bool
    last_login: datetime | None

    def base(self, choice: str) -> int:
        return units.base_of(self.quota or Decimal(0), choice)

    def quota_gb(self, choice: str) -> Decimal | None:
        return None if self.quota is None else units.gb_of(self.quota, self.base(choice))

    def usage_gb(self, choice: str) -> Decimal | None:
        return None if self.usage is None else units.gb_of(self.usage, self.base(choice))


def domains(client: Client) -> dict[str, DomainRow]:
    """By name. A refusal counts as an empty account only where its own figures say so."""
    answer = client.ask("domains")
    if answer.refused and loose.whole(stats(client).get("domains")) != 0:
        raise Refusal(words_of(answer, {}))
    return domain_rows(answer)


def domain_rows(answer: Answer) -> dict[str, DomainRow]:
    found = {}
    for row in loose.rows(answer.data):
        facts = wire.facts("domain", row)
        if name := loose.name(facts["name"]):
            found[name] = DomainRow(
                id=loose.text(facts["id"]), name=name, active=loose.truth(facts["active"])
            )
    return found


def stats(client: Client) -> dict[str, Any]:
    data = client.call("stats").data
    return wire.facts("stats", data) if isinstance(data, Mapping) else {}


def domain_info(client: Client, domain: str) -> dict[str, Any]:
    data = client.call("domain_info", domain=domain).data
    if not isinstance(data, Mapping):
        raise TemporaryError(f"The answer on {domain} is not readable.")
    return wire.facts("domain_info", data)


def mailboxes(client: Client, domain: str) -> list[MailboxRow]:
    """All of them, page by page, however many the platform gives at a time."""
    found: dict[str, MailboxRow] = {}
    while True:
        answer = client.ask("mailboxes", domain=domain, offset=str(len(found)), limit=str(_PAGE))
        before = len(found)
        page = _rows(client, domain, "mailboxes", answer, expected=before)
        for row in page:
            box = mailbox_row(row)
            if box.local:
                found.setdefault(box.local, box)
        total = _total(answer)
        # Without a total only a page without news is known to be the last one: a short page may
        # be all that the server gives at a time.
        if len(found) == before or (total is not None and len(found) >= total):
            return list(found.values())


def mailbox(client: Client, domain: str, local: str) -> MailboxRow | None:
    """One mailbox by its own call; by the list where that tells too little or is refused."""
    answer = client.ask("mailbox", local=local, domain=domain)
    if not answer.refused and isinstance(answer.data, Mapping):
        row = mailbox_row(answer.data)
        if row.local == local and row.quota is not None and row.type:
            return row
    return next((row for row in mailboxes(client, domain) if row.local == local), None)


def mailbox_row(row: Row) -> MailboxRow:
    facts = wire.facts("mailbox", row)
    code = loose.text(facts["type"])
    return MailboxRow(
        local=loose.name(facts["local"]).partition("@")[0],
        name=loose.text(facts["name"]),
        type=next((ours for ours, theirs in wire.TYPES.items() if theirs == code), ""),
        quota=loose.figure(facts["quota"]),
        usage=loose.figure(facts["usage"]),
        raw_usage="" if facts["usage"] is None else str(facts["usage"])[:100],
        disabled=bool(loose.truth(facts["disabled"])),
        last_login=loose.moment(facts["last_login"]),
    )


def aliases(client: Client, domain: str) -> dict[str, str]:
    """Full target address by local name."""
    answer = client.ask("aliases", domain=domain)
    pairs = [wire.facts("alias", row) for row in _rows(client, domain, "aliases", answer)]
    named = ((loose.name(pair["local"]), loose.name(pair["target"])) for pair in pairs)
    return {local.partition("@")[0]: _full(to, domain) for local, to in named if local and to}


def lists(client: Client, domain: str) -> list[str]:
    """Local names."""
    answer = client.ask("lists", domain=domain)
    found = [wire.facts("list", row) for row in _rows(client, domain, "lists", answer)]
    names = (loose.name(each["local"]).partition("@")[0] for each in found)
    return [name for name in names if name]


def members(client: Client, domain: str, local: str) -> list[str]:
    answer = client.call("members", local=local, domain=domain)
    found = (wire.facts("member", row)["address"] for row in loose.rows(answer.data))
    return [_full(loose.name(address), domain) for address in found if loose.name(address)]


def forwards(client: Client, domain: str) -> dict[str, tuple[str, ...]]:
    """Targets by local name, of all mailboxes in one call."""
    answer = client.call("all_forwards", domain=domain)
    found: dict[str, list[str]] = {}
    for row in loose.rows(answer.data):
        facts = wire.facts("forward", row)
        local, target = loose.name(facts["local"]), loose.name(facts["target"])
        if local and target:
            found.setdefault(local.partition("@")[0], []).append(_full(target, domain))
    return {local: tuple(dict.fromkeys(targets)) for local, targets in found.items()}


def domain_aliases(client: Client, domain: str) -> list[str]:
    answer = client.call("domain_aliases", domain=domain)
    found = (wire.facts("domain_alias", row)["name"] for row in loose.rows(answer.data))
    return [loose.name(name) for name in found if loose.name(name)]


def _rows(
    client: Client, domain: str, what: str, answer: Answer, *, expected: int = 0
) -> list[Row]:
    """An empty list may come as a refusal: it is one when the domain's own figures count no more
    than the `expected` rows.
    """
    if not answer.refused:
        return loose.rows(answer.data)
    if loose.whole(domain_info(client, domain).get(what)) != expected:
        raise Refusal(words_of(answer, {}))
    return []


def _total(answer: Answer) -> int | None:
    meta = answer.body.get(wire.META)
    return loose.whole(meta.get(wire.TOTAL)) if isinstance(meta, Mapping) else None


def _full(target: str, domain: str) -> str:
    return target if "@" in target else f"{target}@{domain}"
