"""What a customer's DNS should hold for a domain on this platform."""

from __future__ import annotations

from provisioning.contract import (
    DkimExpectation,
    DkimState,
    DmarcExpectation,
    DnsExpectations,
    DnsRecord,
    ModuleError,
    MxHost,
    RecordType,
    SpfExpectation,
)
from provisioning.modules.polarismail import wire
from provisioning.modules.polarismail.dkim import PolarisMailDkim
from provisioning.modules.polarismail.scope import Scope
from provisioning.modules.polarismail.settings import setting


def dns_expectations(scope: Scope) -> DnsExpectations:
    """Alive while the platform is not: then only the DKIM part is left blank."""
    return DnsExpectations(
        domain=scope.domain,
        mx=tuple(MxHost(host=host, priority=priority) for host, priority in wire.OWN_MX),
        spf=SpfExpectation(primary=wire.SPF_INCLUDE),
        dkim=_dkim(scope),
        dmarc=DmarcExpectation(checked=bool(setting(scope.account.settings, "check_dmarc"))),
        extra=(*_verification(scope), *_names()),
    )


def _verification(scope: Scope) -> tuple[DnsRecord, ...]:
    kept = scope.data.get("verification") or {}
    if scope.verified or not kept.get("value") or kept.get("expired"):
        return ()
    record = DnsRecord(
        type=RecordType.TXT,
        name=str(kept.get("host") or wire.VERIFICATION_HOST),
        value=str(kept["value"]),
        purpose="Proves that the domain is yours; without it no mailbox can be made.",
    )
    return (record,)


def _names() -> tuple[DnsRecord, ...]:
    webmail = DnsRecord(
        type=RecordType.CNAME, name="webmail", value=wire.WEBMAIL_TARGET, purpose="Webmail"
    )
    clients = (
        DnsRecord(
            type=RecordType.CNAME,
            name=name,
            value=host,
            optional=True,
            purpose="A server name of your own for mail programs",
        )
        for name, host in wire.CLIENT_HOSTS.items()
    )
    return (webmail, *clients)


def _dkim(scope: Scope) -> DkimExpectation:
    try:
        key = PolarisMailDkim(scope).read()
    except ModuleError:
        return DkimExpectation()
    return DkimExpectation(
        state=DkimState(key.state), selector=key.selector, public_key=key.public_key
    )
