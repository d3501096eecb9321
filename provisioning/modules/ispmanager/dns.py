"""What a customer's DNS should hold for a mail domain on this panel."""

from __future__ import annotations

from provisioning.contract import (
    DkimExpectation,
    DkimState,
    DmarcExpectation,
    DnsExpectations,
    ModuleError,
    MxHost,
    SpfExpectation,
)
from provisioning.modules.ispmanager.dkim import IspDkim
from provisioning.modules.ispmanager.scope import Scope
from provisioning.modules.ispmanager.settings import setting


def dns_expectations(scope: Scope) -> DnsExpectations:
    """Alive while the panel is not: then only the DKIM part is left blank."""
    settings = scope.account.settings
    return DnsExpectations(
        domain=scope.domain,
        mx=(MxHost(host=mail_host(scope)),),
        spf=SpfExpectation(
            primary=str(setting(settings, "spf_primary")).strip(),
            secondary=_mechanisms(str(setting(settings, "spf_secondary"))),
        ),
        dkim=_dkim(scope),
        dmarc=DmarcExpectation(
            checked=bool(setting(settings, "check_dmarc")),
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
        key = IspDkim(scope).read()
    except ModuleError:
        return DkimExpectation()
    return DkimExpectation(
        state=DkimState(key.state), selector=key.selector, public_key=key.public_key
    )
