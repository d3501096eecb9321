"""What a service's page shows besides its directory: the proof that is missing, what was bought."""

from __future__ import annotations

from collections.abc import Iterator

from provisioning.contract import Account, Fact
from provisioning.modules.polarismail import plan, units, wire


def facts(account: Account) -> tuple[Fact, ...]:
    return (*_proof(account), *_bought(account))


def first_steps(account: Account) -> tuple[str, ...]:
    kept = account.data.get("verification") or {}
    if account.data.get("verified"):
        return (
            "Set the records of the DNS guide, so that mail for your domain arrives here.",
            "Make your mailboxes.",
        )
    if kept.get("expired"):
        return ("The proof of ownership came too late. Have the set-up started again.",)
    if not kept.get("value"):
        return ()
    record = f"{kept.get('host')} with the value {kept['value']}"
    return (
        f"Add the TXT record {record} to the DNS of {account.domain}{_before(kept)}.",
        "Wait until the record is seen; mailboxes can be made from then on.",
    )


def _proof(account: Account) -> Iterator[Fact]:
    kept = account.data.get("verification") or {}
    if not kept.get("value"):
        return
    if kept.get("expired"):
        yield Fact(label="Ownership of the domain", value="Not proven in time")
        return
    yield Fact(label="Name of the TXT record", value=str(kept.get("host")))
    yield Fact(label="Value of the TXT record", value=str(kept["value"]))
    if kept.get("deadline"):
        yield Fact(label="To be there before", value=_shown(str(kept["deadline"])))


def _bought(account: Account) -> Iterator[Fact]:
    bought = plan.lenient(account.options)
    yield Fact(label="Basic mailboxes", value=str(bought.counts[wire.BASIC]))
    yield Fact(label="Enhanced mailboxes", value=str(bought.counts[wire.ENHANCED]))
    yield Fact(label="Size of each mailbox", value=units.shown_gb(bought.quota_gb))
    yield Fact(label="Aliases", value=str(bought.aliases))
    yield Fact(label="Distribution lists", value=str(bought.lists))


def _before(kept: dict[str, str]) -> str:
    return f" before {_shown(kept['deadline'])}" if kept.get("deadline") else ""


def _shown(moment: str) -> str:
    return f"{moment[:16].replace('T', ' ')} UTC"
