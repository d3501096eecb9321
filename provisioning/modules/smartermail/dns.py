"""What a customer's DNS should hold for a domain on this server."""

from __future__ import annotations

from provisioning.contract import (
    AutodiscoverExpectation,
    DkimExpectation,
    DkimState,
    DmarcExpectation,
    DnsExpectations,
    ModuleError,
    MxHost,
    SpfExpectation,
)
from provisioning.modules.smartermail.dkim import SmarterMailDkim
from provisioning.modules.smartermail.scope import Scope
from provisioning.modules.smartermail.settings import setting


def dns_expectations(scope: Scope) -> DnsExpectations:
    """Alive while the server is not: then only the DKIM part is left blank."""
    settings = scope.account.settings
    host = mail_host(scope)
    return DnsExpectations(
        domain=scope.domain,
        mx=(MxHost(host=host),),
        spf=SpfExpectation(
            primary=str(setting(settings, "spf_primary")).strip(),
            secondary=_mechanisms(str(setting(settings, "spf_secondary"))),
        ),
        dkim=_dkim(scope),
        autodiscover=AutodiscoverExpectation(
            host=str(setting(settings, "autodiscover_host")).strip() or host,
            srv_target=str(setting(settings, "autodiscover_srv")).strip() or host,
        ),
        dmarc=DmarcExpectation(
            checked=bool(setting(settings, "check_dmarc")),
            policy=str(setting(settings, "dmarc_policy")),
            rua=str(setting(settings, "dmarc_rua")).strip(),
        ),
    )


def mail_host(scope: Scope) -> str:
    link = scope.client.link
    return str(link.settings.get("mail_host") or "").strip() or link.hostname


def _mechanisms(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _dkim(scope: Scope) -> DkimExpectation:
    try:
        key = SmarterMailDkim(scope).read()
    except ModuleError:
        return DkimExpectation()
    return DkimExpectation(
        state=DkimState(key.state), selector=key.selector, public_key=key.public_key
    )
