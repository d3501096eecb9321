"""What a service's page shows besides its directory: the proof that is missing, what was bought."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from provisioning.contract import Account, DnsRecord, Fact, Proof, RecordType
from provisioning.modules.polarismail import plan, units, wire


def facts(account: Account) -> tuple[Fact, ...]:
    return tuple(_bought(account))


def proof(account: Account) -> Proof | None:
    kept = account.data.get("verification") or {}
    if account.data.get("verified") or not kept.get("value"):
        return None
    deadline = kept.get("deadline")
    return Proof(
        record=DnsRecord(
            type=RecordType.TXT, name=str(kept.get("host") or ""), value=str(kept["value"])
        ),
        deadline=datetime.fromisoformat(str(deadline)) if deadline else None,
        expired=bool(kept.get("expired")),
    )


def first_steps(account: Account) -> tuple[str, ...]:
    kept = account.data.get("verification") or {}
    if account.data.get("verified"):
        return (
            _("Set the records of the DNS guide, so that mail for your domain arrives here."),
            _("Make your mailboxes."),
        )
    if kept.get("expired"):
        return (_("The proof of ownership came too late. Have the set-up started again."),)
    if not kept.get("value"):
        return ()
    facts = {"host": kept.get("host"), "value": kept["value"], "domain": account.domain}
    record = gettext(
        "Add the TXT record %(host)s with the value %(value)s to the DNS of %(domain)s."
    )
    return (
        " ".join((record % facts, *_before(kept))),
        _("Wait until the record is seen; mailboxes can be made from then on."),
    )


def _bought(account: Account) -> Iterator[Fact]:
    bought = plan.lenient(account.options)
    yield Fact(label=_("Basic mailboxes"), value=str(bought.counts[wire.BASIC]))
    yield Fact(label=_("Enhanced mailboxes"), value=str(bought.counts[wire.ENHANCED]))
    yield Fact(label=_("Size of each mailbox"), value=units.shown_gb(bought.quota_gb))
    yield Fact(label=_("Aliases"), value=str(bought.aliases))
    yield Fact(label=_("Distribution lists"), value=str(bought.lists))


def _before(kept: dict[str, str]) -> tuple[str, ...]:
    if not kept.get("deadline"):
        return ()
    told = gettext("It has to be there before %(moment)s.")
    return (told % {"moment": _shown(kept["deadline"])},)


def _shown(moment: str) -> str:
    return f"{moment[:16].replace('T', ' ')} UTC"
